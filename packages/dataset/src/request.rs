//! The request of a step, with all its references resolved.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::{Map, Value};

use crate::published::{Operation, Published};
use crate::scope::{Scope, Unresolved, plain};
use crate::step::{Body, Credentials, Step};
use crate::yaml::{Key, Node};

/// What is sent, before it becomes bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// By name.
    pub path: Map<String, Value>,
    /// By name; a list is sent as several.
    pub query: Map<String, Value>,
    /// By name.
    pub headers: Map<String, Value>,
    /// As JSON, or the fields of a form.
    pub body: Option<Value>,
}

/// Resolves everything that a step sends, and applies its changes.
///
/// # Errors
///
/// A reference that means nothing, or a change of what is not there.
pub fn rendered(step: &Step, scope: &Scope<'_>) -> Result<Rendered, Unresolved> {
    let mapping = |fields: &[(Key, Node)]| -> Result<Map<String, Value>, Unresolved> {
        fields.iter().map(|(key, value)| Ok((key.text.clone(), scope.value(value)?))).collect()
    };
    let body = match &step.send.body {
        Body::None => None,
        Body::Json(node) | Body::Form(node) | Body::Raw(node) => Some(scope.value(node)?),
    };
    let mut whole = Map::new();
    whole.insert("path".to_owned(), mapping(&step.send.path)?.into());
    whole.insert("query".to_owned(), mapping(&step.send.query)?.into());
    whole.insert("headers".to_owned(), mapping(&step.send.headers)?.into());
    if let Some(body) = body {
        whole.insert("body".to_owned(), body);
    }
    let mut whole = Value::Object(whole);
    for (pointer, value) in &step.send.changes {
        let value = value.as_ref().map(|value| scope.value(value)).transpose()?;
        change(&mut whole, pointer, value)?;
    }
    let mut part = |name: &str| match whole.get_mut(name).map(Value::take) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let (path, query, headers) = (part("path"), part("query"), part("headers"));
    Ok(Rendered { path, query, headers, body: whole.get_mut("body").map(Value::take) })
}

/// The request of a step.
///
/// # Errors
///
/// A reference that means nothing, an operation that is not there, or what no request can hold.
pub fn of(step: &Step, published: &Published, scope: &Scope<'_>) -> Result<http::Request<Bytes>, Unresolved> {
    let refuse = |what: String| Unresolved { line: step.place.line, what };
    let operation = published
        .operation(&step.service, &step.operation)
        .ok_or_else(|| refuse(format!("there is no operation {} of {}", step.operation, step.service)))?;
    let rendered = rendered(step, scope)?;
    let method = step.send.method.as_deref().unwrap_or(&operation.method);
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| refuse(format!("{method} is no method")))?;
    let mut request = http::Request::builder().method(method).uri(uri(operation, &rendered).map_err(refuse)?);
    let (media, bytes) = content(&step.send.body, rendered.body.as_ref()).map_err(refuse)?;
    if let Some(media) = media
        && !rendered.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"))
    {
        request = request.header(header::CONTENT_TYPE, media);
    }
    for (name, value) in &rendered.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| refuse(format!("{name} is no header field")))?;
        let value = HeaderValue::try_from(plain(value)).map_err(|_| refuse(format!("{name} holds no header value")))?;
        request = request.header(name, value);
    }
    let authorized = request.headers_ref().is_some_and(|headers| headers.contains_key(header::AUTHORIZATION));
    request = match step.credentials {
        Credentials::Token if !authorized => {
            let token = scope.saved.get(&format!("tokens.{}", step.actor)).and_then(Value::as_str);
            let token = token.ok_or_else(|| {
                refuse(format!(
                    "{0} has no token: save tokens.{0} where they log in, or write credentials: none",
                    step.actor
                ))
            })?;
            request.header(header::AUTHORIZATION, format!("Bearer {token}"))
        }
        Credentials::Broken if !authorized => request.header(header::AUTHORIZATION, "Bearer nobody.issued.this"),
        _ => request,
    };
    request.body(bytes).map_err(|error| refuse(error.to_string()))
}

/// Path and query, encoded.
fn uri(operation: &Operation, rendered: &Rendered) -> Result<String, String> {
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = rendered
            .path
            .get(name)
            .ok_or_else(|| format!("{} needs {name} in its path: add path: {{ {name}: … }}", operation.id))?;
        path.push_str(before);
        path.push_str(&encoded(&plain(value)));
        rest = after;
    }
    path.push_str(rest);
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for (name, value) in &rendered.query {
        match value {
            Value::Array(values) => pairs.extend(values.iter().map(|value| (name.as_str(), plain(value)))),
            value => pairs.push((name, plain(value))),
        }
    }
    if !pairs.is_empty() {
        path.push('?');
        path.push_str(&serde_urlencoded::to_string(&pairs).map_err(|error| error.to_string())?);
    }
    Ok(path)
}

/// A word of a path: everything but unreserved characters percent-encoded.
fn encoded(word: &str) -> String {
    let mut encoded = String::new();
    for byte in word.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The media type and the bytes of a body.
fn content(body: &Body, value: Option<&Value>) -> Result<(Option<&'static str>, Bytes), String> {
    const JSON: Option<&str> = Some("application/json");
    match (body, value) {
        (Body::None, None) | (_, None) => Ok((None, Bytes::new())),
        (Body::Json(_) | Body::None, Some(value)) => Ok((JSON, value.to_string().into())),
        (Body::Raw(_), Some(value)) => Ok((JSON, plain(value).into())),
        (Body::Form(_), Some(value)) => {
            let fields: Vec<(&str, String)> =
                value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), plain(value))).collect();
            let text = serde_urlencoded::to_string(fields).map_err(|error| error.to_string())?;
            Ok((Some("application/x-www-form-urlencoded"), text.into()))
        }
    }
}

/// Sets what a pointer names, or takes it away.
fn change(whole: &mut Value, pointer: &Key, value: Option<Value>) -> Result<(), Unresolved> {
    let refuse = |what: String| Unresolved { line: pointer.line, what };
    if pointer.text == "/body" {
        if let Value::Object(parts) = whole {
            match value {
                Some(value) => parts.insert("body".to_owned(), value),
                None => parts.remove("body"),
            };
        }
        return Ok(());
    }
    let (parent, name) =
        pointer.text.rsplit_once('/').ok_or_else(|| refuse(format!("{} is no pointer", pointer.text)))?;
    let name = name.replace("~1", "/").replace("~0", "~");
    match (whole.pointer_mut(parent), value) {
        (Some(Value::Object(object)), Some(value)) => {
            object.insert(name, value);
        }
        (Some(Value::Object(object)), None) => {
            object.remove(&name).ok_or_else(|| refuse(format!("{} takes away what is not there", pointer.text)))?;
        }
        (Some(Value::Array(items)), value) => {
            let length = items.len();
            let index = if name == "-" { length } else { name.parse().unwrap_or(usize::MAX) };
            match (items.get_mut(index), value) {
                (Some(item), Some(value)) => *item = value,
                (Some(_), None) => {
                    items.remove(index);
                }
                (None, Some(value)) if index == length => items.push(value),
                _ => return Err(refuse(format!("{} names no item", pointer.text))),
            }
        }
        _ => {
            let known = "begin with /body, /path, /query or /headers, and name what is there";
            return Err(refuse(format!("{parent} is nothing that could be changed: {known}")));
        }
    }
    Ok(())
}
