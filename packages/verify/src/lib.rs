//! Holds a running deployment against its contract, and two of them against each other.
//!
//! - A [`Client`] sends requests to a deployment, wherever it runs, and can say each as a line of curl.
//! - [`verify`] asks a deployment everything its contract answers: requests that keep it and requests that break one
//!   rule of it, and reports what the answers break.
//! - [`corpus`] is the same as a list, with what is odd for a host beside it, for whoever holds hosts against each other;
//!   [`said`] is how they compare the answers.
//! - [`prove`] asks two deployments of one contract the same, sequence after sequence, and shows the smallest one in
//!   which their answers differ.
//!
//! Contracts are any OpenAPI 3.0 or 3.1 documents. Those of ours are taken more strictly: they declare every status.

mod asking;
mod bounds;
mod caller;
mod checks;
mod client;
mod compare;
pub mod corpus;
mod curl;
mod draft;
mod flows;
mod invalid;
mod judge;
mod life;
mod listing;
mod lockstep;
mod minimise;
mod moves;
mod playing;
mod proof;
mod renewal;
mod report;
mod said;
mod script;
mod shrink;
mod verifier;
mod violation;

pub use asking::{Asking, Halt, Manners, retry_after};
pub use caller::{BadCredentials, Caller};
pub use client::{Authority, BadUrl, Client, Exchange, NoCertificate, Unreachable};
pub use compare::{Leeway, enumerated};
pub use curl::{Secrets, curl, is_secret_field, mask, masked_body, masked_query};
pub use flows::{Known, Stage, Which, now_micros};
pub use lockstep::{Move, Pair, Played, Script, Sequence, Side, told};
pub use proof::{Difference, Effort, Proof, prove};
pub use report::{Check, Ended, Finding, Format, Operation, Report};
pub use said::said;
pub use verifier::{Plan, Progress, verify};
