//! The request pipeline, stage by stage, over HTTP types and without a socket.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod authentication;
mod bad_input;
mod browsers;
mod contract;
mod desk;
mod dialect;
mod idempotency;
mod limits;
mod messages;
mod routing;
