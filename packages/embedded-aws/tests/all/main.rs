//! The promises of the embedded cloud, kept through the unmodified SDK and the unmodified tools.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod buckets;
mod crash;
mod endpoints;
mod fifo;
mod parameters;
mod port;
mod queues;
mod recorder;
mod redrive;
mod tables;
mod tools;
