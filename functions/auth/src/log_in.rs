//! Begins a session for whoever knows a tenant, an e-mail address in it and its password. For everybody. Emits nothing.
//!
//! A tenant that is not there, an address that nobody has in it, a password that is wrong and a person who is suspended
//! get one answer, after the same reads, the same hashing and the same writes: neither words, status nor time say who is
//! registered. After some failures an address of a tenant is locked for a while, also one that nobody has.
//!
//! Whoever has set up a second factor gets a challenge instead of tokens, to be answered in the second step.

use cloud::Stored;
use futures_util::future::try_join;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, NoContent, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::TenantId;

use crate::Auth;
use crate::attempts::{Attempt, later};
use crate::domain::Email;
use crate::multi_factor::{ChallengeRecord, MultiFactor};
use crate::one_time_token::OneTimeToken;
use crate::open_session::{SessionBook, open};
use crate::password_rules::{PASSWORD_EXPIRED, PasswordRules};
use crate::passwords::Passwords;
use crate::records::{EmailRecord, ID_EXISTS, UserRecord};
use crate::secret::Secret;
use crate::tokens::Tokens;

/// Proof of who somebody is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    /// Whose people the person is one of; `platform` for those who run the platform.
    #[garde(dive)]
    pub tenant_id: TenantId,
    /// In any case.
    #[garde(dive)]
    pub email: Email,
    /// As it was chosen.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
}

/// Tokens, or what is still missing for them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum LogIn {
    /// A session has begun.
    Tokens(Tokens),
    /// It begins with a second factor.
    SecondStep(SecondStep),
}

/// The first of two steps is done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondStep {
    /// That there is a second one.
    #[schemars(extend("const" = true))]
    pub mfa_required: bool,
    /// To be given with the code, once.
    #[schemars(length(min = 1, max = 256))]
    pub challenge: Secret,
    /// Seconds for which the challenge is good.
    #[schemars(range(min = 1, max = 3600))]
    pub expires_in: i64,
}

/// The one answer to everything that is wrong with credentials.
pub const INVALID_CREDENTIALS: Refusal =
    Refusal::new(Kind::Unauthorized, "INVALID_CREDENTIALS", "The tenant, the e-mail address or the password is wrong.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Begins a session and answers its tokens",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Auth),
    errors: &[INVALID_CREDENTIALS, PASSWORD_EXPIRED, ID_EXISTS],
    audit: Some("auth.login"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/lock-out"),
        Touch::configured_by("technical/multi-factor"),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
        Touch::configured_by("technical/roles"),
        Touch::configured_by("technical/sessions"),
    ],
    ..Declaration::post("logIn", "/auth/v1/login")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Credentials>) -> Result<Data<LogIn>, Error> {
    let passwords = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let Credentials { tenant_id, email, password } = input.body;
    // At the same time: neither looks at the password.
    let (attempt, (user, book)) =
        try_join(Attempt::begin(&cx, &tenant_id.0, &email), person(&cx, &tenant_id.0, &email)).await?;
    let user = user.map(|user| user.value);

    let verified = passwords.verify(&password, user.as_ref().map(|user| &user.password_hash))?;
    let Some(user) = user.filter(|user| verified && !user.suspended) else {
        attempt.failed(&cx).await?;
        return Err(INVALID_CREDENTIALS.into());
    };
    let rules = cx.state.config.get::<PasswordRules>(&user.tenant).await?;
    let expired = rules.expired(&user, &cx.now);

    if expired || user.multi_factor {
        attempt.taken_back(&cx).await?;
        if expired {
            return Err(PASSWORD_EXPIRED.into());
        }
        return challenge(&cx, &user).await.map(|challenge| Data::new(LogIn::SecondStep(challenge)));
    }
    let tokens = open(&cx, &user, false, book, attempt, |transaction| transaction).await?;

    Ok(Data::new(LogIn::Tokens(tokens)))
}

/// Keeps a challenge for the second step, and answers it. The failures before stay counted until that step.
async fn challenge(cx: &Context<Auth>, user: &UserRecord) -> Result<SecondStep, Error> {
    let rules = cx.state.config.get::<MultiFactor>(&user.tenant).await?;
    let token = OneTimeToken::new(&user.tenant, &random_id())?;
    let record = ChallengeRecord {
        tenant: user.tenant.clone(),
        challenge_id: token.id.clone(),
        user_id: user.user_id.clone(),
        digest: token.digest(),
        epoch: user.session_epoch,
        expires_at: later(&cx.now, rules.challenge_seconds),
    };
    let mut acting = user.acting_in(cx);
    acting.audit = Some("auth.challenge");
    cx.state.table.transaction(&acting).create(&record, ID_EXISTS).commit(&NoContent).await?;
    Ok(SecondStep { mfa_required: true, challenge: token.to_secret(), expires_in: rules.challenge_seconds })
}

/// The person of a tenant who has that address. Where nobody has it, a person is looked for all the same.
pub async fn registered(cx: &Context<Auth>, tenant: &str, email: &Email) -> Result<Option<Stored<UserRecord>>, Error> {
    cx.state.table.get(tenant, &user_id(cx, tenant, email).await?).await
}

/// The same person, and their sessions.
async fn person(
    cx: &Context<Auth>,
    tenant: &str,
    email: &Email,
) -> Result<(Option<Stored<UserRecord>>, Option<Stored<SessionBook>>), Error> {
    let id = user_id(cx, tenant, email).await?;
    cx.state.table.get_both(tenant, &id, &id).await
}

/// Who has that address: somebody's id, or one that nobody has.
async fn user_id(cx: &Context<Auth>, tenant: &str, email: &Email) -> Result<String, Error> {
    const NOBODY: &str = "nobody";
    let address = cx.state.table.get::<EmailRecord>(tenant, &email.folded()).await?;
    Ok(address.map_or_else(|| NOBODY.to_owned(), |address| address.value.user_id))
}
