//! What the pipeline asks of a mock: settings from its own documents, its own keys, the answers it remembers, its
//! counters.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ed25519_dalek::VerifyingKey;
use minijinja::Value;
use operation::{Claim, Counters, Keys, LocalCounters, Memory, Remembered, Settings, Standing, TenantSettings, Window};
use policy::RateLimit;
use serde_json::{Value as Json, json};
use service_errors::Error;

use crate::constellation::Constellation;
use crate::keys::{KEY_ID, service_secret, signing_key};
use crate::scope::{DOCUMENTS, effective};
use crate::state::State;
use crate::value::{of_json, to_json};

/// The collection in which answers are remembered under their idempotency keys.
pub const ANSWERS: &str = "answers";

/// The procedure of a behaviour that makes an access token of an API key: it is given `it` and sets `exchanged`.
pub const EXCHANGE: &str = "exchangeApiKey";

#[async_trait]
impl Keys for Constellation {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        Ok((key_id == KEY_ID).then(|| signing_key().verifying_key()))
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        Ok(service_secret())
    }

    async fn exchange_api_key(&self, key: &str) -> Result<Option<String>, Error> {
        self.exchanged(key)
    }
}

/// Counters that are set back with everything else.
#[derive(Debug, Default)]
pub struct Counted(RwLock<Arc<LocalCounters>>);

impl Counted {
    /// Forgets every count.
    pub fn reset(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    fn counters(&self) -> Arc<LocalCounters> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Counters for Counted {
    async fn hit(&self, key: &str, window: Window, now: i64) -> Result<Standing, Error> {
        self.counters().hit(key, window, now).await
    }

    async fn first_use(&self, once: &str, now: i64, expires_at: i64) -> Result<bool, Error> {
        self.counters().first_use(once, now, expires_at).await
    }
}

/// What one service answered under idempotency keys.
pub struct Answers {
    pub constellation: Arc<Constellation>,
    pub service: &'static str,
}

#[async_trait]
impl Memory for Answers {
    async fn recall(&self, claim: &Claim) -> Result<Option<Remembered>, Error> {
        let state = self.constellation.state();
        let found = state.get(&claim.tenant, ANSWERS, &key(self.service, claim)).map(|stored| to_json(&stored.value));
        let kept = found.filter(|kept| kept["until"].as_i64() > Some(self.constellation.now() / 1000));
        Ok(kept.map(|kept| remembered(&kept)))
    }
}

/// Whether an answer is kept under a claim, at that time in seconds since 1970.
pub fn is_answered(state: &State, service: &str, claim: &Claim, now: i64) -> bool {
    let kept = state.get(&claim.tenant, ANSWERS, &key(service, claim));
    let until = kept.and_then(|kept| kept.value.get_attr("until").ok()).and_then(|until| i64::try_from(until).ok());
    until.is_some_and(|until| until > now)
}

/// Keeps an answer under its claim.
pub fn remember(
    state: &mut State,
    service: &str,
    claim: &Claim,
    answer: &operation::Answer,
) -> Result<(), crate::state::Full> {
    let headers = answer.headers.iter().filter_map(|(name, value)| Some(json!([name.as_str(), value.to_str().ok()?])));
    let kept = json!({
        "fingerprint": claim.fingerprint,
        "until": claim.expires_at,
        "status": answer.status,
        "headers": headers.collect::<Vec<Json>>(),
        "body": STANDARD.encode(&answer.body),
    });
    state.put(&claim.tenant, ANSWERS, &key(service, claim), of_json(&kept))
}

fn key(service: &str, claim: &Claim) -> String {
    format!("{service}#{}", claim.key)
}

fn remembered(kept: &Json) -> Remembered {
    let pair = |field: &Json| Some((field[0].as_str()?.to_owned(), field[1].as_str()?.to_owned()));
    Remembered {
        fingerprint: kept["fingerprint"].as_str().unwrap_or_default().to_owned(),
        status: kept["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default(),
        body: Bytes::from(STANDARD.decode(kept["body"].as_str().unwrap_or_default()).unwrap_or_default()),
        headers: kept["headers"].as_array().into_iter().flatten().filter_map(pair).collect(),
    }
}

/// The settings of tenants, put together from documents and kept until one of those changes.
#[derive(Default)]
pub struct Configured(Mutex<(u64, HashMap<String, Arc<TenantSettings>>)>);

impl Configured {
    fn of(&self, state: &State, tenant: &str) -> Result<Arc<TenantSettings>, Error> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != state.configured || known.1.len() > crate::state::MOST_TENANTS {
            *known = (state.configured, HashMap::new());
        }
        if let Some(settings) = known.1.get(tenant) {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(read(state, tenant)?);
        known.1.insert(tenant.to_owned(), Arc::clone(&settings));
        Ok(settings)
    }
}

#[async_trait]
impl Settings for Constellation {
    async fn of(&self, tenant: &str) -> Result<Arc<TenantSettings>, Error> {
        self.configured.of(&self.state(), tenant)
    }

    async fn origin_known(&self, origin: &str) -> bool {
        let state = self.state();
        let lists = |tenant: &String| {
            let origins = document(&state, tenant, "global.security.cors")["origins"].take();
            origins.as_array().is_some_and(|origins| origins.iter().any(|known| known == origin))
        };
        state.tenants().filter(|tenant| state.count(tenant, DOCUMENTS) > 0).any(lists)
    }
}

fn document(state: &State, tenant: &str, id: &str) -> Json {
    to_json(&effective(state, tenant, id).get_attr("value").unwrap_or(Value::UNDEFINED))
}

fn read(state: &State, tenant: &str) -> Result<TenantSettings, Error> {
    let documents = ["operational.rate-limits", "security.cors", "operational.idempotency", "operational.switches"]
        .map(|name| document(state, tenant, &format!("global.{name}")));
    let [limits, cors, idempotency, switches] = &documents;
    let authentication = &document(state, tenant, "global.security.authentication");
    let number = |of: &Json, name: &str| {
        of[name].as_i64().ok_or_else(|| Error::internal(format!("no document of the mock says {name}")))
    };
    let text = |name: &str| authentication[name].as_str().unwrap_or_default().to_owned();
    let texts = |of: &Json| {
        of.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let window = |preset: RateLimit| -> Result<_, Error> {
        let part = |name: &str| number(&limits[preset.name()], name).map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        Ok((preset, Window { limit: part("limit")?, seconds: part("seconds")? }))
    };
    Ok(TenantSettings {
        rate_limits: RateLimit::ALL.into_iter().map(window).collect::<Result<_, _>>()?,
        origins: texts(&cors["origins"]),
        preflight_max_age: number(cors, "maxAgeSeconds")?.try_into().unwrap_or_default(),
        issuer: text("issuer"),
        audience: text("audience"),
        key_set_url: text("keySetUrl"),
        key_refresh: number(authentication, "keyRefreshSeconds")?,
        fresh_login: number(authentication, "freshLoginSeconds")?,
        signature_max_age: number(authentication, "signatureMaxAgeSeconds")?,
        signature_max_ahead: number(authentication, "signatureMaxAheadSeconds")?,
        idempotency_retention: number(idempotency, "retentionSeconds")?,
        switched_off: texts(&switches["switchedOff"]),
    })
}
