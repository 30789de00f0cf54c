//! Deletes a role of the tenant's own. For its administrators. Emits nothing.
//!
//! Whoever has it loses what it allows with the next refresh. Its name stays taken, so that nobody comes by the
//! permissions of a later role through an earlier one.

use operation::{Context, Declaration, Input, NoContent, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Auth;
use crate::account::CHANGED;
use crate::roles::{ROLE_NOT_FOUND, RolePath, RoleRecord};

pub const DECLARATION: Declaration = Declaration {
    summary: "Deletes a role of the tenant's own",
    policy: Policy::ORG_MANAGEMENT,
    errors: &[ROLE_NOT_FOUND, CHANGED],
    audit: Some("role.delete"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::delete("deleteRole", "/auth/v1/roles/{role}")
};

pub async fn handle(cx: Context<Auth>, input: Input<RolePath>) -> Result<NoContent, Error> {
    let read = cx.state.table.get::<RoleRecord>(&cx.tenant, &input.path.role.0).await?.ok_or(ROLE_NOT_FOUND)?;

    cx.state.table.transaction(&cx).remove(&read).or(CHANGED).commit(&NoContent).await?;

    Ok(NoContent)
}
