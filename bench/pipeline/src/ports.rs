//! What the pipeline is given here: what a service has, without a store behind it.

use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use ed25519_dalek::VerifyingKey;
use operation::{
    Claim, Environment, Keys, LocalCounters, Memory, Observe, Ports, Record, Remembered, Settings, TenantSettings,
    Window,
};
use policy::RateLimit;
use service_errors::Error;

use crate::tokens::{AUDIENCE, ISSUER, KEY_ID, verifying_key};

pub fn ports() -> Ports {
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
        clock: Arc::new(now_millis),
        stopwatch,
        observe: Arc::new(NoLines),
    }
}

pub fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
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
