//! Typed, cached, tenant-scoped configuration.
//!
//! A [`Document`] names a configuration document and its Rust form. [`ConfigClient::get`] answers from its cache; when
//! the time the configuration service gave has passed, it asks again, naming the version it has, and when that service
//! cannot answer it goes on with the last known good document and counts that. The last known good documents are also
//! kept in the platform's table, so that a service that starts while the configuration service is down has them.
//! Documents come through a [`Source`]: over HTTP for every service but the configuration service itself, which reads
//! its own table.

mod client;
mod documents;
mod http_source;
mod last_known_good;
mod settings;
mod source;
mod upstreams;

pub use client::{ConfigClient, Usage};
pub use documents::{Document, Scope};
pub use http_source::HttpSource;
pub use settings::{Authentication, Cors, Idempotency, RateLimits, Switches, Upstreams, WindowDocument};
pub use source::{Fetched, Kept, Source};
