//! Ends all sessions of the caller, this one too. For everybody who is logged in. Emits nothing.
//!
//! One number in the person's record ends them all at once: also one that begins or is refreshed at this very moment.
//! Access tokens already issued live out their short time.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::records::UserRecord;

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends all sessions of the caller",
    success: 204,
    policy: Policy::AUTHENTICATED,
    errors: &[CHANGED],
    audit: Some("auth.logout_everywhere"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("logOutEverywhere", "/auth/v1/logout/everywhere")
};

pub async fn handle(cx: Context<Auth>, _: Input) -> Result<NoContent, Error> {
    let (read, _) = caller(&cx).await?;

    let user = UserRecord { session_epoch: read.value.session_epoch + 1, ..read.value.clone() };

    cx.state.table.transaction(&cx).update(&read, &user).or(CHANGED).commit(&NoContent).await?;

    Ok(NoContent)
}
