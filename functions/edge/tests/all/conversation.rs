//! What one caller asks one host, written down so that two hosts can be compared.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::Value;

use crate::world::Host;

/// Header fields that say how an answer travelled, not what it is. The connection between a gateway or an edge and its
/// caller is theirs; a function and a Worker do not even see it.
const TRAVEL: [&str; 5] = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/// Header fields whose value cannot be the same, and what stands for it: where a caller stands in a window of the clock
/// when the answer is given.
const MOVING: [&str; 2] = ["x-ratelimit-remaining", "x-ratelimit-reset"];

/// Members of a body that are made up anew each time: ids, and what an id is signed into. Each value gets a
/// name in order of appearance, so that an id given back is seen to be the one given out.
const IDS: [&str; 5] = ["bookingId", "nextCursor", "quoteId", "quoteToken", "shipperId"];

/// Members that say when something happened.
const TIMES: [&str; 3] = ["at", "createdAt", "expiresAt"];

/// One caller's questions to one host, and the answers.
pub struct Conversation<'a, H> {
    host: &'a H,
    lines: Vec<(String, String)>,
    /// What stands for a generated value.
    names: BTreeMap<String, String>,
    ids: usize,
}

impl<'a, H: Host> Conversation<'a, H> {
    pub fn with(host: &'a H) -> Self {
        Self { host, lines: Vec::new(), names: BTreeMap::new(), ids: 0 }
    }

    /// Asks and writes down; the answer's body is also given back.
    pub async fn ask(&mut self, what: &str, request: Request<Bytes>) -> Value {
        let given = request.headers().get("x-request-id").cloned();
        let answer = ask(self.host, request).await;
        assert_ne!(answer.status(), 500, "{} to {what}", self.host.name());
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        self.name_generated(&body);
        let mut text = format!("{}\n", answer.status());
        let mut fields = fields(answer.headers());
        let id = fields.get_mut("x-request-id").expect("a request id");
        if given.is_none_or(|given| given != id.as_str()) {
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
            "(made)".clone_into(id);
        }
        for (name, value) in fields {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push_str(&String::from_utf8_lossy(answer.body()));
        for (value, name) in &self.names {
            text = text.replace(value, name);
        }
        self.lines.push((what.to_owned(), text));
        body
    }

    /// What was said, question by question.
    pub fn lines(self) -> Vec<(String, String)> {
        self.lines
    }

    fn name_generated(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let known_as = match name.as_str() {
                        id if IDS.contains(&id) => format!("({id} {})", self.ids),
                        time if TIMES.contains(&time) => "(time)".to_owned(),
                        _ => {
                            self.name_generated(member);
                            continue;
                        }
                    };
                    if let Some(text) = member.as_str()
                        && !self.names.contains_key(text)
                    {
                        self.ids += usize::from(known_as != "(time)");
                        self.names.insert(text.to_owned(), known_as);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.name_generated(item)),
            _ => {}
        }
    }
}

/// Asks a host that has half a minute.
pub async fn ask(host: &impl Host, request: Request<Bytes>) -> Response<Bytes> {
    const ALLOWED: Duration = Duration::from_secs(30);
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = tokio::time::timeout(ALLOWED, host.ask(request)).await;
    answer.unwrap_or_else(|_| panic!("{} did not answer {asked}", host.name()))
}

fn fields(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in headers {
        let value = if MOVING.contains(&name.as_str()) {
            assert!(value.to_str().is_ok_and(|value| value.parse::<u64>().is_ok()), "{name}: {value:?}");
            "(moving)"
        } else {
            value.to_str().expect("a text")
        };
        if !TRAVEL.contains(&name.as_str()) {
            fields
                .entry(name.to_string())
                .and_modify(|before: &mut String| *before = format!("{before}, {value}"))
                .or_insert_with(|| value.to_owned());
        }
    }
    fields
}
