//! Registers whoever holds an invitation. For everybody. Emits `user.registered`.
//!
//! The token is good once and for a while; of two who use it at the same moment exactly one is registered.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Auth;
use crate::administrators::Administrators;
use crate::domain::Email;
use crate::invitations::InvitationRecord;
use crate::one_time_token::OneTimeToken;
use crate::password_rules::PasswordRules;
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::{EMAIL_TAKEN, ID_EXISTS, USER_REGISTERED, UserRecord, UserRegistered};
use crate::secret::Secret;
use crate::users::UserDetails;

/// Somebody who joins.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Acceptance {
    /// As it came by mail.
    #[garde(length(chars, min = 1, max = 256))]
    pub token: Secret,
    /// What the person is called.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// To log in with.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
}

/// The one answer to everything that is wrong with an invitation's token.
pub const INVALID_INVITATION: Refusal =
    Refusal::new(Kind::Unauthorized, "INVALID_INVITATION", "The invitation is not good any more: ask for another.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Registers whoever holds an invitation",
    policy: Policy::PUBLIC.limited(RateLimit::Strict),
    errors: &[INVALID_INVITATION, EMAIL_TAKEN, WEAK_PASSWORD, ID_EXISTS],
    emits: &[USER_REGISTERED],
    audit: Some("invitation.accept"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("acceptInvitation", "/auth/v1/invitations/acceptance")
};

type Request = Input<Nothing, Nothing, Acceptance>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<UserDetails>, Error> {
    let table = &cx.state.table;
    let Acceptance { token, name, password } = input.body;
    let token = OneTimeToken::parse(&token).ok_or(INVALID_INVITATION)?;
    let invitation = table.get::<InvitationRecord>(&token.tenant, &token.id).await?;
    let invitation = invitation.filter(|read| token.matches(&read.value.digest) && read.value.expires_at > cx.now);
    let invitation = invitation.ok_or(INVALID_INVITATION)?;
    let costs = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let lengths = cx.state.config.get::<Passwords>(&token.tenant).await?;
    let rules = cx.state.config.get::<PasswordRules>(&token.tenant).await?;

    let email = Email(invitation.value.email.clone());
    lengths.check(&password)?;
    rules.check(&password, &email)?;
    let user = UserRecord {
        roles: invitation.value.roles.iter().map(|role| role.0.clone()).collect(),
        ..UserRecord::new(&token.tenant, &email, name, costs.hash(&password)?, &cx.now)
    };
    let administrators = Administrators::after(&cx, &token.tenant, &[], &user.roles).await?;

    let answer = Data::new(UserDetails::from(&user));
    let event = UserRegistered { user_id: user.user_id.clone(), roles: user.roles.clone() };
    let acting = user.acting_in(&cx);
    let change = table.transaction(&acting).erase(&invitation).or(INVALID_INVITATION);
    administrators
        .written(change.create(&user, ID_EXISTS).create(&user.address(), EMAIL_TAKEN))
        .event(&USER_REGISTERED, &user.user_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
