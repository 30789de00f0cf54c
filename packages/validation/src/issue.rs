//! What is wrong with a request: where, which rule, and in words.

use serde_json::{Value, json};

/// The part of a request in which an issue was found, as OpenAPI names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The body.
    Body,
    /// The query string.
    Query,
    /// A path parameter.
    Path,
    /// A header field.
    Header,
}

impl Part {
    /// The part's name in `details.issues[].in`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// Where in the request.
    pub part: Part,
    /// Where in that part, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The JSON Schema keyword that is broken.
    pub rule: String,
    /// In words.
    pub message: String,
}

impl Issue {
    /// The issue as it stands in `details.issues[]`.
    pub fn to_json(&self) -> Value {
        json!({ "in": self.part.name(), "pointer": self.pointer, "rule": self.rule, "message": self.message })
    }
}

/// Why a part of a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The body is not JSON, or not JSON that every reader understands alike (RFC 7493: a key twice).
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 when the body ends at once.
        column: usize,
        /// What the parser met.
        message: String,
    },
    /// It breaks its schema in these places: all of them.
    Issues(Vec<Issue>),
}
