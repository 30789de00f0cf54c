//! What is below `/_mock`: what the document has, its channels, and a new beginning.
//!
//! - `GET /_mock`: the operations and channels of the document.
//! - `POST /_mock/reset`: messages are forgotten, and generated values begin anew.
//! - `GET /_mock/channels/NAME`: the messages of a channel since then, the oldest first: `{"message", "headers",
//!   "payload"}`. A channel with parameters is addressed with their values: `lights/7/measured`.
//! - `POST /_mock/channels/NAME` takes such a message as a client that publishes it: 202, or 400 with every issue. Without
//!   `message`, the first of the channel's messages that accepts it is meant.
//! - `POST /_mock/emit/NAME?count=3&message=TURN`: the mock sends messages, examples first, and answers with them.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use document::Channel;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use super::channels;
use super::refusal::Refusal;
use super::{Foreign, other_method};

/// The most messages that one call emits.
const MOST_EMITTED: usize = 100;

impl Foreign {
    pub(super) fn control(&self, method: &Method, rest: &str, query: &str, body: &Bytes) -> Response<Bytes> {
        let (place, name) = rest.trim_start_matches('/').split_once('/').unwrap_or((rest.trim_matches('/'), ""));
        let name = document::decoded(name).into_owned();
        let answer = match (place, name.as_str(), method.as_str()) {
            ("", "", "GET" | "HEAD") => Ok(answer(StatusCode::OK, &self.contents())),
            ("reset", "", "POST") => {
                self.reset();
                Ok(nothing())
            }
            ("channels", "", "GET" | "HEAD") => {
                let all: Vec<Value> = self.api.channels.iter().map(channels::describe).collect();
                Ok(answer(StatusCode::OK, &json!({ "data": all })))
            }
            ("channels", name, "GET" | "HEAD") => self.channel(name).map(|channel| {
                let messages = self.log.of(name);
                let mut told = channels::describe(channel);
                if let Some(told) = told.as_object_mut() {
                    told.insert("messages".to_owned(), Value::Array(messages));
                }
                answer(StatusCode::OK, &json!({ "data": told }))
            }),
            ("channels", name, "POST") if !name.is_empty() => {
                self.channel(name).and_then(|channel| self.post(channel, name, body))
            }
            ("emit", name, "POST") if !name.is_empty() => {
                self.channel(name).and_then(|channel| self.emit(channel, name, query))
            }
            ("", "", _) => return other_method(method, &[Method::GET, Method::HEAD], &http::HeaderMap::new()),
            ("reset" | "emit", ..) => return other_method(method, &[Method::POST], &http::HeaderMap::new()),
            ("channels", ..) => {
                return other_method(method, &[Method::GET, Method::HEAD, Method::POST], &http::HeaderMap::new());
            }
            _ => {
                let what = "here are /_mock, /_mock/reset, /_mock/channels/NAME and /_mock/emit/NAME";
                Err(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", what))
            }
        };
        answer.unwrap_or_else(|refusal| refusal.answer(None))
    }

    /// A new seed for the next value.
    pub(super) fn next_seed(&self) -> u64 {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        self.seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(number)
    }

    fn reset(&self) {
        self.made.store(0, Ordering::Relaxed);
        self.log.clear();
    }

    fn contents(&self) -> Value {
        let operations = self.api.operations.iter().map(|operation| {
            json!({ "id": operation.id, "method": operation.method.as_str(), "path": operation.template.as_str() })
        });
        json!({ "data": {
            "title": self.api.title,
            "version": self.api.version,
            "kind": self.api.document.kind().to_string(),
            "operations": operations.collect::<Vec<_>>(),
            "channels": self.api.channels.iter().map(channels::describe).collect::<Vec<_>>(),
        } })
    }

    fn channel(&self, name: &str) -> Result<&Channel, Refusal> {
        channels::find(&self.api, name).ok_or_else(|| {
            let what = format!("the document has no channel `{name}`; GET /_mock/channels lists what it has");
            Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", what)
        })
    }

    fn post(&self, channel: &Channel, name: &str, body: &[u8]) -> Result<Response<Bytes>, Refusal> {
        let invalid = |what: String| Refusal::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", what);
        let message: Value =
            serde_json::from_slice(body).map_err(|error| invalid(format!("the message is not JSON: {error}")))?;
        let shape =
            r#"a message looks like {"message": "Name", "headers": {}, "payload": {}}; only `payload` must be there"#;
        let payload = message.get("payload").ok_or_else(|| invalid(shape.to_owned()))?;
        let (headers, wanted) = (message.get("headers"), message.get("message").and_then(Value::as_str));
        match channels::accepted(channels::taken(channel), wanted, headers, payload) {
            Ok(found) => {
                let written = channels::written(&found.name, headers, payload);
                self.log.add(name, written.clone());
                Ok(answer(StatusCode::ACCEPTED, &json!({ "data": written })))
            }
            Err((None, _)) => {
                let names: Vec<&str> = channels::taken(channel).iter().map(|message| message.name.as_str()).collect();
                Err(invalid(format!("the channel has no such message; it has {}", names.join(", "))))
            }
            Err((Some(nearest), issues)) => {
                let what = format!("it is no `{}`: {} issues", nearest.name, issues.len());
                Err(invalid(what).with_issues(&issues))
            }
        }
    }

    fn emit(&self, channel: &Channel, name: &str, query: &str) -> Result<Response<Bytes>, Refusal> {
        let invalid = |what: String| Refusal::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", what);
        let of = |key: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| document::decoded(value).into_owned())
        };
        let count = match of("count").map(|count| count.parse::<usize>()) {
            None => 1,
            Some(Ok(count @ 1..=MOST_EMITTED)) => count,
            Some(_) => return Err(invalid(format!("`count` is a number from 1 to {MOST_EMITTED}"))),
        };
        let wanted = of("message");
        let all: Vec<_> = channels::emitted(channel)
            .iter()
            .filter(|message| wanted.as_ref().is_none_or(|wanted| message.name == *wanted))
            .collect();
        if all.is_empty() {
            let names: Vec<&str> = channels::emitted(channel).iter().map(|message| message.name.as_str()).collect();
            return Err(invalid(format!("the channel has no such message; it has {}", names.join(", "))));
        }
        let mut sent = Vec::new();
        for (number, message) in all.iter().cycle().take(count).enumerate() {
            let seed = if number < all.len() { 0 } else { self.next_seed() };
            let Some((headers, payload)) = message.generate(seed) else {
                let what = format!("no value was found that `{}` accepts", message.name);
                return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NO_EXAMPLE", what));
            };
            sent.push(channels::written(&message.name, headers.as_ref(), &payload));
        }
        sent.iter().for_each(|message| self.log.add(name, message.clone()));
        Ok(answer(StatusCode::OK, &json!({ "data": sent })))
    }
}

fn answer(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(value.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn nothing() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}
