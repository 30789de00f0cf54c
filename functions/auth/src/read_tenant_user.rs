//! Says what a person may do and whether they are let in. For other services, which name the tenant in the signed path.
//! Emits nothing.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::TenantId;

use crate::Auth;
use crate::records::UserRecord;
use crate::roles::RoleName;
use crate::users::{USER_NOT_FOUND, UserStatus};

/// Somebody of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantUserPath {
    /// Whose.
    #[garde(dive)]
    pub tenant: TenantId,
    /// Who, as the asking service was told. It need not be an id of ours: whoever is not known is not there.
    #[garde(pattern("^[0-9A-Za-z_-]{1,100}$"))]
    pub user_id: String,
}

/// What other services need to know of a person: no address, no name.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantUser {
    /// The person.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// What the person may do, each role once.
    #[schemars(length(max = 5))]
    pub roles: Vec<RoleName>,
    /// Whether they are let in.
    pub status: UserStatus,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Says what a person may do and whether they are let in, for another service",
    policy: Policy::INTERNAL,
    errors: &[USER_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("readTenantUser", "/auth/internal/v1/tenants/{tenant}/users/{userId}")
};

pub async fn handle(cx: Context<Auth>, input: Input<TenantUserPath>) -> Result<Data<TenantUser>, Error> {
    let TenantUserPath { tenant, user_id } = input.path;
    let user = cx.state.table.get::<UserRecord>(&tenant.0, &user_id).await?.ok_or(USER_NOT_FOUND)?.value;

    Ok(Data::new(TenantUser {
        status: user.status(),
        roles: user.roles.into_iter().map(RoleName).collect(),
        user_id: user.user_id,
    }))
}
