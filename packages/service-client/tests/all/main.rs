//! A generated client and the desk it calls: what is sent, what is read, and everything that can go wrong between.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod answers;
mod contract;
mod place;
mod requests;
mod time;
#[path = "../desk/src/upstreams/mod.rs"]
mod upstreams;
