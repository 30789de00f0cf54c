//! The issuer of tokens: its Ed25519 key, made once and kept in the table, and the checks against it.

use std::sync::OnceLock;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloud::{Entity, Platform, Secrets, Table};
use ed25519_dalek::{SigningKey, VerifyingKey};
use operation::{Call, Claims, Clock, Environment, Keys, NoContent, encode_token, random_id};
use policy::PLATFORM_TENANT;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::secret::Secret;

/// Signs tokens, and checks those that come back.
pub struct Issuer {
    table: Table,
    secrets: Secrets,
    environment: Environment,
    clock: Clock,
    key: OnceLock<IssuerKey>,
}

/// The key and its id.
pub struct IssuerKey {
    /// Names the key in tokens and in the key set.
    pub id: String,
    key: SigningKey,
}

impl IssuerKey {
    /// The public half, as a JWK holds it (RFC 8037).
    pub fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes())
    }
}

impl Issuer {
    pub fn new(platform: &Platform, table: &Table) -> Self {
        Self {
            table: table.clone(),
            secrets: platform.secrets.clone(),
            environment: platform.environment,
            clock: platform.clock.clone(),
            key: OnceLock::new(),
        }
    }

    /// The claims as a signed token.
    pub async fn sign(&self, claims: &Claims) -> Result<Secret, Error> {
        let key = self.key().await?;
        encode_token(claims, &key.key, &key.id).map(Secret::new).map_err(Error::internal)
    }

    /// The key; made now if there is none. Of several that make one at the same time, the first to write it has made
    /// it for all.
    pub async fn key(&self) -> Result<&IssuerKey, Error> {
        if let Some(key) = self.known().await? {
            return Ok(key);
        }
        let now = Timestamp::from_unix_millis((self.clock)());
        let record = KeyRecord::new(&now)?;
        let call = Call::of_platform(crate::NAME, "makeKey", self.environment, now);
        match self.table.transaction(&call).create(&record, KEY_EXISTS).commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => other?,
        }
        self.known().await?.ok_or_else(|| Error::internal("the signing key was made and is not there"))
    }

    /// The key, if there is one.
    async fn known(&self) -> Result<Option<&IssuerKey>, Error> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key));
        }
        let record = self.table.get::<KeyRecord>(PLATFORM_TENANT, KeyRecord::ID).await?;
        let key = record.map(|record| record.value.key()).transpose()?;
        Ok(key.map(|key| self.key.get_or_init(|| key)))
    }
}

#[async_trait]
impl Keys for Issuer {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        let key = self.known().await?;
        Ok(key.filter(|key| key.id == key_id).map(|key| key.key.verifying_key()))
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        self.secrets.service().await
    }
}

/// Somebody else makes the key at the same time.
const KEY_EXISTS: Refusal = Refusal::of(Kind::Conflict, "The signing key is there already.");

/// The key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyRecord {
    key_id: String,
    /// 32 bytes in base64.
    private_key: Secret,
    created_at: Timestamp,
}

impl Entity for KeyRecord {
    const KIND: &'static str = "signing-key";

    fn tenant(&self) -> &str {
        PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        Self::ID
    }

    fn order(&self) -> String {
        self.created_at.to_string()
    }
}

impl KeyRecord {
    /// There is one key, so its place is known before its id is.
    const ID: &'static str = "current";

    fn new(now: &Timestamp) -> Result<Self, Error> {
        let mut private = [0_u8; 32];
        getrandom::fill(&mut private).map_err(|error| Error::internal(error.to_string()))?;
        let private_key = Secret::new(STANDARD.encode(private));
        Ok(Self { key_id: random_id(), private_key, created_at: now.clone() })
    }

    fn key(self) -> Result<IssuerKey, Error> {
        let bytes = STANDARD.decode(self.private_key.expose()).ok();
        let private: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let private = private.ok_or_else(|| Error::internal("the signing key is not 32 bytes in base64"))?;
        Ok(IssuerKey { id: self.key_id, key: SigningKey::from_bytes(&private) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_is_kept_is_the_key_that_is_read() {
        let record = KeyRecord::new(&Timestamp::from_unix_millis(0)).unwrap();

        let (one, other) = (record.clone().key().unwrap(), record.clone().key().unwrap());

        assert_eq!((one.id.as_str(), one.x()), (record.key_id.as_str(), other.x()));
        assert!(!format!("{record:?}").contains(record.private_key.expose()));
    }
}
