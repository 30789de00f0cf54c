//! Documents, ours and nasty ones: what is read of them, what is refused, what is made.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod broken;
mod faults;
mod messages;
mod ours;
mod requests;
mod values;

use document::{Api, Call, Document, Issue, Operation};
use http::HeaderMap;

/// A document with everything that documents of real APIs have.
pub fn nasty() -> Api {
    read(include_bytes!("nasty.yaml"))
}

pub fn read(text: &[u8]) -> Api {
    Api::of(Document::parse(text, "nasty.yaml").expect("a document")).expect("an understood document")
}

/// One request to an operation: `path?query`, header fields, body.
pub fn issues(api: &Api, id: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<Issue> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = fields(headers);
    operation(api, id).check_request(&Call { path, query, headers: &headers, body: body.as_bytes() })
}

/// `part pointer rule` of each, in order.
pub fn rules(issues: &[Issue]) -> Vec<String> {
    issues.iter().map(|issue| format!("{} {} {}", issue.part.name(), issue.pointer, issue.rule)).collect()
}

pub fn operation<'a>(api: &'a Api, id: &str) -> &'a Operation {
    api.operation(id).unwrap_or_else(|| panic!("the operation {id}"))
}

pub fn fields(headers: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<http::HeaderName>().expect("a name"), value.parse::<http::HeaderValue>().expect("a value"))
    };
    headers.iter().map(pair).collect()
}
