//! Sets a new password for whoever holds a reset token. For everybody. Emits `password.changed`.
//!
//! The token is good once and for a while; of two who use it at the same moment exactly one wins. All sessions of the
//! person end, and failed attempts to log in are forgotten. A second factor stays: a mailbox alone is not both. API keys
//! stay unless the caller wants them revoked too.

use cloud::Transaction;
use garde::Validate;
use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::account::{CHANGED, CredentialsChanged, PASSWORD_CHANGED};
use crate::attempts::Attempts;
use crate::domain::Email;
use crate::one_time_token::OneTimeToken;
use crate::password_resets::ResetRecord;
use crate::password_rules::{PASSWORD_REUSED, PasswordRules};
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::UserRecord;
use crate::secret::Secret;

/// A new password, and the proof that it may be set.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordReset {
    /// As it came by mail.
    #[garde(length(chars, min = 1, max = 256))]
    pub token: Secret,
    /// What its owner will log in with.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
    /// Whether their API keys are void from now on too.
    #[serde(default)]
    #[garde(skip)]
    pub revoke_api_keys: bool,
}

/// The one answer to everything that is wrong with a reset token.
pub const INVALID_RESET_TOKEN: Refusal =
    Refusal::new(Kind::Unauthorized, "INVALID_RESET_TOKEN", "The reset token is not good any more: ask for another.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Sets a new password for whoever holds a reset token",
    success: 204,
    policy: Policy::PUBLIC.limited(RateLimit::Strict),
    errors: &[INVALID_RESET_TOKEN, WEAK_PASSWORD, PASSWORD_REUSED, CHANGED],
    emits: &[PASSWORD_CHANGED],
    audit: Some("password.reset"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("resetPassword", "/auth/v1/password-resets/completion")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, PasswordReset>) -> Result<NoContent, Error> {
    let table = &cx.state.table;
    let token = OneTimeToken::parse(&input.body.token).ok_or(INVALID_RESET_TOKEN)?;
    let reset = table.get::<ResetRecord>(&token.tenant, &token.id).await?;
    let reset = reset.filter(|reset| token.matches(&reset.value.digest) && reset.value.expires_at > cx.now);
    let reset = reset.ok_or(INVALID_RESET_TOKEN)?;
    let user_id = reset.value.user_id.as_deref().ok_or(INVALID_RESET_TOKEN)?;
    let read = table.get::<UserRecord>(&token.tenant, user_id).await?;
    let read = read.filter(|read| !read.value.suspended && read.value.session_epoch == reset.value.epoch);
    let read = read.ok_or(INVALID_RESET_TOKEN)?;
    let attempts = table.get::<Attempts>(PLATFORM_TENANT, &token.id).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let lengths = cx.state.config.get::<Passwords>(&token.tenant).await?;
    let rules = cx.state.config.get::<PasswordRules>(&token.tenant).await?;

    let password = &input.body.password;
    lengths.check(password)?;
    rules.check(password, &Email(read.value.email.clone()))?;
    let user = rules.replace(&read.value, password, &costs, &cx.now)?.without_keys(input.body.revoke_api_keys);

    let acting = user.acting_in(&cx);
    let change = table.transaction(&acting).erase(&reset).or(INVALID_RESET_TOKEN).update(&read, &user).or(CHANGED);
    attempts
        .iter()
        .fold(change, Transaction::erase)
        .event(&PASSWORD_CHANGED, &user.user_id, &CredentialsChanged { user_id: user.user_id.clone() })
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
