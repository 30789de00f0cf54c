//! A request passed on to another origin, and its answer passed back: bodies as streams, never held.

use std::time::Duration;

use futures_util::future::{Either, select};
use http::header::{self, HeaderName};
use http::{HeaderMap, Request};
use worker::wasm_bindgen::JsCast;
use worker::{AbortController, Delay, Fetch, Headers, ResponseBody, web_sys};

use crate::Unanswered;
use crate::head::{CLIENT_ADDRESS, is_hop_by_hop};

/// Asks `base_url`, an origin without a slash at the end, for what was asked here. The answer must begin within
/// `allowed`; what it is like is the caller's to read. Redirects are answers.
///
/// # Errors
///
/// Nothing answered, or not in time. The request may have taken effect.
pub async fn forward(
    head: &Request<()>,
    request: &web_sys::Request,
    base_url: &str,
    allowed: Duration,
) -> Result<worker::Response, Unanswered> {
    let passed = to_pass_on(head, request, base_url)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetching = Fetch::Request(passed.into());
    let fetching = std::pin::pin!(fetching.send_with_signal(&signal));
    match select(fetching, Delay::from(allowed)).await {
        Either::Left((Ok(answer), _)) => to_pass_back(answer).map_err(|error| Unanswered::Broken(error.to_string())),
        Either::Left((Err(error), _)) => Err(Unanswered::Broken(error.to_string())),
        Either::Right(_) => {
            controller.abort();
            Err(Unanswered::TimedOut(allowed))
        }
    }
}

fn to_pass_on(head: &Request<()>, request: &web_sys::Request, base_url: &str) -> Result<web_sys::Request, Unanswered> {
    let unsayable = |error| Unanswered::Unsayable(worker::Error::from(error).to_string());
    let target = format!("{base_url}{}", head.uri());
    // A request is good as what another begins with: its method and its body, which keeps its length.
    let passed = web_sys::Request::new_with_str_and_init(&target, request.unchecked_ref()).map_err(unsayable)?;
    let fields = passed.headers();
    let gone = head.headers().keys().filter(|name| is_hop_by_hop(name, head.headers()));
    for name in gone.chain([&header::HOST, &CLIENT_ADDRESS]) {
        fields.delete(name.as_str()).map_err(unsayable)?;
    }
    if let Some(address) = head.headers().get(CLIENT_ADDRESS).and_then(|address| address.to_str().ok()) {
        fields.set(FORWARDED_FOR, address).map_err(unsayable)?;
    }
    Ok(passed)
}

const FORWARDED_FOR: &str = "x-forwarded-for";

fn to_pass_back(answer: worker::Response) -> worker::Result<worker::Response> {
    let status = answer.status_code();
    if !(200..600).contains(&status) {
        return Err(format!("the runtime passes no status of {status} back").into());
    }
    let mut known = HeaderMap::new();
    for (name, value) in answer.headers().entries() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), value.parse()) {
            known.append(name, value);
        }
    }
    let headers = Headers::new();
    for (name, value) in known.iter().filter(|(name, _)| !is_hop_by_hop(name, &known)) {
        headers.append(name.as_str(), std::str::from_utf8(value.as_bytes())?)?;
    }
    let (builder, body) = answer.into_parts();
    // The runtime refuses a body, even an empty one, under these.
    let body = if matches!(status, 204 | 205 | 304) { ResponseBody::Empty } else { body };
    Ok(builder.with_headers(headers).body(body))
}
