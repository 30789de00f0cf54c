//! Takes an open invitation of the caller's tenant back. For its administrators. Emits nothing.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::invitations::{INVITATION_NOT_FOUND, InvitationPath, InvitationRecord};

pub const DECLARATION: Declaration = Declaration {
    summary: "Takes an open invitation back",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[INVITATION_NOT_FOUND],
    audit: Some("invitation.revoke"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("revokeInvitation", "/auth/v1/invitations/{invitationId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<InvitationPath>) -> Result<NoContent, Error> {
    let read = cx.state.table.get::<InvitationRecord>(&cx.tenant, &input.path.invitation_id).await?;
    let read = read.ok_or(INVITATION_NOT_FOUND)?;

    cx.state.table.transaction(&cx).erase(&read).or(INVITATION_NOT_FOUND).commit(&NoContent).await?;

    Ok(NoContent)
}
