//! One fetch event: the runtime's request into the pipeline, the pipeline's answer back.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use operation::{BoxError, Endpoint};
use worker::{Headers, ResponseBuilder};

use crate::read_head;

/// What is said to a request that cannot be read; no pipeline has seen it, so there is no request id.
const UNREADABLE: &str =
    r#"{"error":{"message":"The request line cannot be read.","code":"VALIDATION_ERROR","details":{"issues":[]}}}"#;

/// The head of a fetch event, or what is said to one that cannot be read.
#[allow(clippy::result_large_err, reason = "made at most once a request")]
pub fn head_of(request: &worker::Request) -> Result<Request<()>, Response<Bytes>> {
    let raw = request.inner();
    read_head(&raw.method(), &raw.url(), request.headers().entries()).map_err(|_| {
        let mut refusal = Response::new(Bytes::from_static(UNREADABLE.as_bytes()));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        refusal.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        refusal
    })
}

/// Answers one fetch event, whose head was read.
///
/// # Errors
///
/// The runtime does not take the answer.
pub async fn serve(
    head: Request<()>,
    request: &worker::Request,
    endpoint: &dyn Endpoint,
) -> worker::Result<worker::Response> {
    let declared = head.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(stream) = request.inner().body() else {
        return respond(endpoint.call(head.map(|()| operation::empty())).await);
    };
    let received = Received { stream: Arc::new(Mutex::new(worker::Body::new(stream))), declared };
    let rest = received.clone();
    let answer = endpoint.call(head.map(|()| received.boxed_unsync())).await;
    rest.read_out().await;
    respond(answer)
}

/// Gives an answer to the runtime.
///
/// # Errors
///
/// The runtime does not take it.
pub fn respond(answer: Response<Bytes>) -> worker::Result<worker::Response> {
    let (head, body) = answer.into_parts();
    let headers = Headers::new();
    for (name, value) in &head.headers {
        // The runtime counts for itself.
        if name != header::CONTENT_LENGTH {
            headers.append(name.as_str(), std::str::from_utf8(value.as_bytes())?)?;
        }
    }
    let builder = ResponseBuilder::new().with_status(head.status.as_u16()).with_headers(headers);
    // The runtime refuses a body, even an empty one, under these two.
    if matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return Ok(builder.empty());
    }
    Ok(builder.fixed(body.into()))
}

/// A request body that knows the length it was declared with, so that one over the limit is refused unread.
#[derive(Clone)]
struct Received {
    stream: Arc<Mutex<worker::Body>>,
    declared: Option<u64>,
}

impl Received {
    /// Reads what was left unread. The runtime would close the connection without saying so, and the caller's next
    /// request on it would find no answer; of a body that is longer than this, that is the cheaper end.
    async fn read_out(mut self) {
        const MOST: u64 = 256 * 1024;
        let mut left = if self.declared.is_some_and(|declared| declared > MOST) { 0 } else { MOST };
        while left > 0 && !http_body::Body::is_end_stream(&self) {
            let Some(Ok(frame)) = self.frame().await else { return };
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
    }
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let polled = Pin::new(&mut *stream).poll_frame(context);
        polled.map(|frame| frame.map(|result| result.map_err(|error| BoxError::from(error.to_string()))))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.declared.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
