//! The issuer of tokens: its Ed25519 keys, kept in the table and changed when their time has come, and the checks
//! against them.

use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::{Platform, Secrets, Table};
use config_client::ConfigClient;
use ed25519_dalek::{SigningKey, VerifyingKey};
use operation::{Call, Claims, Clock, Environment, Keys, NoContent, encode_token};
use policy::PLATFORM_TENANT;
use service_errors::{Error, Kind};
use validation::types::Timestamp;

use crate::api_keys::{claims, holder};
use crate::key_ring::{KeyRing, SigningKeys};
use crate::sealed::Seal;
use crate::secret::Secret;

/// Signs tokens, and checks those that come back.
pub struct Issuer {
    table: Table,
    config: Arc<ConfigClient>,
    secrets: Secrets,
    environment: Environment,
    clock: Clock,
    known: RwLock<Option<Arc<Known>>>,
}

/// The ring as it was last read, and its keys ready for use, in the same order.
struct Known {
    ring: KeyRing,
    keys: Vec<SigningKey>,
}

/// The public half of a key.
pub struct PublicKey {
    /// Names the key in tokens and in the key set.
    pub id: String,
    /// As a JWK holds it (RFC 8037).
    pub x: String,
}

impl Issuer {
    pub fn new(platform: &Platform, table: &Table, config: &Arc<ConfigClient>) -> Self {
        Self {
            table: table.clone(),
            config: Arc::clone(config),
            secrets: platform.secrets.clone(),
            environment: platform.environment,
            clock: platform.clock.clone(),
            known: RwLock::default(),
        }
    }

    /// What this service's secrets are sealed with.
    pub async fn seal(&self) -> Result<Seal, Error> {
        Seal::new(&self.secrets.service().await?)
    }

    /// The claims as a signed access token.
    pub async fn sign(&self, claims: &Claims) -> Result<Secret, Error> {
        self.sign_with(claims.exp, |key, id| encode_token(claims, key, id)).await
    }

    /// Whatever `encode` makes of the key that signs now. Nothing may be good for longer, in seconds since 1970, than
    /// its key is published.
    pub async fn sign_with(
        &self,
        expires_at: i64,
        encode: impl FnOnce(&SigningKey, &str) -> Result<String, serde_json::Error>,
    ) -> Result<Secret, Error> {
        let known = self.current().await?;
        let now = self.now();
        let signing = known.ring.signing(&now).ok_or_else(|| Error::internal("no key signs now"))?;
        if expires_at - now.unix_seconds() > signing.longest_token_seconds {
            return Err(Error::internal("a token is to outlive the key that signs it"));
        }
        let key = known.key(&signing.key_id).ok_or_else(|| Error::internal("the signing key is not in its ring"))?;
        encode(key, &signing.key_id).map(Secret::new).map_err(Error::internal)
    }

    /// The keys that tokens may be checked with, oldest first.
    pub async fn published(&self) -> Result<Vec<PublicKey>, Error> {
        let known = self.current().await?;
        let now = self.now();
        let both = known.ring.keys.iter().zip(&known.keys);
        let published = both.filter(|(record, _)| record.is_published(&now)).map(|(record, key)| PublicKey {
            id: record.key_id.clone(),
            x: URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
        });
        Ok(published.collect())
    }

    /// The ring with everything done that is due. Of several that turn it at the same time, the first to write has
    /// turned it for all.
    async fn current(&self) -> Result<Arc<Known>, Error> {
        let now = self.now();
        if let Some(known) = self.known().filter(|known| !known.ring.is_due(&now)) {
            return Ok(known);
        }
        let read = self.table.get::<KeyRing>(PLATFORM_TENANT, KeyRing::ID).await?;
        if let Some(read) = read.as_ref().filter(|read| !read.value.is_due(&now)) {
            return self.keep(read.value.clone()).await;
        }
        let periods = self.config.get::<SigningKeys>(PLATFORM_TENANT).await?;
        let seal = self.seal().await?;
        let mut call = Call::of_platform(crate::NAME, "turnKeyRing", self.environment, now.clone());
        let ring = match &read {
            None => KeyRing::begin(&periods, &seal, &now)?,
            Some(read) => {
                call.audit = Some("key.rotate");
                read.value.turned(&periods, &seal, &now)?
            }
        };
        match self.table.transaction(&call).upsert(read.as_ref(), &ring).commit(&NoContent).await {
            Ok(()) => self.keep(ring).await,
            Err(error) if error.kind() == Kind::Conflict => {
                let lost = || Error::internal("the key ring was turned and is not there");
                self.read().await?.ok_or_else(lost)
            }
            Err(error) => Err(error),
        }
    }

    /// The ring as it stands in the table, if there is one.
    async fn read(&self) -> Result<Option<Arc<Known>>, Error> {
        let read = self.table.get::<KeyRing>(PLATFORM_TENANT, KeyRing::ID).await?;
        match read {
            Some(read) => self.keep(read.value).await.map(Some),
            None => Ok(None),
        }
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().ok()?.clone()
    }

    async fn keep(&self, ring: KeyRing) -> Result<Arc<Known>, Error> {
        let seal = self.seal().await?;
        let keys: Result<_, Error> = ring.keys.iter().map(|record| record.signing_key(&seal)).collect();
        let known = Arc::new(Known { ring, keys: keys? });
        if let Ok(mut kept) = self.known.write() {
            *kept = Some(Arc::clone(&known));
        }
        Ok(known)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis((self.clock)())
    }
}

impl Known {
    fn key(&self, id: &str) -> Option<&SigningKey> {
        self.ring.keys.iter().zip(&self.keys).find(|(record, _)| record.key_id == id).map(|(_, key)| key)
    }
}

#[async_trait]
impl Keys for Issuer {
    async fn verification_key(&self, key_id: &str) -> Result<Option<VerifyingKey>, Error> {
        let of = |known: &Known| known.key(key_id).map(SigningKey::verifying_key);
        let known = self.known();
        if let Some(key) = known.as_deref().and_then(of) {
            return Ok(Some(key));
        }
        // A ring that is not due holds every key there is: made-up key ids cost no reading.
        if known.is_some_and(|known| !known.ring.is_due(&self.now())) {
            return Ok(None);
        }
        Ok(self.read().await?.as_deref().and_then(of))
    }

    async fn service_secret(&self) -> Result<[u8; 32], Error> {
        self.secrets.service().await
    }

    async fn exchange_api_key(&self, key: &str) -> Result<Option<String>, Error> {
        let now = self.now();
        let Some((key, user)) = holder(&self.table, key, &now).await? else { return Ok(None) };
        let claims = claims(&self.config, &self.table, &key, &user, &now).await?;
        Ok(Some(self.sign(&claims).await?.expose().to_owned()))
    }
}
