//! Invites somebody to the caller's tenant. For its administrators. Emits `invitation.created`.
//!
//! The token travels only in the event. Whether somebody of the tenant has the address by then is found out when the
//! invitation is accepted.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch, random_id};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::attempts::later;
use crate::domain::Email;
use crate::invitations::{INVITATION_CREATED, InvitationCreated, InvitationRecord, InvitationView, Invitations};
use crate::one_time_token::OneTimeToken;
use crate::records::ID_EXISTS;
use crate::roles::{RoleName, UNKNOWN_ROLE, check_names};

/// Somebody to be invited.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInvitation {
    /// Where the invitation goes, and what they will log in with.
    #[garde(dive)]
    pub email: Email,
    /// What they will be able to do: roles of the house and of the tenant's own.
    #[garde(length(min = 1, max = 5), dive)]
    pub roles: Vec<RoleName>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Invites somebody to the caller's tenant",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[UNKNOWN_ROLE, ID_EXISTS],
    emits: &[INVITATION_CREATED],
    audit: Some("invitation.create"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/invitations"),
        Touch::configured_by("technical/roles"),
    ],
    idempotent: true,
    ..Declaration::post("createInvitation", "/auth/v1/invitations")
};

type Request = Input<Nothing, Nothing, NewInvitation>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<InvitationView>, Error> {
    let rules = cx.state.config.get::<Invitations>(&cx.tenant).await?;
    let NewInvitation { email, mut roles } = input.body;
    check_names(&cx, &roles).await?;

    roles.sort();
    roles.dedup();
    let token = OneTimeToken::new(&cx.tenant, &random_id())?;
    let invitation = InvitationRecord {
        tenant: cx.tenant.clone(),
        invitation_id: token.id.clone(),
        email: email.folded(),
        roles,
        digest: token.digest(),
        invited_by: cx.principal.id().to_owned(),
        created_at: cx.now.clone(),
        expires_at: later(&cx.now, rules.token_seconds),
    };

    let answer = Data::new(InvitationView::from(&invitation));
    let event = InvitationCreated {
        invitation_id: invitation.invitation_id.clone(),
        email: Email(invitation.email.clone()),
        token: token.to_secret(),
        expires_at: invitation.expires_at.clone(),
    };
    cx.state
        .table
        .transaction(&cx)
        .create(&invitation, ID_EXISTS)
        .event(&INVITATION_CREATED, &invitation.invitation_id, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
