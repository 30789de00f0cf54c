//! Tokens that expire while a deployment is still asked: whoever logged in for one logs in again.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::Value;

/// How tokens were come by, by the token that was given first.
#[derive(Debug, Default)]
pub(crate) struct Renewals(HashMap<String, Renewal>);

#[derive(Debug)]
struct Renewal {
    log_in: Request<Bytes>,
    /// Where the answer to it has the token, as a JSON pointer.
    pointer: String,
    /// The token by now; `None` when nobody gets another one.
    current: Option<String>,
}

impl Renewals {
    /// This token was answered to `log_in`, at `pointer`.
    pub fn add(&mut self, token: &str, log_in: Request<Bytes>, pointer: &str) {
        let renewal = Renewal { log_in, pointer: pointer.to_owned(), current: Some(token.to_owned()) };
        self.0.insert(token.to_owned(), renewal);
    }

    /// The request with the token that its sender has by now.
    pub fn current(&self, request: &Request<Bytes>) -> Request<Bytes> {
        let mut request = request.clone();
        let current = bearer(&request).and_then(|token| self.0.get(token)?.current.as_ref());
        if let Some(mut value) = current.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request
    }

    /// The log-in of who sent the request, if the token they have by now has expired at `now` (seconds since 1970).
    pub fn log_in(&self, request: &Request<Bytes>, now: i64) -> Option<Request<Bytes>> {
        let renewal = self.0.get(bearer(request)?)?;
        let expired = renewal.current.as_deref().and_then(expiry).is_some_and(|expiry| expiry <= now);
        expired.then(|| renewal.log_in.clone())
    }

    /// Takes the answer to a log-in of who sent the request. Whoever is not let in is not asked for again.
    pub fn renew(&mut self, request: &Request<Bytes>, answer: &Response<Bytes>) {
        let Some(renewal) = bearer(request).and_then(|token| self.0.get_mut(token)) else { return };
        let body: Option<Value> = serde_json::from_slice(answer.body()).ok().filter(|_| answer.status().is_success());
        renewal.current = body.and_then(|body| Some(body.pointer(&renewal.pointer)?.as_str()?.to_owned()));
    }
}

fn bearer(request: &Request<Bytes>) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// When a token says that it expires (RFC 7519, section 4.1.4), in seconds since 1970.
fn expiry(token: &str) -> Option<i64> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Value>(&claims).ok()?.get("exp")?.as_i64()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use http::StatusCode;
    use operation::{Body, BoxFuture, Endpoint};
    use tokio::sync::watch;

    use super::*;
    use crate::asking::{Asking, Manners};
    use crate::client::Client;

    fn token(number: u32, expiry: i64) -> String {
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{expiry},"jti":{number}}}"#));
        format!("header.{claims}.signature")
    }

    /// Lets in whoever has the token of the last log-in, and logs in whoever asks for it, as often as it may.
    struct Door {
        log_ins: AtomicU32,
        most: u32,
    }

    impl Endpoint for Door {
        fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
            let last = self.log_ins.load(Ordering::Relaxed);
            let given = request.headers().get(header::AUTHORIZATION).cloned();
            let (status, body) = match request.uri().path() {
                "/login" if last >= self.most => (StatusCode::UNAUTHORIZED, String::new()),
                "/login" => {
                    self.log_ins.store(last + 1, Ordering::Relaxed);
                    (StatusCode::OK, format!(r#"{{"token":"{}"}}"#, token(last + 1, i64::MAX)))
                }
                _ if last > 0 && given.is_some_and(|given| given == format!("Bearer {}", token(last, i64::MAX))) => {
                    (StatusCode::OK, String::new())
                }
                _ => (StatusCode::UNAUTHORIZED, String::new()),
            };
            Box::pin(async move { Response::builder().status(status).body(body.into()).unwrap() })
        }
    }

    async fn statuses(most: u32, expiry: i64) -> (Vec<u16>, u32) {
        let door = Arc::new(Door { log_ins: AtomicU32::new(0), most });
        let mut asking = Asking::new(Client::of(door.clone()), Manners::default(), watch::channel(false).1);
        let first = token(0, expiry);
        asking.renewals.add(&first, Request::post("/login").body(Bytes::new()).unwrap(), "/token");
        let with =
            |token: &str| Request::get("/").header("authorization", format!("Bearer {token}")).body(Bytes::new());
        let mut statuses = Vec::new();
        for token in [first.as_str(), first.as_str(), "of.somebody.else"] {
            statuses.push(asking.ask(&with(token).unwrap()).await.unwrap().response.status().as_u16());
        }
        (statuses, door.log_ins.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn whoever_has_an_expired_token_logs_in_again_once() {
        assert_eq!(statuses(9, 1).await, (vec![200, 200, 401], 1));
    }

    #[tokio::test]
    async fn whoever_is_kept_out_with_a_good_token_or_at_the_door_stays_out() {
        assert_eq!(statuses(9, i64::MAX).await, (vec![401, 401, 401], 0));
        assert_eq!(statuses(0, 1).await, (vec![401, 401, 401], 0));
    }
}
