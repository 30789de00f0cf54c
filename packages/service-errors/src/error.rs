//! The error an operation returns: what the caller reads apart from what the log keeps.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{Kind, Refusal};

/// The internal half: any error that can be logged.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error with a public half (kind, code, message, details) and an internal half (its source).
///
/// There is deliberately no `Display` of the source: it can reach a log through [`Error::chain`], never an answer.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    code: &'static str,
    message: Cow<'static, str>,
    details: Map<String, Value>,
    retry_after: Option<u64>,
    source: Option<Source>,
}

impl Error {
    /// An error of a kind, under its own code and message.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            code: kind.code(),
            message: Cow::Borrowed(kind.message()),
            details: Map::new(),
            retry_after: None,
            source: None,
        }
    }

    /// A fault of ours: the caller learns nothing, the log gets `source`.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..Self::new(Kind::Internal) }
    }

    /// A dependency that is down; `retry_after` is in seconds.
    pub fn unavailable(source: impl Into<Source>, retry_after: u64) -> Self {
        Self { source: Some(source.into()), retry_after: Some(retry_after), ..Self::new(Kind::Unavailable) }
    }

    /// Over the rate limit; `retry_after` is in seconds.
    pub fn rate_limited(retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(Kind::RateLimited) }
    }

    /// Replaces the sentence the caller reads.
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds details; anything but an object stands under `value`.
    pub fn with_details(mut self, details: Value) -> Self {
        match details {
            Value::Object(fields) => self.details.extend(fields),
            other => drop(self.details.insert("value".into(), other)),
        }
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The code a caller branches on.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The sentence the caller reads.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The body of the answer: `{"error": {"message", "code", "details"}}`.
    pub fn envelope(&self) -> Value {
        json!({ "error": { "message": self.message, "code": self.code, "details": self.details } })
    }

    /// The internal half for the log: every cause, outermost first. Empty when there is none.
    pub fn chain(&self) -> String {
        let mut text = String::new();
        let mut next: Option<&(dyn std::error::Error + 'static)> = match &self.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        };
        while let Some(error) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.kind);
        error.code = refusal.code;
        error.message = Cow::Borrowed(refusal.message);
        if refusal.kind == Kind::BusinessLogic {
            error.details.insert("rule".into(), Value::from(refusal.code));
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_internal_cause_reaches_the_answer() {
        let error = Error::internal(std::io::Error::other("password=hunter2"));

        assert_eq!(error.chain(), "password=hunter2");
        assert!(!error.envelope().to_string().contains("hunter2"));
        assert_eq!(error.status(), 500);
    }

    #[test]
    fn a_business_rule_names_itself_in_the_details() {
        let error = Refusal::rule("QUOTE_EXPIRED", "The quote has expired.").with(json!({ "expiredAt": "x" }));

        assert_eq!(
            error.envelope(),
            json!({ "error": {
                "message": "The quote has expired.",
                "code": "QUOTE_EXPIRED",
                "details": { "rule": "QUOTE_EXPIRED", "expiredAt": "x" },
            }})
        );
    }

    #[test]
    fn every_kind_has_its_own_code() {
        let codes: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();

        assert_eq!(codes.len(), Kind::ALL.len());
    }
}
