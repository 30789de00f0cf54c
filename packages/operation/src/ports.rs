//! What the pipeline needs from outside: keys, counters, memory, settings, a clock and a place for its lines.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ed25519_dalek::VerifyingKey;
use service_errors::Error;

use crate::{
    Body, BoxError, Claim, ConsumerDeclaration, Declaration, Delivery, Environment, Remembered, Standing, Window,
};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that answers requests: a mounted service, or several.
pub trait Endpoint: Send + Sync {
    /// Answers one request. It never fails: failures are answers.
    fn call(&self, request: http::Request<Body>) -> BoxFuture<'_, http::Response<Bytes>>;
}

/// A mounted service as a host sees it, whatever its state.
pub trait Hosted: Endpoint {
    /// The service's name: the first segment of its paths.
    fn name(&self) -> &'static str;

    /// The facts of its operations.
    fn operations(&self) -> Vec<&'static Declaration>;

    /// The facts of the operation that answers this method and path; `None` when that is a refusal.
    fn finds(&self, method: &http::Method, path: &str) -> Option<&'static Declaration>;

    /// The facts of its consumers.
    fn consumers(&self) -> Vec<&'static ConsumerDeclaration>;

    /// Hands one message to the consumer of that id.
    fn deliver<'a>(&'a self, consumer: &'a str, message: &'a [u8]) -> BoxFuture<'a, Delivery>;
}

/// Sends a request to another service and brings its answer.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Fails only when no answer came.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, BoxError>;
}

/// The keys that tokens and signatures are checked with.
#[async_trait]
pub trait Keys: Send + Sync {
    /// The public key of that id, from the issuer's JWK set.
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error>;

    /// The secret that services sign their calls to each other with.
    async fn service_secret(&self) -> Result<[u8; 32], Error>;

    /// The access token that an API key is good for, as the issuer gives it; `None` when the key is not good. Whoever
    /// cannot ask the issuer takes no API keys.
    async fn exchange_api_key(&self, _key: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// Counts what callers do.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Counts one call under `key` and says where it stands. `now` is in seconds since 1970.
    async fn hit(&self, key: &str, window: Window, now: i64) -> Result<Standing, Error>;

    /// Whether `once` is seen for the first time; remembered until `expires_at`, in seconds since 1970.
    async fn first_use(&self, once: &str, now: i64, expires_at: i64) -> Result<bool, Error>;
}

/// Finds what was answered under a claim.
#[async_trait]
pub trait Memory: Send + Sync {
    /// The first answer, if there was one and it is still kept.
    async fn recall(&self, claim: &Claim) -> Result<Option<Remembered>, Error>;
}

/// What the configuration says about calls, per tenant.
#[async_trait]
pub trait Settings: Send + Sync {
    /// The settings of one tenant, over the platform's defaults.
    async fn of(&self, tenant: &str) -> Result<Arc<TenantSettings>, Error>;

    /// Whether any tenant lists this origin. Asked before a tenant is known.
    async fn origin_known(&self, origin: &str) -> bool;
}

/// Settings of a tenant, from the configuration documents of the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// `global/operational/rate-limits`: a window per preset.
    pub rate_limits: Vec<(policy::RateLimit, Window)>,
    /// `global/security/cors`: origins a browser may call from.
    pub origins: Vec<String>,
    /// `global/security/cors`: seconds a preflight's answer may be kept.
    pub preflight_max_age: u64,
    /// `global/security/authentication`: who issues tokens.
    pub issuer: String,
    /// `global/security/authentication`: whom tokens are for.
    pub audience: String,
    /// `global/security/authentication`: where the issuer's JWK set is.
    pub key_set_url: String,
    /// `global/security/authentication`: seconds before an unknown key id makes the set be fetched again.
    pub key_refresh: i64,
    /// `global/security/authentication`: seconds a login counts as fresh.
    pub fresh_login: i64,
    /// `global/security/authentication`: seconds a service signature may be old.
    pub signature_max_age: i64,
    /// `global/security/authentication`: seconds a service signature may be ahead.
    pub signature_max_ahead: i64,
    /// `global/operational/idempotency`: seconds an answer is kept under its key.
    pub idempotency_retention: i64,
    /// `global/operational/switches`: operation ids that are switched off.
    pub switched_off: Vec<String>,
}

/// Waits for that long: the timer of the host.
pub type Sleep = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// Milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What there is to say about one request when it is over.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: Environment,
    /// The operation id; empty when no route matched.
    pub operation: &'a str,
    /// The method, as received.
    pub method: &'a str,
    /// The path template, never the path itself: ids stay out of metrics.
    pub route: &'a str,
    /// The status.
    pub status: u16,
    /// How long it took.
    pub micros: u64,
    /// The request id.
    pub request_id: &'a str,
    /// The tenant, if one is known.
    pub tenant: &'a str,
    /// The caller.
    pub principal: &'a str,
    /// The error code; empty on success.
    pub code: &'a str,
    /// The internal causes; empty when there are none.
    pub cause: &'a str,
    /// When it ended, in milliseconds since 1970.
    pub at: i64,
}

/// How a service's cache of configuration did since it was last said.
#[derive(Debug, Clone)]
pub struct CacheRecord<'a> {
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: Environment,
    /// Reads answered from the cache.
    pub hits: u64,
    /// Reads that were not.
    pub misses: u64,
    /// Of the misses, those answered with the last known good document.
    pub fallbacks: u64,
    /// When it is said, in milliseconds since 1970.
    pub at: i64,
}

/// An answer of another service that its contract does not allow.
#[derive(Debug, Clone)]
pub struct BreachRecord<'a> {
    /// The service that asked.
    pub service: &'a str,
    /// The environment.
    pub environment: Environment,
    /// The service that answered.
    pub upstream: &'a str,
    /// The operation that was asked for.
    pub operation: &'a str,
    /// The request in whose course it was asked.
    pub request_id: &'a str,
    /// The status that came.
    pub status: u16,
    /// What is wrong with the answer, and where in it.
    pub cause: &'a str,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
}

/// The shares of an environment could not be read: defaults stand in for what they say.
#[derive(Debug, Clone)]
pub struct ShareRecord<'a> {
    /// The environment.
    pub environment: Environment,
    /// Why.
    pub cause: &'a str,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// Takes one record per request, and what a service has to say of itself.
pub trait Observe: Send + Sync {
    /// Writes the log line and the metric line.
    fn request(&self, record: &Record<'_>);

    /// Writes the metric line of a cache.
    fn cache(&self, _record: &CacheRecord<'_>) {}

    /// Writes the log line and the metric line of an answer that broke its contract.
    fn breach(&self, _record: &BreachRecord<'_>) {}

    /// Writes the log line and the metric line of shares that could not be read.
    fn shares_unread(&self, _record: &ShareRecord<'_>) {}

    /// Writes a log line about a fault beside requests: in an outbox, in a queue, in an event. `at` is in milliseconds
    /// since 1970.
    fn fault(&self, _at: i64, _fault: &str) {}
}

/// Everything the pipeline needs.
#[derive(Clone)]
pub struct Ports {
    /// Where it runs.
    pub environment: Environment,
    /// Keys.
    pub keys: Arc<dyn Keys>,
    /// Counters.
    pub counters: Arc<dyn Counters>,
    /// Memory of answers; each service's own.
    pub memory: Arc<dyn Memory>,
    /// Settings.
    pub settings: Arc<dyn Settings>,
    /// The clock.
    pub clock: Clock,
    /// Monotonic microseconds, for durations.
    pub stopwatch: fn() -> u64,
    /// Lines.
    pub observe: Arc<dyn Observe>,
}
