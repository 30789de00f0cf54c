//! Asks a deployment politely: one request at a time, as slowly as it wants, until somebody says stop.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use tokio::sync::watch;

use crate::client::{Client, Exchange, Unreachable};
use crate::flows::now;
use crate::renewal::Renewals;

/// How requests are sent.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// The shortest time between two requests.
    pub pause: Duration,
    /// How long a deployment that says 429 is waited for, before what was to be asked is left out.
    pub patience: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self { pause: Duration::ZERO, patience: Duration::from_secs(60) }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Halt {
    /// Somebody said stop.
    Stopped,
    /// The deployment wants to be asked later than we are willing to wait.
    Limited(Duration),
    /// The connection broke, or nobody listens.
    Silent(Unreachable),
}

/// A client that minds its manners.
pub struct Asking {
    /// The deployment.
    pub client: Client,
    pub(crate) renewals: Renewals,
    /// Whether any answer came.
    pub(crate) answered: bool,
    manners: Manners,
    stop: watch::Receiver<bool>,
}

impl Asking {
    /// It stops when `stop` becomes true.
    pub fn new(client: Client, manners: Manners, stop: watch::Receiver<bool>) -> Self {
        Self { client, renewals: Renewals::default(), answered: false, manners, stop }
    }

    /// Whether somebody said stop.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Sends a request. An answer 429 is taken as a request to wait, and the request is sent again; so it is when its
    /// sender's token has expired and another one was given.
    pub async fn ask(&mut self, request: &Request<Bytes>) -> Result<Exchange, Halt> {
        let exchange = self.patiently(&self.renewals.current(request)).await?;
        if exchange.response.status() != StatusCode::UNAUTHORIZED {
            return Ok(exchange);
        }
        let Some(log_in) = self.renewals.log_in(request, now() / 1000) else { return Ok(exchange) };
        let answer = self.patiently(&log_in).await?.response;
        self.renewals.renew(request, &answer);
        self.patiently(&self.renewals.current(request)).await
    }

    async fn patiently(&mut self, request: &Request<Bytes>) -> Result<Exchange, Halt> {
        const MOST_TRIES: u32 = 6;
        let mut waited = Duration::ZERO;
        for attempt in 0..MOST_TRIES {
            if !self.manners.pause.is_zero() {
                self.wait(self.manners.pause).await?;
            }
            let exchange = self.once(request).await?;
            if exchange.response.status() != StatusCode::TOO_MANY_REQUESTS {
                return Ok(exchange);
            }
            let wanted = retry_after(exchange.response.headers()).unwrap_or(Duration::from_secs(1 << attempt));
            waited = waited.saturating_add(wanted);
            if waited > self.manners.patience {
                return Err(Halt::Limited(wanted));
            }
            self.wait(wanted).await?;
        }
        Err(Halt::Limited(waited))
    }

    /// Sends a request once, whatever the answer: for whoever expects 429.
    pub async fn once(&mut self, request: &Request<Bytes>) -> Result<Exchange, Halt> {
        if self.is_stopped() {
            return Err(Halt::Stopped);
        }
        let stopped = stopped(self.stop.clone());
        let exchange = tokio::select! {
            sent = self.client.send(request.clone()) => sent.map_err(Halt::Silent)?,
            () = stopped => return Err(Halt::Stopped),
        };
        self.answered = true;
        Ok(exchange)
    }

    /// Waits, unless somebody says stop.
    pub(crate) async fn wait(&mut self, time: Duration) -> Result<(), Halt> {
        let stopped = stopped(self.stop.clone());
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = stopped => Err(Halt::Stopped),
        }
    }
}

/// Ends when somebody says stop, and never if nobody can any more.
async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// How long the answer asks to be left alone: seconds, or a time (RFC 9110, section 10.2.3).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc2822).ok()?;
    Some((at - time::OffsetDateTime::now_utc()).try_into().unwrap_or(Duration::ZERO))
}
