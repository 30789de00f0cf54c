//! Gives a person of the caller's tenant other roles. For its administrators. Emits `user.roles_changed`.
//!
//! It takes effect with the person's next refresh or log-in. The last administrator stays one.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::account::CHANGED;
use crate::administrators::{Administrators, LAST_ADMINISTRATOR};
use crate::records::UserRecord;
use crate::roles::{RoleName, UNKNOWN_ROLE, check_names};
use crate::users::{ROLES_CHANGED, RolesChanged, USER_NOT_FOUND, UserDetails, UserPath};

/// What a person may do from now on.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRoles {
    /// Roles of the house and of the tenant's own, instead of those there were.
    #[garde(length(min = 1, max = 5), dive)]
    pub roles: Vec<RoleName>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Gives a person other roles",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[USER_NOT_FOUND, UNKNOWN_ROLE, LAST_ADMINISTRATOR, CHANGED],
    emits: &[ROLES_CHANGED],
    audit: Some("user.change_roles"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/roles")],
    ..Declaration::put("changeUserRoles", "/auth/v1/users/{userId}/roles")
};

type Request = Input<UserPath, Nothing, NewRoles>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<UserDetails>, Error> {
    let read = cx.state.table.get::<UserRecord>(&cx.tenant, &input.path.user_id).await?.ok_or(USER_NOT_FOUND)?;
    let mut roles = input.body.roles;
    check_names(&cx, &roles).await?;

    roles.sort();
    roles.dedup();
    let names: Vec<String> = roles.iter().map(|role| role.0.clone()).collect();
    // Whoever is suspended administers nothing, before and after.
    let active = |roles: &[String]| if read.value.suspended { Vec::new() } else { roles.to_vec() };
    let administrators = Administrators::after(&cx, &cx.tenant, &active(&read.value.roles), &active(&names)).await?;
    let user = UserRecord { roles: names, ..read.value.clone() };

    let answer = Data::new(UserDetails::from(&user));
    let change = cx.state.table.transaction(&cx).update(&read, &user).or(CHANGED);
    administrators
        .written(change)
        .event(&ROLES_CHANGED, &user.user_id, &RolesChanged { user_id: user.user_id.clone(), roles })
        .commit(&answer)
        .await?;

    Ok(answer)
}
