//! Replaces a refresh token, and gives a new access token with it. For everybody who holds one. Emits nothing.
//!
//! A refresh token is good once. Of two refreshes with one token at the same moment exactly one wins; the other is 409,
//! and the session goes on with the winner's tokens. For a few configured seconds the replaced token stays such a 409,
//! because a twin of the caller may be late. After that, and at any time when it is older than the one before, a token
//! that was replaced means that somebody holds a copy: the session ends for all who have tokens of it, and the answer
//! is the same 401 as to a token that was made up. Access tokens already issued live out their short time.
//!
//! A session is also over when its person was suspended, changed the password or logged out everywhere since.
//!
//! Roles are read anew, so that what changed takes effect with the next refresh.

use cloud::Stored;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::open_session::end;
use crate::records::UserRecord;
use crate::roles::granted;
use crate::secret::Secret;
use crate::session::{Presented, RefreshToken, SessionRecord, Sessions};
use crate::tokens::{Tokens, issue};

/// A session to go on with.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refresh {
    /// The last one that was answered.
    #[garde(length(chars, min = 1, max = 256))]
    pub refresh_token: Secret,
}

/// The one answer to everything that is wrong with a refresh token.
pub const INVALID_REFRESH_TOKEN: Refusal =
    Refusal::new(Kind::Unauthorized, "INVALID_REFRESH_TOKEN", "The refresh token is not good any more: log in again.");
/// A twin was faster.
pub const ALREADY_REFRESHED: Refusal = Refusal::new(
    Kind::Conflict,
    "ALREADY_REFRESHED",
    "This refresh token has just been used: go on with the tokens that were answered then.",
);

pub const DECLARATION: Declaration = Declaration {
    summary: "Replaces a refresh token and answers new tokens",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Strict),
    errors: &[ALREADY_REFRESHED, INVALID_REFRESH_TOKEN],
    audit: Some("auth.refresh"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/roles"),
        Touch::configured_by("technical/sessions"),
    ],
    ..Declaration::post("refreshTokens", "/auth/v1/refresh")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Refresh>) -> Result<Data<Tokens>, Error> {
    let table = &cx.state.table;
    let given = RefreshToken::parse(&input.body.refresh_token).ok_or(INVALID_REFRESH_TOKEN)?;
    let read = table.get::<SessionRecord>(&given.tenant, &given.session_id).await?.ok_or(INVALID_REFRESH_TOKEN)?;
    let user = table.get::<UserRecord>(&given.tenant, &read.value.user_id).await?.ok_or(INVALID_REFRESH_TOKEN)?.value;
    let lifetimes = cx.state.config.get::<Sessions>(&given.tenant).await?;

    if !read.value.of(&user) {
        return Err(INVALID_REFRESH_TOKEN.into());
    }
    match read.value.judge(&given, &lifetimes, &cx.now) {
        Presented::Current => {}
        Presented::JustReplaced => return Err(ALREADY_REFRESHED.into()),
        Presented::Foreign => return Err(INVALID_REFRESH_TOKEN.into()),
        Presented::Replayed => {
            revoke(&cx, &user, read).await?;
            return Err(INVALID_REFRESH_TOKEN.into());
        }
    }
    let next = given.next()?;
    let session = read.value.refreshed(&next, &cx.now);

    let grant = granted(&cx, &user).await?;
    let answer = Data::new(issue(&cx, &user, grant, &session, &next, &lifetimes).await?);
    let acting = user.acting_in(&cx);
    table.transaction(&acting).update(&read, &session).or(ALREADY_REFRESHED).commit(&answer).await?;

    Ok(answer)
}

/// Ends a replayed session. Who holds a copy is not known, so the entry names the person.
async fn revoke(cx: &Context<Auth>, user: &UserRecord, read: Stored<SessionRecord>) -> Result<(), Error> {
    let mut acting = user.acting_in(cx);
    acting.audit = Some("auth.revoke");
    end(cx, &acting, read).await
}
