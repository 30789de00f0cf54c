//! Lists the caller's sessions, newest first. For everybody who is logged in. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind};
use validation::Nothing;
use validation::types::{PageQuery, Timestamp};

use crate::Auth;
use crate::records::UserRecord;
use crate::session::SessionRecord;

/// A session that goes on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// The session.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub session_id: String,
    /// Whether it is the one that is asking.
    pub current: bool,
    /// Whether it began with a second factor.
    pub multi_factor: bool,
    /// When it began.
    pub authenticated_at: Timestamp,
    /// When its tokens were last replaced.
    pub refreshed_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the caller's sessions, newest first",
    policy: Policy::AUTHENTICATED,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listSessions", "/auth/v1/sessions")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<SessionView>, Error> {
    let over = || Error::new(Kind::Unauthorized);
    let caller = cx.principal.user().ok_or_else(over)?;
    let user = cx.state.table.get::<UserRecord>(&cx.tenant, &caller.id).await?.ok_or_else(over)?;
    let page = cx.state.table.list::<SessionRecord>(&cx.tenant, Listing::Owner(&caller.id), &input.query).await?;

    let going_on = page.data.into_iter().filter(|session| session.of(&user.value) && session.expires_at > cx.now);
    let views = going_on.map(|session| SessionView {
        current: session.session_id == caller.session,
        session_id: session.session_id,
        multi_factor: session.multi_factor,
        authenticated_at: session.authenticated_at,
        refreshed_at: session.refreshed_at,
        expires_at: session.expires_at,
    });

    Ok(Page { data: views.collect(), pagination: page.pagination })
}
