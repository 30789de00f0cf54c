//! Revokes an API key: no token is given for it any more. For its person and for administrators. Emits
//! `api-key.revoked`.

use garde::Validate;
use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::api_keys::{API_KEY_NOT_FOUND, API_KEY_REVOKED, ApiKeyChanged, ApiKeyRecord};

/// Which key.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyPath {
    /// The key.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub key_id: String,
}

/// It is being revoked at the same moment.
pub const ALREADY_REVOKED: Refusal = Refusal::of(Kind::Conflict, "This key has just been revoked.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Revokes an API key",
    policy: Policy::AUTHENTICATED.and(&["own-api-key"]),
    errors: &[API_KEY_NOT_FOUND, ALREADY_REVOKED],
    emits: &[API_KEY_REVOKED],
    audit: Some("api-key.revoke"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("revokeApiKey", "/auth/v1/api-keys/{keyId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<ApiKeyPath>) -> Result<NoContent, Error> {
    let read = cx.state.table.get::<ApiKeyRecord>(&cx.tenant, &input.path.key_id).await?;
    let read = read.filter(|key| cx.principal.owns(&key.value.user_id)).ok_or(API_KEY_NOT_FOUND)?;

    let event = ApiKeyChanged { key_id: read.value.key_id.clone(), user_id: read.value.user_id.clone() };
    cx.state
        .table
        .transaction(&cx)
        .remove(&read)
        .or(ALREADY_REVOKED)
        .event(&API_KEY_REVOKED, &event.key_id, &event)
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
