//! The promises of documents and of their comparison.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod documents;
mod judges;
mod messages;
mod synthetic;
