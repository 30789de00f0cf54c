//! What one caller asks one host, written down so that two hosts can be compared.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use serde_json::Value;
use verify::said;

use crate::world::Host;

/// Header fields whose value cannot be the same, and what stands for it: where a caller stands in a window of the clock
/// when the answer is given.
const MOVING: [&str; 2] = ["x-ratelimit-remaining", "x-ratelimit-reset"];

/// Members of a body that are made up anew each time: ids, keys, secrets, and what an id is signed into. Each value
/// gets a name in order of appearance, so that an id given back is seen to be the one given out.
const IDS: [&str; 15] = [
    "apiKey",
    "bookingId",
    "clientId",
    "clientSecret",
    "invitationId",
    "invitedBy",
    "keyId",
    "kid",
    "nextCursor",
    "prefix",
    "quoteId",
    "quoteToken",
    "shipperId",
    "userId",
    "x",
];

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
        let mut answer = ask(self.host, request.clone()).await;
        assert_ne!(answer.status(), 500, "{} to {what}", self.host.name());
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        self.name_generated(&body);
        stand_still(answer.headers_mut());
        let mut text = said(&request, &answer);
        // The longest first: an id may be part of a key.
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(value, _)| Reverse(value.len()));
        for (value, name) in names {
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

/// Asks a host that has five minutes: the machine may be slow.
pub async fn ask(host: &impl Host, request: Request<Bytes>) -> Response<Bytes> {
    const ALLOWED: Duration = Duration::from_secs(300);
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = tokio::time::timeout(ALLOWED, host.ask(request)).await;
    answer.unwrap_or_else(|_| panic!("{} did not answer {asked}", host.name()))
}

/// Puts what stands for it in the place of a value that moves.
fn stand_still(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut().filter(|(name, _)| MOVING.contains(&name.as_str())) {
        assert!(value.to_str().is_ok_and(|value| value.parse::<u64>().is_ok()), "{name}: {value:?}");
        *value = HeaderValue::from_static("(moving)");
    }
}
