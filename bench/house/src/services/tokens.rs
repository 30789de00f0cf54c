//! The check of an access token as the pipeline does it: of one never seen before, and of one it remembers.

use std::hint::black_box;

use async_trait::async_trait;
use ed25519_dalek::{SigningKey, VerifyingKey};
use operation::{Claims, Keys, TenantSettings, Verified, encode_token};
use serde_json::{Value, json};
use service_errors::Error;

use super::house::now_millis;
use super::watch::{Watch, median};
use crate::Failure;

const ISSUER: &str = "https://auth.enver.example";
const AUDIENCE: &str = "enver";
const KEY_ID: &str = "bench";
/// So many checks are timed at once, because the clock itself takes time.
const BATCH: usize = 50;
const BATCHES: usize = 100;

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

pub async fn measure() -> Result<Value, Failure> {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let (keys, settings, verified) = (OneKey(signing.verifying_key()), settings(), Verified::default());
    let now = now_millis() / 1000;
    let tokens: Result<Vec<String>, _> =
        (0..BATCH * BATCHES).map(|number| encode_token(&claims(number, now), &signing, KEY_ID)).collect();
    let tokens = tokens?;

    let mut times = [Vec::new(), Vec::new()];
    for batch in tokens.chunks(BATCH) {
        // First all of them are new, then all of them are remembered.
        for times in &mut times {
            let watch = Watch::start();
            for token in batch {
                let user = verified.user(token, &keys, &settings, now).await.map_err(|error| error.chain())?;
                black_box(user);
            }
            times.push(watch.stop().thread);
        }
    }
    let [first, again] = times.map(|times| median(times) / BATCH as f64);
    Ok(json!({ "firstMicroseconds": first, "rememberedMicroseconds": again }))
}

fn claims(number: usize, now: i64) -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: "0123456789abcdef0123456789abcdef".into(),
        exp: now + 900,
        iat: now,
        jti: number.to_string(),
        tenant_id: "bench".into(),
        sid: "0123456789abcdef0123456789abcdef".into(),
        auth_time: now,
        amr: vec!["pwd".into()],
        roles: vec!["shipper".into()],
        permissions: ["booking:cancel", "booking:create", "booking:quote", "booking:read"].map(str::to_owned).to_vec(),
    }
}

fn settings() -> TenantSettings {
    TenantSettings {
        rate_limits: Vec::new(),
        origins: Vec::new(),
        preflight_max_age: 600,
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        key_set_url: String::new(),
        key_refresh: 10,
        fresh_login: 900,
        signature_max_age: 300,
        signature_max_ahead: 60,
        idempotency_retention: 86_400,
        switched_off: Vec::new(),
    }
}
