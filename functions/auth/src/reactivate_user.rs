//! Lets a suspended person of the caller's tenant in again. For its administrators. Emits `user.reactivated`.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::{Error, Kind, Refusal};

use crate::Auth;
use crate::account::CHANGED;
use crate::administrators::Administrators;
use crate::records::UserRecord;
use crate::users::{USER_NOT_FOUND, USER_REACTIVATED, UserChanged, UserDetails, UserPath};

/// There is nothing to undo.
pub const NOT_SUSPENDED: Refusal = Refusal::new(Kind::Conflict, "NOT_SUSPENDED", "This person is not suspended.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Lets a suspended person in again",
    success: 200,
    policy: Policy::ORG_MANAGEMENT,
    errors: &[USER_NOT_FOUND, NOT_SUSPENDED, CHANGED],
    emits: &[USER_REACTIVATED],
    audit: Some("user.reactivate"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::post("reactivateUser", "/auth/v1/users/{userId}/reactivation")
};

pub async fn handle(cx: Context<Auth>, input: Input<UserPath>) -> Result<Data<UserDetails>, Error> {
    let read = cx.state.table.get::<UserRecord>(&cx.tenant, &input.path.user_id).await?.ok_or(USER_NOT_FOUND)?;

    if !read.value.suspended {
        return Err(NOT_SUSPENDED.into());
    }
    let administrators = Administrators::after(&cx, &cx.tenant, &[], &read.value.roles).await?;
    let user = UserRecord { suspended: false, ..read.value.clone() };

    let answer = Data::new(UserDetails::from(&user));
    let change = cx.state.table.transaction(&cx).update(&read, &user).or(CHANGED);
    administrators
        .written(change)
        .event(&USER_REACTIVATED, &user.user_id, &UserChanged { user_id: user.user_id.clone() })
        .commit(&answer)
        .await?;

    Ok(answer)
}
