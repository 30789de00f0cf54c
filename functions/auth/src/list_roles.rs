//! Lists the roles that can be given in the caller's tenant, with what they allow. For its administrators. Emits
//! nothing.

use cloud::Listing;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::roles::{Permission, RoleName, RoleRecord, RoleView, Roles};

/// All roles of the house, and a page of the tenant's own.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleList {
    /// Those every tenant has, in alphabetical order. Operations know them.
    #[schemars(length(max = 10))]
    pub house: Vec<RoleView>,
    /// The tenant's own, newest first. They add permissions.
    #[schemars(length(max = 100))]
    pub own: Vec<RoleView>,
    /// Give it as `cursor` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub next_cursor: Option<String>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the roles that can be given, with what they allow",
    policy: Policy::ORG_MANAGEMENT,
    touches: &[Touch::reads(crate::NAME), Touch::configured_by("technical/roles")],
    ..Declaration::get("listRoles", "/auth/v1/roles")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Data<RoleList>, Error> {
    let roles = cx.state.config.get::<Roles>(&cx.tenant).await?;
    let own = cx.state.table.list::<RoleRecord>(&cx.tenant, Listing::All, &input.query).await?;

    let house = roles.for_tenants().map(|(name, rules)| RoleView {
        name: RoleName(name.to_owned()),
        description: None,
        permissions: rules.permissions.iter().cloned().map(Permission).collect(),
    });

    Ok(Data::new(RoleList {
        house: house.collect(),
        own: own.data.iter().map(RoleView::from).collect(),
        next_cursor: own.pagination.next_cursor,
    }))
}
