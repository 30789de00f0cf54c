//! Runs an endpoint inside a Cloudflare Worker: the fetch event in and out, and the AWS SDK over the runtime's `fetch`.
//!
//! - [`serve`] turns the event into the pipeline's request and its answer into the runtime's.
//! - [`platform`] is what the Worker's variables describe, for services to be mounted on.
//! - [`sdk_config`] gives the AWS SDK what it lacks here: an HTTP client, a clock, a sleep and randomness.
//! - [`clock`], [`stopwatch`] and [`FetchTransport`] are the pipeline's ports on this host.
//!
//! A Worker is one thread, and what it does for one request (a fetch, a timer, a promise) dies with that request.
//! Clients and configurations may therefore live in statics, futures may not: nothing here keeps one.

mod head;

#[cfg(target_arch = "wasm32")]
mod environment;
#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod sdk;
#[cfg(target_arch = "wasm32")]
mod serve;
#[cfg(target_arch = "wasm32")]
mod time;

pub use head::{Unreadable, read_head};

#[cfg(target_arch = "wasm32")]
pub use environment::platform;
#[cfg(target_arch = "wasm32")]
pub use fetch::FetchTransport;
#[cfg(target_arch = "wasm32")]
pub use sdk::sdk_config;
#[cfg(target_arch = "wasm32")]
pub use serve::serve;
#[cfg(target_arch = "wasm32")]
pub use time::{clock, now_millis, stopwatch};
