//! Operations, services and the one request pipeline.
//!
//! An [`Operation`] is one HTTP route: a [`Declaration`] (data a test can enumerate) and the function that serves it;
//! its request parts and its answer come from that function's signature. A [`Consumer`] is the same for one kind of
//! message. A [`Service`] is a list of both. [`Mounted`] gives a service its state and its [`Ports`] and answers
//! requests through one pipeline, the same on every host:
//!
//! request id → body limit → route → authenticate → tenant → rate limit → policy → parse and validate → idempotency →
//! handler → response check → security headers → one log line, one metric line.
//!
//! This crate knows no host, no SDK and no clock: they come in through [`Ports`].

mod authenticate;
mod body;
mod catch;
mod consumer;
mod context;
mod cors;
mod declaration;
mod deprecation;
mod event;
mod idempotency;
mod lifecycle;
mod operation;
mod pipeline;
mod ports;
mod rate_limit;
mod reply;
mod service;
mod signature;

pub use authenticate::{API_KEY_PREFIX, Claims, Verified, encode_jwt, encode_token, verify_token};
pub use body::{Body, BoxError, empty, full, read};
pub use consumer::{Consumer, ConsumerDeclaration, Delivery};
pub use context::{Call, Context};
pub use cors::secure;
pub use declaration::{Access, Declaration, Dialect, Environment, Method, Resource, Stability, Touch};
pub use deprecation::Deprecation;
pub use event::{CloudEvent, EventType};
pub use idempotency::{ALREADY_DONE, Claim, KEY_REUSED, Remembered};
pub use lifecycle::{Lifecycle, Transition};
pub use operation::{Input, LazySchema, Operation, Schemas, Untyped, UntypedFn};
pub use pipeline::{CLIENT_ADDRESS, refuse};
pub use ports::{
    BoxFuture, BreachRecord, CacheRecord, Clock, Counters, Endpoint, Hosted, Keys, Memory, Observe, Ports, Record,
    Settings, ShareRecord, Sleep, TenantSettings, Transport,
};
pub use rate_limit::{LocalCounters, Standing, Window};
pub use reply::{Answer, Bare, Data, NoContent, Page, Pagination, Redirect, Reply};
pub use service::{Mounted, RouteError, Service};
pub use signature::{SERVICE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};

/// A random identifier of 128 bits in lower-case hexadecimal.
pub fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness there are no safe ids; the id is then all zeros and the next conditional write refuses it.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
