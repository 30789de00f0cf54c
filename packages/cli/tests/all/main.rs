//! The command as its users run it: the real binary, over real sockets, with its own data directory.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod arguments;
mod bdd;
mod can_deploy;
mod client;
mod configuration;
mod dataset;
mod diff;
mod durability;
mod edge;
mod emulate;
mod hostile;
mod infrastructure;
mod messages;
mod mock;
mod new;
mod phases;
mod process;
mod promote;
mod proof;
mod publish;
mod quick_start;
mod reference;
mod scan;
mod schemathesis;
mod tls;
mod typescript;
mod upload;
mod verify;
mod wiring;

pub use process::{Answer, Running};
