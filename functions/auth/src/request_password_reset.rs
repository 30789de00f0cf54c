//! Sends a token for a new password to an e-mail address of a tenant. For everybody. Emits `password.reset_requested`, or
//! `password.reset_ignored` in its place.
//!
//! The answer is the same for every tenant and address, after the same reads and the same write: it says nothing about
//! who is registered, and the token travels only in the event. For an address that nobody has, an event of the same size
//! is written that tells nothing. Asking again too soon sends nothing.

use garde::Validate;
use operation::{Context, Declaration, Input, NoContent, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};
use validation::Nothing;
use validation::types::TenantId;

use crate::Auth;
use crate::attempts::{address_id, by_stranger, later};
use crate::domain::Email;
use crate::log_in::registered;
use crate::one_time_token::OneTimeToken;
use crate::password_resets::{PasswordResets, RESET_IGNORED, RESET_REQUESTED, ResetRecord, ResetRequested};

/// Who has forgotten a password.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetWanted {
    /// Whose people the person is one of.
    #[garde(dive)]
    pub tenant_id: TenantId,
    /// In any case.
    #[garde(dive)]
    pub email: Email,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Sends a token for a new password to an e-mail address",
    success: 202,
    policy: Policy::PUBLIC.limited(RateLimit::Auth),
    emits: &[RESET_IGNORED, RESET_REQUESTED],
    audit: Some("password.ask_reset"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-resets"),
    ],
    ..Declaration::post("requestPasswordReset", "/auth/v1/password-resets")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, ResetWanted>) -> Result<NoContent, Error> {
    let rules = cx.state.config.get::<PasswordResets>(PLATFORM_TENANT).await?;
    let ResetWanted { tenant_id, email } = input.body;
    let (address, email) = (address_id(&tenant_id.0, &email), Email(email.folded()));
    let user = registered(&cx, &tenant_id.0, &email).await?.map(|user| user.value).filter(|user| !user.suspended);
    let tenant = user.as_ref().map_or(PLATFORM_TENANT, |user| &user.tenant);
    let read = cx.state.table.get::<ResetRecord>(tenant, &address).await?;

    if read.as_ref().is_some_and(|read| later(&read.value.asked_at, rules.resend_seconds) > cx.now) {
        return Ok(NoContent);
    }
    let token = OneTimeToken::new(tenant, &address)?;
    let record = ResetRecord {
        tenant: tenant.to_owned(),
        address: token.id.clone(),
        user_id: user.as_ref().map(|user| user.user_id.clone()),
        digest: token.digest(),
        epoch: user.as_ref().map_or(0, |user| user.session_epoch),
        asked_at: cx.now.clone(),
        expires_at: later(&cx.now, rules.token_seconds),
    };

    let acting = match &user {
        Some(user) => user.acting_in(&cx),
        None => by_stranger(&cx, Some("password.ask_reset")),
    };
    let event = ResetRequested {
        user_id: record.user_id.clone().unwrap_or_else(random_id),
        email,
        token: token.to_secret(),
        expires_at: record.expires_at.clone(),
    };
    let change = cx.state.table.transaction(&acting).upsert(read.as_ref(), &record);
    let change = match &user {
        Some(_) => change.event(&RESET_REQUESTED, &event.user_id, &event),
        None => change.event(&RESET_IGNORED, &event.user_id, &event.concealed()),
    };
    match change.commit(&NoContent).await {
        // Somebody asked for the same address at the same moment: that token is on its way.
        Err(error) if error.kind() == Kind::Conflict => Ok(NoContent),
        other => other.map(|()| NoContent),
    }
}
