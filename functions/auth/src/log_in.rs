//! Begins a session for whoever knows the password of an e-mail address. For everybody. Emits nothing.
//!
//! An address that nobody has and a password that is wrong get one answer, after the same reads and the same hashing:
//! neither words, status nor time say who is registered.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::domain::Email;
use crate::passwords::Passwords;
use crate::records::{EmailRecord, ID_EXISTS, UserRecord};
use crate::secret::Secret;
use crate::session::{SessionRecord, Sessions};
use crate::tokens::{Tokens, issue};

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

/// The one answer to everything that is wrong with credentials.
pub const INVALID_CREDENTIALS: Refusal =
    Refusal::new(Kind::Unauthorized, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Begins a session and answers its tokens",
    success: 200,
    policy: Policy::PUBLIC.limited(RateLimit::Auth),
    errors: &[INVALID_CREDENTIALS, ID_EXISTS],
    audit: Some("auth.login"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/passwords"),
        Touch::configured_by("technical/sessions"),
    ],
    ..Declaration::post("logIn", "/auth/v1/login")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, Credentials>) -> Result<Data<Tokens>, Error> {
    let passwords = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let user = registered(&cx, &input.body.email).await?;

    let verified = passwords.verify(&input.body.password, user.as_ref().map(|user| &user.password_hash))?;
    let user = user.filter(|_| verified).ok_or(INVALID_CREDENTIALS)?;
    let lifetimes = cx.state.config.get::<Sessions>(&user.tenant).await?;
    let (session, refresh_token) = SessionRecord::begin(&user, &lifetimes, &cx.now)?;

    let answer = Data::new(issue(&cx, &user, &session, &refresh_token, &lifetimes).await?);
    let acting = user.acting_in(&cx);
    cx.state.table.transaction(&acting).create(&session, ID_EXISTS).commit(&answer).await?;

    Ok(answer)
}

/// The person of that address. For an address that nobody has, a person is looked for all the same.
async fn registered(cx: &Context<Auth>, email: &Email) -> Result<Option<UserRecord>, Error> {
    const NOBODY: &str = "nobody";
    let address = cx.state.table.get::<EmailRecord>(PLATFORM_TENANT, &email.folded()).await?;
    let (tenant, user_id) = match &address {
        Some(address) => (address.value.of_tenant.as_str(), address.value.user_id.as_str()),
        None => (PLATFORM_TENANT, NOBODY),
    };
    Ok(cx.state.table.get::<UserRecord>(tenant, user_id).await?.map(|user| user.value))
}
