//! The mock, through its requests.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod booking;
mod control;
mod flows;
mod foreign;
mod lifecycle;
mod walk;
mod world;
