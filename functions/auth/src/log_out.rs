//! Ends the session the caller is in. For everybody who is logged in. Emits nothing.
//!
//! Logging out twice is logging out. Access tokens already issued live out their short time.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::{Error, Kind};

use crate::Auth;
use crate::open_session::end;
use crate::session::SessionRecord;

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends the caller's session",
    success: 204,
    policy: Policy::AUTHENTICATED,
    audit: Some("auth.logout"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("logOut", "/auth/v1/logout")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<NoContent, Error> {
    let caller = cx.principal.user().ok_or_else(|| Error::new(Kind::Unauthorized))?;
    let session = cx.state.table.get::<SessionRecord>(&cx.tenant, &caller.session).await?;

    if let Some(session) = session.filter(|session| session.value.user_id == caller.id) {
        end(&cx, &cx, session).await?;
    }

    Ok(NoContent)
}
