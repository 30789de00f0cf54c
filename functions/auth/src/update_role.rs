//! Changes what a role of the tenant's own allows. For its administrators. Emits nothing.
//!
//! It takes effect with the next refresh or log-in of whoever has the role.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::account::CHANGED;
use crate::roles::{Permission, ROLE_NOT_FOUND, RolePath, RoleRecord, RoleView, Roles, UNKNOWN_PERMISSION};

/// What a role is from now on.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleUpdate {
    /// What it is for.
    #[garde(length(chars, min = 1, max = 500))]
    pub description: String,
    /// What it allows.
    #[garde(length(min = 1, max = 50), dive)]
    pub permissions: Vec<Permission>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Changes what a role of the tenant's own allows",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[ROLE_NOT_FOUND, UNKNOWN_PERMISSION, CHANGED],
    audit: Some("role.update"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("technical/roles")],
    ..Declaration::put("updateRole", "/auth/v1/roles/{role}")
};

type Request = Input<RolePath, Nothing, RoleUpdate>;

pub async fn handle(cx: Context<Auth>, input: Request) -> Result<Data<RoleView>, Error> {
    let roles = cx.state.config.get::<Roles>(&cx.tenant).await?;
    let read = cx.state.table.get::<RoleRecord>(&cx.tenant, &input.path.role.0).await?.ok_or(ROLE_NOT_FOUND)?;

    let RoleUpdate { description, permissions } = input.body;
    let role = RoleRecord { description, permissions: roles.checked(&permissions)?, ..read.value.clone() };

    let answer = Data::new(RoleView::from(&role));
    cx.state.table.transaction(&cx).update(&read, &role).or(CHANGED).commit(&answer).await?;

    Ok(answer)
}
