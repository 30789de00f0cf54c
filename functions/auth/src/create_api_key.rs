//! Makes an API key that acts for the caller and answers it, once. For everybody with a fresh login. Emits
//! `api-key.created`.
//!
//! A key has no more roles than its person, and cannot make another key, because it never counts as a fresh login. Nor
//! does a session that is over, whose access token lives on for a moment: a key lives long. An idempotency key is not
//! honoured, because the answer under it would keep the secret.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch, random_id};
use policy::{Policy, RateLimit, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Auth;
use crate::account::caller;
use crate::api_keys::{API_KEY_CREATED, ApiKeyChanged, ApiKeyRecord, ApiKeyView};
use crate::clients::OAuth;
use crate::credential::{digest, new_secret};
use crate::domain::TenantRole;
use crate::records::ID_EXISTS;
use crate::secret::Secret;

/// A key to be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// What it may do.
    #[garde(length(min = 1, max = 4))]
    pub roles: Vec<TenantRole>,
    /// Seconds for which it is good, as far as the configuration allows; without it, as long as that.
    #[garde(inner(range(min = 60, max = 31_536_000)))]
    #[schemars(range(min = 60, max = 31_536_000))]
    pub good_for_seconds: Option<i64>,
}

/// A key, shown here and never again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// Goes into `Authorization: Bearer …`; only a digest is kept.
    #[schemars(length(min = 1, max = 200))]
    pub api_key: Secret,
    /// What is kept of it.
    pub details: ApiKeyView,
}

/// Nobody gives what they have not got.
pub const ROLE_NOT_HELD: Refusal = Refusal::rule("ROLE_NOT_HELD", "A key cannot have a role that you have not got.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Makes an API key that acts for the caller and answers it, once",
    policy: Policy::SENSITIVE.limited(RateLimit::Strict),
    errors: &[ROLE_NOT_HELD, ID_EXISTS],
    emits: &[API_KEY_CREATED],
    audit: Some("api-key.create"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/oauth")],
    ..Declaration::post("createApiKey", "/auth/v1/api-keys")
};

pub async fn handle(
    cx: Context<Auth>,
    input: Input<Nothing, Nothing, NewApiKey>,
) -> Result<Data<CreatedApiKey>, Error> {
    let (user, _) = caller(&cx).await?;
    let rules = cx.state.config.get::<OAuth>(&cx.tenant).await?;

    let NewApiKey { name, mut roles, good_for_seconds } = input.body;
    roles.sort();
    roles.dedup();
    let held = |role: &TenantRole| {
        Role::named(role.name()).is_some_and(|role| cx.principal.has(role))
            && user.value.roles.iter().any(|held| held == role.name())
    };
    if !roles.iter().all(held) {
        return Err(ROLE_NOT_HELD.into());
    }
    let good_for = good_for_seconds.unwrap_or(rules.api_key_seconds).min(rules.api_key_seconds);
    let secret = new_secret()?;
    let key = ApiKeyRecord {
        tenant: cx.tenant.clone(),
        key_id: random_id(),
        user_id: user.value.user_id,
        name,
        roles,
        digest: digest(&secret),
        epoch: user.value.key_epoch,
        created_at: cx.now.clone(),
        expires_at: Timestamp::from_unix_millis(cx.now.unix_millis() + good_for * 1000),
    };

    let event = ApiKeyChanged { key_id: key.key_id.clone(), user_id: key.user_id.clone() };
    let answer = Data::new(CreatedApiKey { api_key: key.written(&secret), details: key.view() });
    cx.state
        .table
        .transaction(&cx)
        .create(&key, ID_EXISTS)
        .event(&API_KEY_CREATED, &key.key_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
