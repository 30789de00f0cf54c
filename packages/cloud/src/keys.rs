//! The keys of a service that did not make them: the issuer's JWK set (RFC 7517, RFC 8037), the service secret, and the
//! tokens that API keys are exchanged for. What is read of the issuer's contract stands in `upstreams/usage.json`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_dalek::VerifyingKey;
use operation::{Clock, Keys, Settings, Transport};
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use service_errors::Error;

use crate::Secrets;

/// Fetches the JWK set when an unknown key id is met, and keeps it.
///
/// It reads the set itself instead of by a generated client. Clients call, sign and look for their upstream through a
/// platform that stands on this crate; the set may be another issuer's, whose address the configuration says; and its
/// form is RFC 7517's, of which keys for other algorithms are passed over.
pub struct RemoteKeys {
    transport: Arc<dyn Transport>,
    settings: Arc<dyn Settings>,
    secrets: Secrets,
    clock: Clock,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, VerifyingKey>,
    fetched_at: Option<i64>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    crv: String,
    x: String,
}

#[derive(Deserialize)]
struct IssuedToken {
    access_token: String,
}

impl RemoteKeys {
    /// Keys behind `transport`; the settings say where the JWK set is.
    pub fn new(transport: Arc<dyn Transport>, settings: Arc<dyn Settings>, secrets: Secrets, clock: Clock) -> Self {
        Self { transport, settings, secrets, clock, known: Mutex::default() }
    }

    async fn fetch(&self, url: &str) -> Result<HashMap<String, VerifyingKey>, Error> {
        const RETRY_AFTER_SECONDS: u64 = 1;
        let down = |why: String| Error::unavailable(format!("JWK set at {url}: {why}"), RETRY_AFTER_SECONDS);
        let request = http::Request::get(url).body(Bytes::new()).map_err(Error::internal)?;
        let response = self.transport.send(request).await.map_err(|error| down(error.to_string()))?;
        if !response.status().is_success() {
            return Err(down(response.status().to_string()));
        }
        let set: KeySet = serde_json::from_slice(response.body()).map_err(|error| down(error.to_string()))?;
        let ed25519 = set.keys.into_iter().filter(|key| key.crv == "Ed25519");
        Ok(ed25519
            .filter_map(|key| {
                let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(&key.x).ok()?.try_into().ok()?;
                Some((key.kid, VerifyingKey::from_bytes(&bytes).ok()?))
            })
            .collect())
    }
}

#[async_trait]
impl Keys for RemoteKeys {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        let settings = self.settings.of(PLATFORM_TENANT).await?;
        let now = (self.clock)() / 1000;
        if let Ok(known) = self.known.lock() {
            if let Some(key) = known.keys.get(key_id) {
                return Ok(Some(*key));
            }
            // Made-up key ids must not become a storm of fetches.
            if known.fetched_at.is_some_and(|at| now - at < settings.key_refresh) {
                return Ok(None);
            }
        }
        let keys = self.fetch(&settings.key_set_url).await?;
        let found = keys.get(key_id).copied();
        if let Ok(mut known) = self.known.lock() {
            *known = Known { keys, fetched_at: Some(now) };
        }
        Ok(found)
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        self.secrets.service().await
    }

    /// Asks the issuer's token endpoint, which stands beside the key set.
    async fn exchange_api_key(&self, key: &str) -> Result<Option<String>, Error> {
        let sendable = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !key.bytes().all(sendable) {
            return Ok(None);
        }
        let settings = self.settings.of(PLATFORM_TENANT).await?;
        let beside = settings.key_set_url.rsplit_once('/').map_or("", |(before, _)| before);
        let url = format!("{beside}/oauth/token");
        const RETRY_AFTER_SECONDS: u64 = 1;
        let down = |why: String| Error::unavailable(format!("token endpoint {url}: {why}"), RETRY_AFTER_SECONDS);
        let request = http::Request::post(&url)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("grant_type=urn%3Aenver%3Aoauth%3Agrant-type%3Aapi-key&api_key={key}")))
            .map_err(Error::internal)?;
        let response = self.transport.send(request).await.map_err(|error| down(error.to_string()))?;
        match response.status().as_u16() {
            200 => {}
            400 | 401 => return Ok(None),
            other => return Err(down(other.to_string())),
        }
        let issued: IssuedToken = serde_json::from_slice(response.body()).map_err(|error| down(error.to_string()))?;
        Ok(Some(issued.access_token))
    }
}
