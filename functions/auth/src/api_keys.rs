//! API keys: what a person gives to a program that is to act for them, and the events their changes are told by.
//!
//! A key is `ek.{tenant}.{id}.{secret}`. Whoever is given one, at any service, exchanges it for an access token of a
//! short life, and so a key is checked where all credentials are and a revoked one is void everywhere soon.

use cloud::{Entity, Table};
use config_client::{Authentication, ConfigClient};
use garde::Validate;
use operation::{API_KEY_PREFIX, Claims, EventType, random_id};
use policy::PLATFORM_TENANT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::clients::OAuth;
use crate::credential::{Pointer, matches};
use crate::domain::TenantRole;
use crate::records::UserRecord;
use crate::roles::granted_to;
use crate::secret::Secret;

/// A key of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyRecord {
    pub tenant: String,
    pub key_id: String,
    pub user_id: String,
    pub name: String,
    pub roles: Vec<TenantRole>,
    /// SHA-256 of the secret.
    pub digest: String,
    /// The person's [`UserRecord::key_epoch`] when it was made; under another number it is void.
    #[serde(default)]
    pub epoch: u64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Entity for ApiKeyRecord {
    const KIND: &'static str = "api-key";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.key_id
    }

    fn order(&self) -> String {
        self.created_at.sortable()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

impl ApiKeyRecord {
    /// Whether it may act for `user`, whose it is.
    pub fn acts_for(&self, user: &UserRecord) -> bool {
        self.epoch == user.key_epoch && !user.suspended
    }

    /// The key as its holder gets it.
    pub fn written(&self, secret: &Secret) -> Secret {
        let pointer = Pointer { tenant: self.tenant.clone(), id: self.key_id.clone() };
        Secret::new(format!("{API_KEY_PREFIX}{pointer}.{}", secret.expose()))
    }

    /// What others may know of it.
    pub fn view(&self) -> ApiKeyView {
        ApiKeyView {
            key_id: self.key_id.clone(),
            prefix: format!("{API_KEY_PREFIX}{}.{}", self.tenant, self.key_id),
            user_id: self.user_id.clone(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            created_at: self.created_at.clone(),
            expires_at: self.expires_at.clone(),
        }
    }
}

/// The key that is presented and the person it acts for, if it is good now.
pub async fn holder(
    table: &Table,
    presented: &str,
    now: &Timestamp,
) -> Result<Option<(ApiKeyRecord, UserRecord)>, Error> {
    let parsed = presented.strip_prefix(API_KEY_PREFIX).and_then(Pointer::with_secret);
    let Some((pointer, secret)) = parsed else { return Ok(None) };
    let key = table.get::<ApiKeyRecord>(&pointer.tenant, &pointer.id).await?.map(|read| read.value);
    let Some(key) = key.filter(|key| matches(&key.digest, &secret) && key.expires_at > *now) else { return Ok(None) };
    let user = table.get::<UserRecord>(&key.tenant, &key.user_id).await?;
    Ok(user.filter(|user| key.acts_for(&user.value)).map(|user| (key, user.value)))
}

/// What a key's access token says. The key gives no role that its person has lost, none at all while one of the
/// person's asks for a second factor that they have not got, and it never counts as a login.
pub async fn claims(
    config: &ConfigClient,
    table: &Table,
    key: &ApiKeyRecord,
    user: &UserRecord,
    now: &Timestamp,
) -> Result<Claims, Error> {
    let rules = config.get::<OAuth>(&key.tenant).await?;
    let authentication = config.get::<Authentication>(PLATFORM_TENANT).await?;
    let now = now.unix_seconds();
    let shut = granted_to(config, table, &user.tenant, &user.roles).await?.multi_factor_required && !user.multi_factor;
    let held = key.roles.iter().map(|role| role.name().to_owned());
    let roles: Vec<String> = held.filter(|role| !shut && user.roles.contains(role)).collect();
    Ok(Claims {
        iss: authentication.issuer.clone(),
        aud: authentication.audience.clone(),
        sub: user.user_id.clone(),
        exp: (now + rules.api_key_token_seconds).min(key.expires_at.unix_seconds()),
        iat: now,
        jti: random_id(),
        tenant_id: user.tenant.clone(),
        sid: String::new(),
        auth_time: 0,
        amr: Vec::new(),
        permissions: granted_to(config, table, &user.tenant, &roles).await?.permissions,
        roles,
    })
}

/// A key, without its secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyView {
    /// The key.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub key_id: String,
    /// How the key begins, to tell one from another.
    #[schemars(length(min = 1, max = 80))]
    pub prefix: String,
    /// The person it acts for.
    #[schemars(length(min = 1, max = 100))]
    pub user_id: String,
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What it may do, as long as its person may, each role once.
    #[schemars(length(max = 4))]
    pub roles: Vec<TenantRole>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What events about keys tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyChanged {
    /// The key.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub key_id: String,
    /// The person it acts for.
    #[garde(length(chars, min = 1, max = 100))]
    pub user_id: String,
}

/// Emitted when a key was made.
pub const API_KEY_CREATED: EventType = EventType::of::<ApiKeyChanged>("api-key.created", "An API key was made.");
/// Emitted when a key was revoked.
pub const API_KEY_REVOKED: EventType = EventType::of::<ApiKeyChanged>("api-key.revoked", "An API key was revoked.");

/// No such key, or another person's.
pub const API_KEY_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "API_KEY_NOT_FOUND", "There is no such API key.");
