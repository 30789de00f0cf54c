//! Errors as callers and operators meet them: closed kinds, a public half and an internal half, one envelope.
//!
//! An [`Error`] is what an operation returns instead of an answer. Its public half (code, message, details) becomes
//! the envelope `{"error": {"message", "code", "details"}}`; its internal half, the cause, goes to the log under the
//! request id and has no way into an answer. Codes and statuses follow RFC 9110 and the table of [`Kind`].
//!
//! A [`Refusal`] is an error that an operation declares: a constant, so that the contract, the check of what was
//! really answered, and the handler that returns it name the same thing.

mod error;
mod kind;
mod refusal;

pub use error::{Error, Source};
pub use kind::Kind;
pub use refusal::Refusal;
