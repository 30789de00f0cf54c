//! What a caller sees of the server when it behaves, when it does not, and when the server ends.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod server;
mod services;
mod tls;
