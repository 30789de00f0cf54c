//! An event of API Gateway (or a function URL, or a load balancer) as the pipeline's request, and the answer back.

use std::future::ready;
use std::pin::Pin;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloud::Platform;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::tower::ServiceExt;
use lambda_http::{Body, Context, IntoResponse, LambdaEvent, RequestExt, service_fn};
use operation::{CLIENT_ADDRESS, Hosted, empty, full, refuse};
use serde_json::Value;
use service_errors::{Error, Kind};

use crate::Fault;
use crate::function::tell;
use crate::target::Target;

const EXPECTED: &str = "one of API Gateway, a function URL or a load balancer";
/// What Lambda takes as an answer, and what a load balancer takes from Lambda, less what the form of an answer adds to
/// its body.
const MOST_BYTES: usize = 5_900_000;
const MOST_BYTES_OF_A_BALANCER: usize = 900_000;
/// More values of header fields than any gateway passes on; the types of the runtime end the program on some more.
const MOST_FIELDS: usize = 1_000;

/// Answers one event with the operation of this id, and refuses what belongs to another; or with `None` what belongs to
/// none. So a function does what its role is for, whatever is routed to it.
pub(crate) async fn answer(
    platform: &Platform,
    service: &dyn Hosted,
    operation: Option<&str>,
    mut event: Value,
) -> Result<Value, Fault> {
    let unusable = |why: serde_json::Error| Fault::Event { expected: EXPECTED, why: why.to_string() };
    if let Some(why) = unreadable(&event) {
        return Err(Fault::Event { expected: EXPECTED, why: why.to_owned() });
    }
    let most_bytes = match event["requestContext"]["elb"] {
        Value::Null => MOST_BYTES,
        _ => MOST_BYTES_OF_A_BALANCER,
    };
    let asked = Asked::take(&mut event);
    let payload: LambdaRequest = serde_json::from_value(event).map_err(unusable)?;
    let handle = |request: lambda_http::Request| async {
        let refusing = |kind: Kind| refuse(&Error::new(kind), request.headers(), platform.environment);
        let of_another =
            |uri: &Uri| service.finds(request.method(), uri.path()).is_some_and(|found| operation != Some(found.id));
        let response = match &asked.uri {
            Ok(uri) if of_another(uri) => refusing(Kind::NotFound),
            Ok(uri) => {
                let headers = request.headers().clone();
                let response = call(service, request, uri, asked.host.as_deref()).await;
                match written(response.body()) {
                    bytes if bytes > most_bytes => too_large(platform, uri, &headers, &response, bytes),
                    _ => response,
                }
            }
            Err(kind) => refusing(*kind),
        };
        Ok::<_, std::convert::Infallible>(Answer(one_line_each(response).map(body)))
    };
    let adapter = lambda_http::Adapter::from(service_fn(handle));
    let Ok(answer) = adapter.oneshot(LambdaEvent::new(payload, Context::default())).await;
    serde_json::to_value(answer).map_err(unusable)
}

/// What stands for an answer of so many bytes, which its caller would not take; the log says which one it was.
fn too_large(
    platform: &Platform,
    uri: &Uri,
    headers: &HeaderMap,
    response: &Response<Bytes>,
    bytes: usize,
) -> Response<Bytes> {
    let error = Error::internal(format!("an answer of {bytes} bytes is more than its caller takes"));
    tell(platform, &format!("{} {}: {}", asked_id(response), uri.path(), error.chain()));
    refuse(&error, headers, platform.environment)
}

/// Why an event is none that can be answered, where the types of the runtime would make something of it, or end.
fn unreadable(event: &Value) -> Option<&'static str> {
    if event.get("requestContext").is_none_or(Value::is_null) {
        return Some("it has no requestContext");
    }
    let method = event.pointer("/requestContext/http/method").or_else(|| event.get("httpMethod"));
    if method.is_some_and(|method| method.as_str().is_none_or(|method| Method::from_bytes(method.as_bytes()).is_err()))
    {
        return Some("its method is none");
    }
    let values = |name: &str| {
        let fields = event.get(name).and_then(Value::as_object).into_iter().flatten();
        fields.map(|(_, value)| value.as_array().map_or(1, Vec::len)).sum::<usize>()
    };
    let cookies = event.get("cookies").and_then(Value::as_array).map_or(0, Vec::len);
    let several = values("headers") + values("multiValueHeaders") + cookies > MOST_FIELDS;
    several.then_some("it has more header fields than any gateway lets through")
}

/// What anybody can write into an event, and the types of the runtime would end the program on: it never reaches them.
struct Asked {
    /// Where the request goes; or what its caller is refused with.
    uri: Result<Uri, Kind>,
    /// The host that the caller asked for.
    host: Option<String>,
}

impl Asked {
    fn take(event: &mut Value) -> Self {
        let mut uri = Target::take(event).uri();
        if event["isBase64Encoded"] == true && event["body"].as_str().is_some_and(|body| STANDARD.decode(body).is_err())
        {
            event["body"] = Value::Null;
            event["isBase64Encoded"] = false.into();
            uri = Err(Kind::InvalidJson);
        }
        Self { uri, host: hosts(event) }
    }
}

/// Takes the names of hosts out, and gives the first. Of a field with several values, which stand apart, the last one
/// that stands for all is taken out as well.
fn hosts(event: &mut Value) -> Option<String> {
    let mut host = None;
    let several = event.get("multiValueHeaders").and_then(Value::as_object);
    let several: Vec<String> = several.into_iter().flat_map(|fields| fields.keys().cloned()).collect();
    for pointer in ["/multiValueHeaders", "/headers"] {
        let Some(fields) = event.pointer_mut(pointer).and_then(Value::as_object_mut) else { continue };
        if pointer == "/headers" {
            fields.retain(|name, _| !several.iter().any(|known| known.eq_ignore_ascii_case(name)));
        }
        let names: Vec<String> = fields.keys().filter(|name| name.eq_ignore_ascii_case("host")).cloned().collect();
        for name in names {
            let value = fields.remove(&name).unwrap_or_default();
            host = host.or_else(|| value.as_str().or_else(|| value.get(0)?.as_str()).map(str::to_owned));
        }
    }
    let domain = event.pointer_mut("/requestContext/domainName").map(Value::take);
    host.or_else(|| domain?.as_str().map(str::to_owned))
}

/// The pipeline's answer.
async fn call(service: &dyn Hosted, event: lambda_http::Request, uri: &Uri, host: Option<&str>) -> Response<Bytes> {
    let client = client_address(&event);
    let (mut head, body) = event.into_parts();
    head.uri = uri.clone();
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(host).ok()) {
        head.headers.insert(header::HOST, host);
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
    service.call(Request::from_parts(head, body)).await
}

/// How many bytes a body takes as a text of JSON.
fn written(body: &[u8]) -> usize {
    match std::str::from_utf8(body) {
        Ok(text) => {
            let more = text.bytes().map(|byte| match byte {
                b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
                0..0x20 => 5,
                _ => 0,
            });
            body.len() + more.sum::<usize>()
        }
        Err(_) => body.len().div_ceil(3) * 4,
    }
}

/// The id under which the lines of a request are found.
fn asked_id(response: &Response<Bytes>) -> &str {
    response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// An answer that is sent as it is: text as text and everything else in base64, whatever its header fields say. The types
/// of the runtime take a body without a media type for text, and lose what is none.
struct Answer(Response<Body>);

impl IntoResponse for Answer {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(ready(self.0))
    }
}

fn body(bytes: Bytes) -> Body {
    match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(binary) => Body::Binary(binary.into_bytes()),
    }
}

/// Joins fields of one name (RFC 9110, 5.3), because most forms of an answer have room for one value; cookies have
/// room of their own.
fn one_line_each(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers();
    let several = |name: &&HeaderName| **name != header::SET_COOKIE && headers.get_all(*name).iter().count() > 1;
    let several: Vec<HeaderName> = headers.keys().filter(several).cloned().collect();
    for name in several {
        if let Some(joined) = joined(response.headers(), &name) {
            response.headers_mut().insert(name, joined);
        }
    }
    response
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&values.join(&b", "[..])).ok()
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
