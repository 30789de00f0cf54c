//! One thing that is wrong with a request, an answer or a message.

use serde_json::{Value, json};

/// Where an issue was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A path parameter.
    Path,
    /// A query parameter.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
    /// The body, or the payload of a message.
    Body,
    /// The status of an answer.
    Status,
}

impl Part {
    /// The part's name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
            Self::Status => "status",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// Where.
    pub part: Part,
    /// Where in that part, as a JSON Pointer (RFC 6901); a parameter's name is its first step.
    pub pointer: String,
    /// The keyword of JSON Schema that is broken; or `unknown` (a query parameter nobody declared), `contentType` (a
    /// media type nobody declared), `syntax` (no text of that media type or style), `status`.
    pub rule: String,
    /// In words.
    pub message: String,
}

impl Issue {
    pub(crate) fn new(part: Part, pointer: impl Into<String>, rule: &str, message: impl Into<String>) -> Self {
        Self { part, pointer: pointer.into(), rule: rule.to_owned(), message: message.into() }
    }

    /// `{"in", "pointer", "rule", "message"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "in": self.part.name(), "pointer": self.pointer, "rule": self.rule, "message": self.message })
    }
}

/// A key as one step of a JSON pointer (RFC 6901, section 3).
#[must_use]
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// As much of a text as a person reads.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
