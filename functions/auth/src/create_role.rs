//! Creates a role of the tenant's own. For its administrators. Emits nothing.
//!
//! Only what a role of the house allows can be passed on, and a name is given once: also a deleted role keeps its own.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;

use crate::Auth;
use crate::roles::{Permission, ROLE_EXISTS, RoleName, RoleRecord, RoleView, Roles, UNKNOWN_PERMISSION};

/// A role to be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRole {
    /// What people and tokens will have it by.
    #[garde(dive)]
    pub name: RoleName,
    /// What it is for.
    #[garde(length(chars, min = 1, max = 500))]
    pub description: String,
    /// What it allows.
    #[garde(length(min = 1, max = 50), dive)]
    pub permissions: Vec<Permission>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Creates a role of the tenant's own",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[ROLE_EXISTS, UNKNOWN_PERMISSION],
    audit: Some("role.create"),
    touches: &[Touch::writes(crate::NAME), Touch::configured_by("technical/roles")],
    idempotent: true,
    ..Declaration::post("createRole", "/auth/v1/roles")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, Nothing, NewRole>) -> Result<Data<RoleView>, Error> {
    let roles = cx.state.config.get::<Roles>(&cx.tenant).await?;

    let NewRole { name, description, permissions } = input.body;
    if Role::named(&name.0).is_some() || roles.of_the_house(&name.0).is_some() {
        return Err(ROLE_EXISTS.into());
    }
    let permissions = roles.checked(&permissions)?;
    let role =
        RoleRecord { tenant: cx.tenant.clone(), name: name.0, description, permissions, created_at: cx.now.clone() };

    let answer = Data::new(RoleView::from(&role));
    cx.state.table.transaction(&cx).create(&role, ROLE_EXISTS).commit(&answer).await?;

    Ok(answer)
}
