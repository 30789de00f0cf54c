//! One HTTP exchange over the runtime's `fetch`, in `http` types.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{self, HeaderName, HeaderValue};
use http::{Request, Response};
use operation::BoxError;
use worker::js_sys::Uint8Array;
use worker::send::SendFuture;
use worker::{AbortController, AbortSignal, Delay, Fetch, Headers, Method, RequestInit, RequestRedirect};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The request cannot be said in the runtime's words; nothing was sent.
    #[error("the request cannot be sent: {0}")]
    Unsayable(String),
    /// The connection failed or broke off.
    #[error("the exchange failed: {0}")]
    Broken(String),
    /// No answer within the time allowed.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
}

/// Sends a request and reads the whole answer. Dropping the future, or running out of time, ends the exchange.
pub(crate) async fn exchange(
    request: Request<Bytes>,
    allowed: Option<Duration>,
) -> Result<Response<Bytes>, Unanswered> {
    let request = to_runtime(request).map_err(|error| Unanswered::Unsayable(error.to_string()))?;
    let guard = Guard(Some(AbortController::default()));
    let answer = std::pin::pin!(answer(request, guard.signal()));
    let Some(allowed) = allowed else { return answer.await };

    match select(answer, Delay::from(allowed)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Unanswered::TimedOut(allowed)),
    }
}

async fn answer(request: worker::Request, signal: AbortSignal) -> Result<Response<Bytes>, Unanswered> {
    let broken = |error: worker::Error| Unanswered::Broken(error.to_string());
    let mut answer = Fetch::Request(request).send_with_signal(&signal).await.map_err(broken)?;
    let body = answer.bytes().await.map_err(broken)?;

    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status_code()).map_err(|error| Unanswered::Broken(error.to_string()))?;
    for (name, value) in answer.headers().entries() {
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), value) {
            response.headers_mut().append(name, value);
        }
    }
    // The runtime has undone an encoding; the two fields that describe it would lie about these bytes.
    if response.headers_mut().remove(header::CONTENT_ENCODING).is_some() {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    Ok(response)
}

fn to_runtime(request: Request<Bytes>) -> worker::Result<worker::Request> {
    let (head, body) = request.into_parts();
    let headers = Headers::new();
    for (name, value) in &head.headers {
        // Both come from the URL and the body; saying them twice can only disagree.
        if name != header::HOST && name != header::CONTENT_LENGTH {
            headers.append(name.as_str(), std::str::from_utf8(value.as_bytes())?)?;
        }
    }
    // Without this the runtime asks for compression, and the checksums of AWS are over what was sent.
    if !head.headers.contains_key(header::ACCEPT_ENCODING) {
        headers.set(header::ACCEPT_ENCODING.as_str(), "identity")?;
    }
    let mut init = RequestInit::new();
    // A signature is good for one URL: whoever sent the request decides about redirects.
    init.with_method(Method::from(head.method.to_string()))
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual);
    if !body.is_empty() {
        init.with_body(Some(Uint8Array::from(body.as_ref()).into()));
    }
    worker::Request::new_with_init(&head.uri.to_string(), &init)
}

/// Ends the exchange when it goes out of scope; after the answer was read that does nothing.
struct Guard(Option<AbortController>);

impl Guard {
    fn signal(&self) -> AbortSignal {
        self.0.as_ref().map(AbortController::signal).unwrap_or_else(AbortSignal::abort)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}

/// Calls other services over `fetch`, and waits as long as it takes.
#[derive(Debug, Clone, Copy)]
pub struct FetchTransport;

#[async_trait]
impl operation::Transport for FetchTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        SendFuture::new(exchange(request, None)).await.map_err(Into::into)
    }
}
