//! Gives the caller another password. For everybody who is logged in and knows the one there is. Emits
//! `password.changed`.
//!
//! All other sessions of the person end with it; the caller's goes on. A wrong password counts as a failed attempt to
//! log in, so that nobody guesses here what a log-in would lock.
//!
//! API keys are credentials of their own and go on, because programs must not stop when a person does what they should
//! do now and then. Whoever fears that somebody else knew the password revokes them in the same step.

use garde::Validate;
use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::account::{CHANGED, CredentialsChanged, PASSWORD_CHANGED, caller};
use crate::attempts::Attempt;
use crate::domain::Email;
use crate::open_session::alone;
use crate::password_rules::{PASSWORD_REUSED, PASSWORD_TOO_YOUNG, PasswordRules};
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::secret::Secret;
use crate::session::SessionRecord;

/// The password there is, and the one there shall be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    /// What the caller logs in with now.
    #[garde(length(chars, min = 1, max = 128))]
    pub current: Secret,
    /// What they will log in with.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
    /// Whether their API keys are void from now on too.
    #[serde(default)]
    #[garde(skip)]
    pub revoke_api_keys: bool,
}

/// It is not the password there is.
pub const WRONG_PASSWORD: Refusal = Refusal::rule("WRONG_PASSWORD", "The current password is wrong.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives the caller another password and ends their other sessions",
    success: 204,
    policy: Policy::AUTHENTICATED.limited(RateLimit::Auth),
    errors: &[WRONG_PASSWORD, WEAK_PASSWORD, PASSWORD_REUSED, PASSWORD_TOO_YOUNG, CHANGED],
    emits: &[PASSWORD_CHANGED],
    audit: Some("password.change"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/lock-out"),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("changePassword", "/auth/v1/password")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, PasswordChange>) -> Result<NoContent, Error> {
    let (read, session) = caller(&cx).await?;
    let email = Email(read.value.email.clone());
    let attempt = Attempt::of(&cx, &read.value).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let lengths = cx.state.config.get::<Passwords>(&cx.tenant).await?;
    let rules = cx.state.config.get::<PasswordRules>(&cx.tenant).await?;

    let PasswordChange { current, password, revoke_api_keys } = input.body;
    if !costs.verify(&current, Some(&read.value.password_hash))? {
        attempt.failed(&cx).await?;
        return Err(WRONG_PASSWORD.into());
    }
    attempt.taken_back(&cx).await?;
    lengths.check(&password)?;
    rules.check(&password, &email)?;
    rules.check_age(&read.value, &cx.now)?;
    let user = rules.replace(&read.value, &password, &costs, &cx.now)?.without_keys(revoke_api_keys);
    let going_on = SessionRecord { epoch: user.session_epoch, ..session.value.clone() };
    let (book, only) = alone(&cx, &going_on).await?;

    cx.state
        .table
        .transaction(&cx)
        .update(&read, &user)
        .or(CHANGED)
        .update(&session, &going_on)
        .or(CHANGED)
        .upsert(book.as_ref(), &only)
        .or(CHANGED)
        .event(&PASSWORD_CHANGED, &user.user_id, &CredentialsChanged { user_id: user.user_id.clone() })
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
