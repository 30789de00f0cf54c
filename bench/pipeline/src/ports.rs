//! What the pipeline is given here: what a service has, without a store behind it.

use std::sync::Arc;

use async_trait::async_trait;
use ed25519_dalek::VerifyingKey;
use operation::{
    Claim, Clock, Environment, Keys, LocalCounters, Memory, Observe, Ports, Record, Remembered, Settings,
    TenantSettings, Window,
};
use policy::RateLimit;
use service_errors::Error;

use crate::tokens::{AUDIENCE, ISSUER, KEY_ID, verifying_key};

/// The ports of a host with this clock and this stopwatch.
pub fn ports(clock: Clock, stopwatch: fn() -> u64) -> Ports {
    let window = Window { limit: 1_000_000_000, seconds: 60 };
    let settings = TenantSettings {
        rate_limits: RateLimit::ALL.map(|preset| (preset, window)).to_vec(),
        origins: Vec::new(),
        preflight_max_age: 600,
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        key_set_url: "/auth/v1/jwks.json".into(),
        key_refresh: 10,
        fresh_login: 900,
        signature_max_age: 300,
        signature_max_ahead: 60,
        idempotency_retention: 86_400,
        switched_off: Vec::new(),
    };
    Ports {
        environment: Environment::Main,
        keys: Arc::new(OneKey(verifying_key())),
        counters: Arc::new(LocalCounters::default()),
        memory: Arc::new(NoMemory),
        settings: Arc::new(Fixed(Arc::new(settings))),
        clock,
        stopwatch,
        observe: Arc::new(NoLines),
    }
}

struct OneKey(VerifyingKey);

#[async_trait]
impl Keys for OneKey {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        Ok((key_id == KEY_ID).then_some(self.0))
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        Err(Error::internal("no service calls this one"))
    }
}

struct NoMemory;

#[async_trait]
impl Memory for NoMemory {
    async fn recall(&self, _: &Claim) -> Result<Option<Remembered>, Error> {
        Ok(None)
    }
}

struct Fixed(Arc<TenantSettings>);

#[async_trait]
impl Settings for Fixed {
    async fn of(&self, _: &str) -> Result<Arc<TenantSettings>, Error> {
        Ok(Arc::clone(&self.0))
    }

    async fn origin_known(&self, _: &str) -> bool {
        false
    }
}

struct NoLines;

impl Observe for NoLines {
    fn request(&self, _: &Record<'_>) {}
}
