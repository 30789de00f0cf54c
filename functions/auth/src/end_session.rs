//! Ends one of the caller's sessions, on whatever device it is. For everybody who is logged in. Emits nothing.
//!
//! Access tokens already issued live out their short time.

use garde::Validate;
use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::open_session::end;
use crate::session::SessionRecord;

/// Where one session is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionPath {
    /// The session.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub session_id: String,
}

/// It is over, or somebody else's.
pub const SESSION_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "SESSION_NOT_FOUND", "There is no such session.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends one of the caller's sessions",
    policy: Policy::AUTHENTICATED.and(&["own-session"]),
    errors: &[SESSION_NOT_FOUND],
    audit: Some("auth.logout"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("endSession", "/auth/v1/sessions/{sessionId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<SessionPath>) -> Result<NoContent, Error> {
    let session = cx.state.table.get::<SessionRecord>(&cx.tenant, &input.path.session_id).await?;
    let own = |session: &SessionRecord| session.user_id == cx.principal.id() && session.expires_at > cx.now;
    let session = session.filter(|session| own(&session.value)).ok_or(SESSION_NOT_FOUND)?;

    end(&cx, &cx, session).await?;

    Ok(NoContent)
}
