//! Creates a tenant and its first administrator. For everybody. Emits `tenant.created`.
//!
//! The tenant, the person and their e-mail address stand together or not at all. The change, its event and its audit
//! entry are the new tenant's, not the platform's in whose name strangers call.
//!
//! The ids of tenants are public names, so whoever asks for one that is taken is told. Whether the person's address is
//! known in some other tenant is not looked at.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::TenantId;

use crate::Auth;
use crate::administrators::Administrators;
use crate::domain::{Email, TenantRole};
use crate::password_rules::PasswordRules;
use crate::passwords::{Passwords, WEAK_PASSWORD};
use crate::records::{ID_EXISTS, TENANT_CREATED, TenantCreated, TenantRecord, UserRecord};
use crate::secret::Secret;

/// A tenant to be.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTenant {
    /// What it will be known by, for good.
    #[garde(dive)]
    pub tenant_id: TenantId,
    /// What it is called.
    #[garde(length(chars, min = 2, max = 100))]
    pub name: String,
    /// Its first user, who can register others.
    #[garde(dive)]
    pub admin: NewAdmin,
}

/// The first user of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAdmin {
    /// To log in with.
    #[garde(dive)]
    pub email: Email,
    /// What the person is called.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// To log in with.
    #[garde(length(chars, min = 1, max = 128))]
    pub password: Secret,
}

/// What was created.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedTenant {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its first user.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// The id is another tenant's, or the platform's own.
pub const TENANT_EXISTS: Refusal =
    Refusal::new(Kind::Conflict, "TENANT_EXISTS", "There is a tenant of this id already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Creates a tenant and its first administrator",
    policy: Policy::PUBLIC.limited(RateLimit::Auth),
    errors: &[TENANT_EXISTS, WEAK_PASSWORD, ID_EXISTS],
    emits: &[TENANT_CREATED],
    audit: Some("tenant.create"),
    touches: &[
        Touch::writes(crate::NAME),
        Touch::configured_by("technical/password-rules"),
        Touch::configured_by("technical/passwords"),
    ],
    ..Declaration::post("createTenant", "/auth/v1/tenants")
};

pub async fn handle(
    cx: Context<Auth>,
    input: Input<Nothing, Nothing, NewTenant>,
) -> Result<Data<CreatedTenant>, Error> {
    let passwords = cx.state.config.get::<Passwords>(PLATFORM_TENANT).await?;
    let rules = cx.state.config.get::<PasswordRules>(PLATFORM_TENANT).await?;

    let NewTenant { tenant_id, name, admin } = input.body;
    if tenant_id.0 == PLATFORM_TENANT {
        return Err(TENANT_EXISTS.into());
    }
    passwords.check(&admin.password)?;
    rules.check(&admin.password, &admin.email)?;
    let tenant = TenantRecord { tenant: tenant_id.0.clone(), name, created_at: cx.now.clone() };
    let user = UserRecord {
        roles: vec![TenantRole::TenantAdmin.name().to_owned()],
        ..UserRecord::new(&tenant.tenant, &admin.email, admin.name, passwords.hash(&admin.password)?, &cx.now)
    };

    let event =
        TenantCreated { tenant_id: tenant_id.clone(), name: tenant.name.clone(), user_id: user.user_id.clone() };
    let answer = Data::new(CreatedTenant { tenant_id, user_id: user.user_id.clone() });
    let acting = user.acting_in(&cx);
    cx.state
        .table
        .transaction(&acting)
        .create(&tenant, TENANT_EXISTS)
        .create(&user, ID_EXISTS)
        .create(&user.address(), TENANT_EXISTS)
        .create(&Administrators::first(&user.tenant), TENANT_EXISTS)
        .event(&TENANT_CREATED, &tenant.tenant, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
