//! One engine that answers as a constellation of services does.
//!
//! No service has mock code. The engine reads the published contracts of the mock enver ([`Contract`]), which give it
//! routes, schemas, policies and refusals, and behaviour as data (`behaviour.rs`), which tells what an operation does to
//! what is remembered ([`State`]). Both are mounted behind the one request pipeline, so that validation, policy, rate
//! limits, idempotency and the envelope are those of the real services, not copies.
//!
//! Nothing that is deployed reaches this crate.

mod answering;
mod behaviour;
mod cases;
mod constellation;
mod contract;
mod expression;
pub mod foreign;
mod front;
mod functions;
mod keys;
mod page;
mod ports;
mod prefer;
mod reading;
mod references;
mod run;
mod scope;
mod state;
mod value;

pub use answering::Mocked;
pub use constellation::{Constellation, Outside, Started};
pub use contract::Contract;
pub use front::Front;
pub use keys::{KEY_ID, service_secret, signing_key};
pub use state::{MOST_MESSAGES, MOST_RECORDS, MOST_TENANTS, Message, State};

/// Something that is wrong with a contract or with behaviour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {place}{what}", place = if place.is_empty() { String::new() } else { format!("{place} ") })]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Where in it: an operation, a step.
    pub place: String,
    /// What is wrong.
    pub what: String,
}
