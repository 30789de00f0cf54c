//! The command as its users run it: the real binary, over real sockets, with its own data directory.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod arguments;
mod can_deploy;
mod client;
mod configuration;
mod diff;
mod durability;
mod hostile;
mod new;
mod phases;
mod process;
mod publish;
mod quick_start;
mod reference;
mod scan;
mod tls;
mod typescript;
mod upload;
mod wiring;

pub use process::{Answer, Running};
