//! Shuts a person of the caller's tenant out. For its administrators. Emits `user.suspended`.
//!
//! Their sessions end; access tokens already issued live out their short time. The last administrator stays.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::account::CHANGED;
use crate::administrators::{Administrators, LAST_ADMINISTRATOR};
use crate::records::UserRecord;
use crate::users::{USER_NOT_FOUND, USER_SUSPENDED, UserChanged, UserDetails, UserPath};

/// There is nothing to suspend.
pub const ALREADY_SUSPENDED: Refusal =
    Refusal::new(Kind::Conflict, "ALREADY_SUSPENDED", "This person is suspended already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Shuts a person out and ends their sessions",
    success: 200,
    policy: Policy::ORG_MANAGEMENT,
    errors: &[USER_NOT_FOUND, ALREADY_SUSPENDED, LAST_ADMINISTRATOR, CHANGED],
    emits: &[USER_SUSPENDED],
    audit: Some("user.suspend"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("suspendUser", "/auth/v1/users/{userId}/suspension")
};

pub async fn handle(cx: Context<Auth>, input: Input<UserPath>) -> Result<Data<UserDetails>, Error> {
    let read = cx.state.table.get::<UserRecord>(&cx.tenant, &input.path.user_id).await?.ok_or(USER_NOT_FOUND)?;

    if read.value.suspended {
        return Err(ALREADY_SUSPENDED.into());
    }
    let administrators = Administrators::after(&cx, &cx.tenant, &read.value.roles, &[]).await?;
    let user = UserRecord { suspended: true, session_epoch: read.value.session_epoch + 1, ..read.value.clone() };

    let answer = Data::new(UserDetails::from(&user));
    let change = cx.state.table.transaction(&cx).update(&read, &user).or(CHANGED);
    administrators
        .written(change)
        .event(&USER_SUSPENDED, &user.user_id, &UserChanged { user_id: user.user_id.clone() })
        .commit(&answer)
        .await?;

    Ok(answer)
}
