//! Reads one person. For that person and for administrators of their tenant; to everybody else they do not exist. Emits
//! nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::records::UserRecord;
use crate::users::{USER_NOT_FOUND, UserDetails, UserPath};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one person",
    policy: Policy::AUTHENTICATED.and(&["own-account"]),
    errors: &[USER_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getUser", "/auth/v1/users/{userId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<UserPath>) -> Result<Data<UserDetails>, Error> {
    let user = cx.state.table.get::<UserRecord>(&cx.tenant, &input.path.user_id).await?;

    let user = user.filter(|user| cx.principal.owns(&user.value.user_id)).ok_or(USER_NOT_FOUND)?;

    Ok(Data::new(UserDetails::from(&user.value)))
}
