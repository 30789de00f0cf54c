//! A request on its way to another service.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use serde::Serialize;

use crate::Route;

/// A request of one route, put together part by part. What cannot be said over HTTP is told when it is sent.
#[derive(Debug)]
pub struct Outgoing {
    pub(crate) route: &'static Route,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    fault: Option<String>,
}

impl Outgoing {
    /// A request without parameters and without a body.
    pub fn new(route: &'static Route) -> Self {
        Self {
            route,
            path: route.path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            fault: None,
        }
    }

    /// Puts a word into the path. An empty one, `.` and `..` would lead to another path and are not sent.
    pub fn path(mut self, name: &str, word: &str) -> Self {
        if matches!(word, "" | "." | "..") {
            self.fault = Some(format!("{name} is {word:?}, which no path can hold"));
        }
        self.path = self.path.replace(&format!("{{{name}}}"), &escaped(word));
        self
    }

    /// Adds a parameter to the query, if there is a value.
    pub fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let mark = if self.query.is_empty() { '?' } else { '&' };
            let _ = write!(self.query, "{mark}{}={}", escaped(name), escaped(&value.to_string()));
        }
        self
    }

    /// Adds a header field, if there is a value.
    pub fn header(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            match HeaderValue::try_from(value.to_string()) {
                Ok(value) => drop(self.headers.insert(HeaderName::from_static(name), value)),
                Err(_) => self.fault = Some(format!("{name} holds what no header field can")),
            }
        }
        self
    }

    /// With this body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = body.into(),
            Err(error) => self.fault = Some(format!("the body cannot be written: {error}")),
        }
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// The request to a service whose origin is `origin`. Fails with what cannot be said.
    pub(crate) fn request(self, origin: &str, request_id: &str) -> Result<Request<Bytes>, String> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let request = Request::builder()
            .method(&self.route.method)
            .uri(format!("{origin}{}{}", self.path, self.query))
            .header("x-request-id", request_id)
            .body(self.body);
        let mut request = request.map_err(|error| error.to_string())?;
        request.headers_mut().extend(self.headers);
        Ok(request)
    }
}

/// A word with everything escaped that has a meaning of its own in a URI (RFC 3986, section 2.3).
fn escaped(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    for byte in word.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            other => drop(write!(text, "%{other:02X}")),
        }
    }
    text
}
