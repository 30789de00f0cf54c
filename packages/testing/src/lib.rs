//! The master fixture of every service's tests.
//!
//! A [`World`] is one service on its own embedded cloud, with a clock the test moves, a configuration the test sets,
//! and callers of every kind. It stands alone: nothing is shared, nothing is slept for.
//! [`promises`] holds what every service keeps; [`access`] asks who reaches what; [`instances`] makes requests out of
//! schemas.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

pub mod access;
pub mod http_client;
pub mod instances;
mod outside;
pub mod promises;
mod world;

pub use world::{Answer, Ask, Breach, Caller, Ledger, World};
