//! How long another service may take to answer: a limit from the configuration, kept by a transport that gives up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response};
use operation::{BoxError, Sleep, Transport};

/// The time a call may take. Whoever reads the configuration sets it, and it holds for every call of the process.
#[derive(Debug)]
pub struct TimeLimit(AtomicU64);

/// Holds until the configuration was read, which itself takes a call.
const FIRST: Duration = Duration::from_secs(5);

impl Default for TimeLimit {
    fn default() -> Self {
        Self(AtomicU64::new(millis(FIRST)))
    }
}

impl TimeLimit {
    /// From now on calls may take that long.
    pub fn set(&self, limit: Duration) {
        self.0.store(millis(limit), Ordering::Relaxed);
    }

    /// How long a call may take.
    pub fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A transport whose calls end in time, with an answer or with [`TimedOut`].
pub struct Limited {
    transport: Arc<dyn Transport>,
    sleep: Sleep,
    limit: Arc<TimeLimit>,
}

/// Nothing came in the time allowed. Whether the request took effect is not known.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
pub struct TimedOut(pub Duration);

impl Limited {
    /// Calls over `transport` that take no longer than `limit`, by the host's timer.
    pub fn new(transport: Arc<dyn Transport>, sleep: Sleep, limit: Arc<TimeLimit>) -> Self {
        Self { transport, sleep, limit }
    }
}

#[async_trait]
impl Transport for Limited {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let allowed = self.limit.get();
        match select(self.transport.send(request), (self.sleep)(allowed)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(TimedOut(allowed).into()),
        }
    }
}
