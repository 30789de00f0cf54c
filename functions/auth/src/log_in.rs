//! Begins a session for whoever knows the password of an e-mail address. For everybody. Emits nothing.
//!
//! An address that nobody has, a password that is wrong and a person who is suspended get one answer, after the same
//! reads, the same hashing and the same writes: neither words, status nor time say who is registered. After some failures
//! an address is locked for a while, also one that nobody has.
//!
//! Whoever has set up a second factor gets a challenge instead of tokens, to be answered in the second step.

use cloud::Stored;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, NoContent, Touch, random_id};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::attempts::{Attempt, later};
use crate::domain::Email;
use crate::multi_factor::{ChallengeRecord, MultiFactor};
use crate::one_time_token::OneTimeToken;
use crate::open_session::open;
use crate::password_rules::{PASSWORD_EXPIRED, PasswordRules};
use crate::passwords::Passwords;
use crate::records::{EmailRecord, ID_EXISTS, UserRecord};
use crate::secret::Secret;
use crate::tokens::Tokens;

/// Proof of who somebody is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
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
    Refusal::new(Kind::Unauthorized, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");

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
    let attempt = Attempt::begin(&cx, &input.body.email.0).await?;
    let user = registered(&cx, &input.body.email).await?.map(|user| user.value);

    let verified = passwords.verify(&input.body.password, user.as_ref().map(|user| &user.password_hash))?;
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
    let tokens = open(&cx, &user, false, attempt, |transaction| transaction).await?;

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

/// The person of that address. For an address that nobody has, a person is looked for all the same.
pub async fn registered(cx: &Context<Auth>, email: &Email) -> Result<Option<Stored<UserRecord>>, Error> {
    const NOBODY: &str = "nobody";
    let address = cx.state.table.get::<EmailRecord>(PLATFORM_TENANT, &email.folded()).await?;
    let (tenant, user_id) = match &address {
        Some(address) => (address.value.of_tenant.as_str(), address.value.user_id.as_str()),
        None => (PLATFORM_TENANT, NOBODY),
    };
    cx.state.table.get::<UserRecord>(tenant, user_id).await
}
