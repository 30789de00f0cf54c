//! Takes the second factor of a person who has lost it away. For administrators of their tenant. Emits
//! `user.multi_factor_changed`.
//!
//! The person's sessions end, and their password alone is enough until they set up another one. The administrator must
//! have logged in: no machine weakens how people prove who they are.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::account::{CHANGED, caller};
use crate::multi_factor::{FactorRecord, MULTI_FACTOR_CHANGED, MULTI_FACTOR_OFF, MultiFactorChanged};
use crate::records::UserRecord;
use crate::users::{USER_NOT_FOUND, UserPath};

pub const DECLARATION: Declaration = Declaration {
    summary: "Takes the second factor of a person away",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[USER_NOT_FOUND, MULTI_FACTOR_OFF, CHANGED],
    emits: &[MULTI_FACTOR_CHANGED],
    audit: Some("user.remove_factor"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("removeUserFactor", "/auth/v1/users/{userId}/multi-factor")
};

pub async fn handle(cx: Context<Auth>, input: Input<UserPath>) -> Result<NoContent, Error> {
    caller(&cx).await?;
    let read = cx.state.table.get::<UserRecord>(&cx.tenant, &input.path.user_id).await?.ok_or(USER_NOT_FOUND)?;
    let factor = cx.state.table.get::<FactorRecord>(&cx.tenant, &read.value.user_id).await?;
    let factor = factor.filter(|factor| factor.value.confirmed).ok_or(MULTI_FACTOR_OFF)?;

    let user = UserRecord { multi_factor: false, session_epoch: read.value.session_epoch + 1, ..read.value.clone() };

    let event = MultiFactorChanged { user_id: user.user_id.clone(), enabled: false };
    cx.state
        .table
        .transaction(&cx)
        .erase(&factor)
        .or(CHANGED)
        .update(&read, &user)
        .or(CHANGED)
        .event(&MULTI_FACTOR_CHANGED, &user.user_id, &event)
        .commit(&NoContent)
        .await?;

    Ok(NoContent)
}
