//! Lists the open invitations of the caller's tenant, newest first. For its administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::invitations::{InvitationRecord, InvitationView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the open invitations of the caller's tenant, newest first",
    policy: Policy::ORG_MANAGEMENT,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listInvitations", "/auth/v1/invitations")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<InvitationView>, Error> {
    let page = cx.state.table.list::<InvitationRecord>(&cx.tenant, Listing::All, &input.query).await?;

    // The table forgets an expired one some time after.
    let open = page.data.iter().filter(|invitation| invitation.expires_at > cx.now);

    Ok(Page { data: open.map(InvitationView::from).collect(), pagination: page.pagination })
}
