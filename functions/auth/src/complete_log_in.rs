//! The second step of a log-in: a code of the second factor, or a backup code. For everybody who has done the first.
//! Emits nothing.
//!
//! A challenge and a code are good once: of two who use one at the same moment exactly one gets a session. A wrong code
//! counts as a failed attempt, and enough of them lock the address like wrong passwords do.

use cloud::Stored;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::attempts::Attempt;
use crate::multi_factor::{ChallengeRecord, FactorRecord, MultiFactor, shared_secret};
use crate::one_time_token::OneTimeToken;
use crate::open_session::{book_of, open};
use crate::passwords::Passwords;
use crate::records::{ID_EXISTS, UserRecord};
use crate::secret::Secret;
use crate::tokens::Tokens;

/// The answer to a challenge.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactor {
    /// As the first step answered it.
    #[garde(length(chars, min = 1, max = 256))]
    pub challenge: Secret,
    /// Of the authenticator app, or one of the backup codes.
    #[garde(length(chars, min = 6, max = 32))]
    pub code: Secret,
}

/// The one answer to everything that is wrong with a challenge or a code.
pub const INVALID_SECOND_FACTOR: Refusal = Refusal::new(
    Kind::Unauthorized,
    "INVALID_SECOND_FACTOR",
    "The code is wrong or was used before, or the log-in took too long.",
);

pub const DECLARATION: Declaration = Declaration {
    summary: "Begins a session with a second factor and answers its tokens",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Auth),
    errors: &[INVALID_SECOND_FACTOR, ID_EXISTS],
    audit: Some("auth.login"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/lock-out"),
        Touch::configured_by("technical/multi-factor"),
        Touch::configured_by("technical/passwords"),
        Touch::configured_by("technical/roles"),
        Touch::configured_by("technical/sessions"),
    ],
    ..Declaration::post("completeLogIn", "/auth/v1/login/second-factor")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, SecondFactor>) -> Result<Data<Tokens>, Error> {
    let SecondFactor { challenge, code } = input.body;
    let (challenge, user, factor) = challenged(&cx, &challenge).await?.ok_or(INVALID_SECOND_FACTOR)?;
    let attempt = Attempt::of(&cx, &user).await?;
    let rules = cx.state.config.get::<MultiFactor>(&user.tenant).await?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;

    let secret = shared_secret(&cx, &factor.value).await?;
    let Some(used) = factor.value.used(&code, &secret, &rules, &costs, &cx.now)? else {
        attempt.failed(&cx).await?;
        return Err(INVALID_SECOND_FACTOR.into());
    };

    let book = book_of(&cx, &user).await?;
    let tokens = open(&cx, &user, true, book, attempt, |transaction| {
        let transaction = transaction.erase(&challenge).or(INVALID_SECOND_FACTOR);
        transaction.update(&factor, &used).or(INVALID_SECOND_FACTOR)
    })
    .await?;

    Ok(Data::new(tokens))
}

type Challenged = (Stored<ChallengeRecord>, UserRecord, Stored<FactorRecord>);

/// The challenge that this token opens, whose it is, and their second factor; `None` when one of them is gone.
async fn challenged(cx: &Context<Auth>, token: &Secret) -> Result<Option<Challenged>, Error> {
    let table = &cx.state.table;
    let Some(token) = OneTimeToken::parse(token) else { return Ok(None) };
    let challenge = table.get::<ChallengeRecord>(&token.tenant, &token.id).await?;
    let good = |read: &Stored<ChallengeRecord>| token.matches(&read.value.digest) && read.value.expires_at > cx.now;
    let Some(challenge) = challenge.filter(good) else { return Ok(None) };
    let user = table.get::<UserRecord>(&token.tenant, &challenge.value.user_id).await?.map(|user| user.value);
    let current = |user: &UserRecord| !user.suspended && user.session_epoch == challenge.value.epoch;
    let Some(user) = user.filter(current) else { return Ok(None) };
    let factor = table.get::<FactorRecord>(&token.tenant, &user.user_id).await?;
    Ok(factor.filter(|factor| factor.value.confirmed).map(|factor| (challenge, user, factor)))
}
