//! Why a call to another service did not bring what it was made for.

use operation::BoxError;
use serde_json::{Map, Value};
use service_errors::Error;
use validation::Issue;

use crate::Declared;

/// A call that failed: which one, and why.
#[derive(Debug, thiserror::Error)]
#[error("{operation} of {upstream}")]
pub struct Failure {
    /// The service that was called.
    pub upstream: &'static str,
    /// The operation that was called.
    pub operation: &'static str,
    /// Why it failed.
    #[source]
    pub cause: Cause,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Nothing was sent: what was to be sent cannot be said over HTTP, or could not be signed.
    #[error("the request cannot be made: {0}")]
    Unsendable(String),
    /// No answer came in time, or none at all. Whether the request took effect is not known.
    #[error("it did not answer")]
    Unreachable(#[source] BoxError),
    /// It answered with an error that its contract declares.
    #[error("it refused with {}", .0.declared)]
    Refused(Refused),
    /// It answered with a status, or under it with a code, that its contract does not declare.
    #[error("it answered {status} {code}, which its contract does not declare")]
    Undeclared {
        /// The status.
        status: u16,
        /// The code; empty when the body holds none.
        code: String,
    },
    /// The answer is not what the contract promises where it is read.
    #[error("its answer breaks its contract: {}", in_words(.0))]
    Broken(Vec<Issue>),
}

/// A declared error as it came.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Which one.
    pub declared: Declared,
    /// What a person may read.
    pub message: String,
    /// What it says beside.
    pub details: Map<String, Value>,
}

impl Failure {
    /// Whether the other service refused with this error.
    pub fn is(&self, declared: Declared) -> bool {
        matches!(&self.cause, Cause::Refused(refused) if refused.declared == declared)
    }
}

impl From<Failure> for Error {
    /// A dependency that does not do its part: 503, and the causes in the log. What else a refusal means, the operation
    /// that called says itself, by [`Failure::is`].
    fn from(failure: Failure) -> Self {
        const RETRY_AFTER_SECONDS: u64 = 1;
        Self::unavailable(failure, RETRY_AFTER_SECONDS)
    }
}

fn in_words(issues: &[Issue]) -> String {
    let one = |issue: &Issue| match issue.pointer.as_str() {
        "" => format!("it {}", issue.message),
        pointer => format!("{pointer} {}", issue.message),
    };
    issues.iter().map(one).collect::<Vec<_>>().join("; ")
}
