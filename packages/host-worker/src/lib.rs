//! Runs an endpoint inside a Cloudflare Worker: the fetch event in and out, and the AWS SDK over the runtime's `fetch`.
//!
//! - [`head_of`], [`serve`] and [`respond`] turn the event into the pipeline's request and its answer into the runtime's.
//! - [`forward`] passes a request on to another origin, and [`shielded`] keeps a panic in one request from the others.
//! - [`platform`] is what the Worker's variables describe, for services to be mounted on.
//! - [`sdk_config`] gives the AWS SDK what it lacks here: an HTTP client, a clock, a sleep and randomness.
//! - [`clock`], [`stopwatch`] and [`FetchTransport`] are the pipeline's ports on this host.
//!
//! A Worker is one thread, and what it does for one request (a fetch, a timer, a promise) dies with that request.
//! Clients and configurations may therefore live in statics, futures may not: nothing here keeps one.

mod head;

#[cfg(target_arch = "wasm32")]
mod answer;
#[cfg(target_arch = "wasm32")]
mod environment;
#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod forward;
#[cfg(target_arch = "wasm32")]
mod sdk;
#[cfg(target_arch = "wasm32")]
mod serve;
#[cfg(target_arch = "wasm32")]
mod shield;
#[cfg(target_arch = "wasm32")]
mod time;

pub use head::{Unreadable, is_hop_by_hop, read_head};

#[cfg(target_arch = "wasm32")]
pub use answer::respond;
#[cfg(target_arch = "wasm32")]
pub use environment::platform;
#[cfg(target_arch = "wasm32")]
pub use fetch::{FetchTransport, Unanswered};
#[cfg(target_arch = "wasm32")]
pub use forward::forward;
#[cfg(target_arch = "wasm32")]
pub use sdk::sdk_config;
#[cfg(target_arch = "wasm32")]
pub use serve::{head_of, serve};
#[cfg(target_arch = "wasm32")]
pub use shield::{Panicked, shielded};
#[cfg(target_arch = "wasm32")]
pub use time::{clock, now_millis, stopwatch};
