//! What every generated client calls another service with.
//!
//! A client is written by `enver client generate` from the contract the other service published: it names [`Route`]s and
//! the types of what it sends and reads. An [`Upstream`] does the rest: it signs, sends within the time limit, passes the
//! request id on, and holds the answer against what the contract promised of the parts that are read. What the consumer
//! does not read may change as it likes. Whatever goes wrong is a [`Failure`] with one cause of five, and an answer
//! outside its contract is logged and counted.

mod failure;
mod outgoing;
mod upstream;

pub use failure::{Cause, Failure, Refused};
pub use outgoing::Outgoing;
pub use upstream::{Answer, Directory, Upstream};

use http::Method;

/// One operation of another service, as its contract tells it.
#[derive(Debug)]
pub struct Route {
    /// The operation id.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path below the service's origin, with `{parameters}`.
    pub path: &'static str,
    /// Whether the call is signed by the calling service.
    pub signed: bool,
    /// The status of success.
    pub success: u16,
    /// Every error the contract declares.
    pub errors: &'static [Declared],
}

/// An error that a contract declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Its status.
    pub status: u16,
    /// What callers branch on.
    pub code: &'static str,
}
