//! An event of API Gateway (or a function URL, or a load balancer) as the pipeline's request, and the answer back.

use std::sync::Arc;

use http::{HeaderValue, Request, Response};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use operation::{CLIENT_ADDRESS, Hosted, empty, full};

/// Answers one event. The pipeline never fails, so neither does this.
pub async fn answer(
    service: Arc<dyn Hosted>,
    event: lambda_http::Request,
) -> Result<Response<Body>, std::convert::Infallible> {
    let client = client_address(&event);
    let path = event.raw_http_path().to_owned();
    let (mut head, body) = event.into_parts();
    // The event's URI carries the gateway's own host; the pipeline wants the path as the caller wrote it.
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{path}{query}").parse() {
        head.uri = uri;
    }
    head.headers.remove(CLIENT_ADDRESS);
    if let Some(client) = client.and_then(|client| HeaderValue::from_str(&client).ok()) {
        head.headers.insert(CLIENT_ADDRESS, client);
    }
    let body = match body {
        Body::Text(text) => full(text),
        Body::Binary(bytes) => full(bytes),
        _ => empty(),
    };
    let response = service.call(Request::from_parts(head, body)).await;
    Ok(response.map(|bytes| match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(binary) => Body::Binary(binary.into_bytes()),
    }))
}

/// The caller's address as the gateway saw it: from the event's request context, which a caller cannot write, or the last
/// one in `X-Forwarded-For`, which is the one that a load balancer adds.
fn client_address(event: &lambda_http::Request) -> Option<String> {
    match event.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.clone(),
        RequestContext::ApiGatewayV1(context) => context.identity.source_ip.clone(),
        RequestContext::Alb(_) => {
            let forwarded = event.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
            forwarded.rsplit(',').next().map(|address| address.trim().to_owned())
        }
        _ => None,
    }
}
