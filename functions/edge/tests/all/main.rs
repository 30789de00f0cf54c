//! One service on three hosts: whatever a caller asks, a laptop, Lambda and Workers give the same answer.
//!
//! The service behind each is the `booking` crate as it is. Natively it is served over TCP in this process; on Lambda
//! it is the binary that would be deployed, under an emulated runtime API; on Workers it is the module that would be
//! deployed, in workerd. All three reach one embedded cloud.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod connections;
mod conversation;
mod lambda;
mod operations;
mod origin;
mod output;
mod panics;
mod passing_on;
mod same_answers;
mod same_bytes;
mod same_storage;
mod worker;
mod world;
