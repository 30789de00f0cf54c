//! The promises of documents and of their comparison.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod agreement;
mod bad_input;
mod clients;
mod documents;
mod judges;
mod layout;
mod messages;
mod planted;
mod reports;
mod synthetic;
