//! Phases and context documents, through what the crate shows.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod diagrams;
mod documents;
mod flows;
mod house;
mod ledger;
mod shapes;
mod statuses;
