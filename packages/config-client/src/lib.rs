//! Typed, cached, tenant-scoped configuration.
//!
//! A [`Document`] names a configuration document and its Rust form. [`ConfigClient::get`] answers from its cache; when
//! the time the configuration service gave has passed, it asks again, and when that service cannot answer it goes on
//! with the last known good document and counts that. Documents come through a [`Source`]: over HTTP for every
//! service but the configuration service itself, which reads its own table.

mod client;
mod documents;
mod http_source;
mod settings;

pub use client::{ConfigClient, Fetched, Source, Usage};
pub use documents::{Document, Scope};
pub use http_source::HttpSource;
pub use settings::{Authentication, Cors, Idempotency, RateLimits, Switches, WindowDocument};
