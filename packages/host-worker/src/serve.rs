//! One fetch event: the runtime's request into the pipeline.
//!
//! A call into the runtime costs as much as a good part of the pipeline, so a head crosses in one text, and a short body
//! in one piece.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use operation::{BoxError, Endpoint};
use worker::js_sys::Uint8Array;
use worker::send::{SendFuture, SendWrapper};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys;

use crate::{read_head, respond};

/// A body up to this length is taken in one piece, and read to its end whatever becomes of the request.
const SHORT: u64 = 256 * 1024;

/// What is said to a request that cannot be read; no pipeline has seen it, so there is no request id.
const UNREADABLE: &str =
    r#"{"error":{"message":"The request line cannot be read.","code":"VALIDATION_ERROR","details":{"issues":[]}}}"#;

#[wasm_bindgen(module = "/src/crossing.js")]
extern "C" {
    #[wasm_bindgen(js_name = headOf)]
    fn head_text(request: &web_sys::Request) -> String;
}

/// The head of a fetch event, or what is said to one that cannot be read.
#[allow(clippy::result_large_err, reason = "made at most once a request")]
pub fn head_of(request: &web_sys::Request) -> Result<Request<()>, Response<Bytes>> {
    let text = head_text(request);
    let mut lines = text.split('\n');
    let (method, url) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    read_head(method, url, lines.filter_map(|field| field.split_once(':'))).map_err(|_| {
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
    request: &web_sys::Request,
    endpoint: &dyn Endpoint,
) -> worker::Result<web_sys::Response> {
    let declared = head.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let source = match declared {
        // Its own method of this name would copy the request and not the handle.
        Some(1..=SHORT) => Source::Short(SendWrapper::new(Clone::clone(request))),
        _ => match request.body() {
            Some(stream) => Source::Stream(worker::Body::new(stream)),
            None => return respond(endpoint.call(head.map(|()| operation::empty())).await),
        },
    };
    let received = Received { source: Arc::new(Mutex::new(source)), declared };
    let rest = received.clone();
    let answer = endpoint.call(head.map(|()| received.boxed_unsync())).await;
    rest.read_out().await;
    respond(answer)
}

/// A request body that knows the length it was declared with, so that one over the limit is refused unread.
#[derive(Clone)]
struct Received {
    source: Arc<Mutex<Source>>,
    declared: Option<u64>,
}

/// Where a body comes from.
enum Source {
    Short(SendWrapper<web_sys::Request>),
    Coming(SendFuture<JsFuture>),
    Stream(worker::Body),
    Ended,
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let broken = |error: JsValue| BoxError::from(worker::Error::from(error).to_string());
        loop {
            match self {
                Self::Short(request) => match request.array_buffer() {
                    Ok(promise) => *self = Self::Coming(SendFuture::new(JsFuture::from(promise))),
                    Err(error) => {
                        *self = Self::Ended;
                        return Poll::Ready(Some(Err(broken(error))));
                    }
                },
                Self::Coming(buffer) => {
                    let buffer = ready!(Pin::new(buffer).poll(context));
                    *self = Self::Ended;
                    let frame = buffer.map(|buffer| Frame::data(Uint8Array::new(&buffer).to_vec().into()));
                    return Poll::Ready(Some(frame.map_err(broken)));
                }
                Self::Stream(stream) => {
                    let polled = http_body::Body::poll_frame(Pin::new(stream), context);
                    return polled
                        .map(|frame| frame.map(|result| result.map_err(|error| BoxError::from(error.to_string()))));
                }
                Self::Ended => return Poll::Ready(None),
            }
        }
    }
}

impl Received {
    /// Reads what was left unread. The runtime would close the connection without saying so, and the caller's next
    /// request on it would find no answer; of a body that is longer than this, that is the cheaper end.
    async fn read_out(mut self) {
        let mut left = if self.declared.is_some_and(|declared| declared > SHORT) { 0 } else { SHORT };
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
        self.source.lock().unwrap_or_else(PoisonError::into_inner).poll(context)
    }

    fn is_end_stream(&self) -> bool {
        match &*self.source.lock().unwrap_or_else(PoisonError::into_inner) {
            Source::Ended => true,
            Source::Stream(stream) => stream.is_end_stream(),
            Source::Short(_) | Source::Coming(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.declared.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
