//! Features, state machines, runs and reports through the public interface, over a small shop of these tests' own.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod coverage;
mod features;
mod function;
#[cfg(feature = "lambda")]
mod program;
mod reports;
mod runs;
mod shop;
mod state_machines;
