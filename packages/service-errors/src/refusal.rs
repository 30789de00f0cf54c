//! A refusal: an error an operation declares as part of its contract.

use crate::{Error, Kind};

/// A declared error: a constant listed in the operation that may return it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Gives the status.
    pub kind: Kind,
    /// What a caller branches on: the kind's own code, or a finer one (`QUOTE_EXPIRED`).
    pub code: &'static str,
    /// The sentence a caller reads.
    pub message: &'static str,
}

impl Refusal {
    /// A refusal with a code finer than its kind's.
    pub const fn new(kind: Kind, code: &'static str, message: &'static str) -> Self {
        Self { kind, code, message }
    }

    /// A business rule that refuses: status 422, and `details.rule` names the rule.
    pub const fn rule(code: &'static str, message: &'static str) -> Self {
        Self::new(Kind::BusinessLogic, code, message)
    }

    /// A refusal under its kind's own code.
    pub const fn of(kind: Kind, message: &'static str) -> Self {
        Self::new(kind, kind.code(), message)
    }

    /// The refusal with details for the caller; an object, because it stands under `details`.
    pub fn with(self, details: serde_json::Value) -> Error {
        Error::from(self).with_details(details)
    }
}
