//! Verification as its users see it: real exchanges, with real and with broken deployments.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod client;
mod flaws;
mod lives;
mod manners;
mod notes;
mod proof;
mod things;
