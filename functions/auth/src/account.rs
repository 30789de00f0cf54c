//! The caller's own account, as it is now and not as their access token says.

use cloud::Stored;
use garde::Validate;
use operation::{Context, EventType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::records::UserRecord;
use crate::session::SessionRecord;

/// The caller, and the session they call in. 401 when that is over, though the access token is not, and for a machine
/// that acts for somebody: an API key has no session, and a client's token does not say when its person logged in.
pub async fn caller(cx: &Context<Auth>) -> Result<(Stored<UserRecord>, Stored<SessionRecord>), Error> {
    let over = || Error::new(Kind::Unauthorized);
    let caller = cx.principal.user().ok_or_else(over)?;
    let (user, session) =
        cx.state.table.get_both::<UserRecord, SessionRecord>(&cx.tenant, &caller.id, &caller.session).await?;
    let mut user = user.ok_or_else(over)?;
    // Between the two reads the person changed something in this very session, which went on under a newer number.
    if session.as_ref().is_some_and(|session| session.value.epoch > user.value.session_epoch) {
        user = cx.state.table.get::<UserRecord>(&cx.tenant, &caller.id).await?.ok_or_else(over)?;
    }
    let is_theirs = |session: &SessionRecord| {
        session.user_id == caller.id && session.authenticated_at.unix_seconds() == caller.authenticated_at
    };
    let session = session.filter(|session| is_theirs(&session.value) && session.value.of(&user.value));
    Ok((user, session.ok_or_else(over)?))
}

/// Something changed about how a person proves who they are.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialsChanged {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// Emitted when a password was changed or reset, so that its owner can be told.
pub const PASSWORD_CHANGED: EventType =
    EventType::of::<CredentialsChanged>("password.changed", "A person's password was changed or reset.");

/// A record changed between reading and writing.
pub const CHANGED: Refusal = Refusal::of(Kind::Conflict, "This has been changed meanwhile: try again.");
