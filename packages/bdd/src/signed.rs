//! Requests that a service signs: a state machine has no secret, so who computes for it sends them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use verify::{Client, Exchange};

/// Whether a payload asks for a request.
pub fn is_call(payload: &Value) -> bool {
    payload.get("call").is_some()
}

/// Signs the request of a payload and sends it, to this deployment and to nobody else.
///
/// # Errors
///
/// What is wrong with the payload, or that no answer came.
pub async fn send(payload: &Value, client: &Client, secret: &[u8; 32]) -> Result<Exchange, String> {
    let call = &payload["call"];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let endpoint = call["ApiEndpoint"].as_str().unwrap_or_default();
    // A signature holds for whoever has it.
    let path = endpoint.strip_prefix(client.base()).filter(|path| path.starts_with('/'));
    let mut path = path.ok_or_else(|| format!("{endpoint:?} is not below {}", client.base()))?.to_owned();
    let pairs: Vec<(&String, String)> =
        call["QueryParameters"].as_object().into_iter().flatten().map(|(name, value)| (name, text(value))).collect();
    if !pairs.is_empty() {
        path = format!("{path}?{}", serde_urlencoded::to_string(pairs).map_err(|error| error.to_string())?);
    }
    let mut request = Request::builder().method(call["Method"].as_str().unwrap_or_default()).uri(path);
    for (name, value) in call["Headers"].as_object().into_iter().flatten() {
        request = request.header(name, text(value));
    }
    let body = call.get("RequestBody").map(Value::to_string).unwrap_or_default();
    let mut request = request.body(Bytes::from(body)).map_err(|error| error.to_string())?;
    let service = payload["as"].as_str().unwrap_or_default();
    operation::sign(&mut request, secret, service, verify::now_micros());
    client.send(request).await.map_err(|unreachable| unreachable.to_string())
}

/// An answer as an HTTP task gives it.
pub fn answer(response: &Response<Bytes>) -> Value {
    let mut headers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in response.headers() {
        headers.entry(name.as_str()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let body = response.body();
    let body: Value =
        serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into());
    json!({ "StatusCode": response.status().as_u16(), "Headers": headers, "ResponseBody": body })
}
