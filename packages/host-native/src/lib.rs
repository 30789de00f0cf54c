//! Runs services in one process: for laptops and tests.
//!
//! - [`serve`] answers HTTP on a listener, [`serve_tls`] HTTPS.
//! - [`Services`] sends each request to the service its path names, and is the way services call each other.
//! - [`Loops`] moves events from the outboxes to the queues, and messages from the queues to their consumers.

mod awake;
mod lingering;
mod loops;
mod server;
mod services;

pub use loops::Loops;
pub use server::{Limits, serve, serve_tls};
pub use services::{InProcess, Services};
