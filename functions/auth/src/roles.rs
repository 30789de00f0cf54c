//! What roles give: permissions, and limits on sessions.
//!
//! The roles of the house stand in a configuration document, because what they may do is decided by operations'
//! policies. A tenant's own roles are records that its administrators write; they add permissions, and no policy knows
//! them by name.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{Entity, Table};
use config_client::{ConfigClient, Document, Scope};
use garde::Validate;
use operation::Context;
use policy::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::Auth;
use crate::records::UserRecord;

/// `services/auth/{environment}/technical/roles`.
#[derive(Debug, Deserialize)]
pub struct Roles(BTreeMap<String, RoleRules>);

/// What one role of the house gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRules {
    /// As `resource:action` or `resource:action:which`.
    pub permissions: Vec<String>,
    /// How long a session lasts at most.
    pub session_seconds: i64,
    /// How many sessions a person has at once.
    pub session_limit: usize,
    /// Whether the role takes effect only after a second factor.
    pub multi_factor_required: bool,
}

impl Document for Roles {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/roles";
}

/// A role's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct RoleName(#[garde(pattern("^[a-z][a-z0-9_-]{1,29}$"))] pub String);

/// What somebody may do: `resource:action` or `resource:action:which`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Permission(#[garde(pattern("^[a-z][a-z-]{0,30}:[a-z][a-z-]{0,30}(:[a-z][a-z-]{0,30})?$"))] pub String);

/// A role of a tenant's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRecord {
    pub tenant: String,
    pub name: String,
    pub description: String,
    pub permissions: Vec<String>,
    pub created_at: Timestamp,
}

impl Entity for RoleRecord {
    const KIND: &'static str = "role";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.name
    }

    fn order(&self) -> String {
        self.created_at.sortable()
    }
}

/// Where one role is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolePath {
    /// The role.
    #[garde(dive)]
    pub role: RoleName,
}

/// A role, as administrators see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    /// What people and tokens have it by.
    pub name: RoleName,
    /// What it is for; roles of the house are described elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 500))]
    pub description: Option<String>,
    /// What it allows, in order.
    #[schemars(length(max = 50))]
    pub permissions: Vec<Permission>,
}

impl From<&RoleRecord> for RoleView {
    fn from(role: &RoleRecord) -> Self {
        Self {
            name: RoleName(role.name.clone()),
            description: Some(role.description.clone()),
            permissions: role.permissions.iter().cloned().map(Permission).collect(),
        }
    }
}

/// There is no such role, or nobody but the platform may give it.
pub const UNKNOWN_ROLE: Refusal = Refusal::rule("UNKNOWN_ROLE", "There is no such role to give.");
/// No role of the house has this permission, so nobody of the tenant could pass it on.
pub const UNKNOWN_PERMISSION: Refusal = Refusal::rule("UNKNOWN_PERMISSION", "There is no such permission to give.");
/// The name is taken, also by a role that was deleted: whoever still has that one must not come by the new one's
/// permissions.
pub const ROLE_EXISTS: Refusal =
    Refusal::new(Kind::Conflict, "ROLE_EXISTS", "There is, or was, a role of this name: choose another.");
/// No role of the tenant's own has this name.
pub const ROLE_NOT_FOUND: Refusal =
    Refusal::new(Kind::NotFound, "ROLE_NOT_FOUND", "The tenant has no role of its own of this name.");

impl Roles {
    /// What a role of the house gives.
    pub fn of_the_house(&self, name: &str) -> Option<&RoleRules> {
        self.0.get(name)
    }

    /// The roles that a tenant's administrator can give, in alphabetical order.
    pub fn for_tenants(&self) -> impl Iterator<Item = (&str, &RoleRules)> {
        let all = self.0.iter().map(|(name, rules)| (name.as_str(), rules));
        all.filter(|(name, _)| *name != Role::SystemAdmin.name())
    }

    /// Permissions in order and each once; refuses those that no tenant's role has.
    pub fn checked(&self, permissions: &[Permission]) -> Result<Vec<String>, Error> {
        let known: BTreeSet<&str> =
            self.for_tenants().flat_map(|(_, rules)| rules.permissions.iter().map(String::as_str)).collect();
        match permissions.iter().find(|permission| !known.contains(permission.0.as_str())) {
            Some(unknown) => Err(UNKNOWN_PERMISSION.with(serde_json::json!({ "permission": unknown }))),
            None => {
                let each: BTreeSet<&str> = permissions.iter().map(|permission| permission.0.as_str()).collect();
                Ok(each.into_iter().map(str::to_owned).collect())
            }
        }
    }
}

/// What all roles of a person give together.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    /// In order and each once.
    pub permissions: Vec<String>,
    /// The shortest of the roles' sessions.
    pub session_seconds: Option<i64>,
    /// The fewest sessions of the roles.
    pub session_limit: Option<usize>,
    /// Whether one of the roles asks for a second factor.
    pub multi_factor_required: bool,
}

/// What this person's roles give.
pub async fn granted(cx: &Context<Auth>, user: &UserRecord) -> Result<Grant, Error> {
    granted_to(&cx.state.config, &cx.state.table, &user.tenant, &user.roles).await
}

/// What roles of these names give in a tenant. A name that nobody knows any more gives nothing.
pub async fn granted_to(config: &ConfigClient, table: &Table, tenant: &str, names: &[String]) -> Result<Grant, Error> {
    let roles = config.get::<Roles>(tenant).await?;
    let mut own = Vec::new();
    for name in names.iter().filter(|name| roles.of_the_house(name).is_none()) {
        own.extend(table.get::<RoleRecord>(tenant, name).await?.map(|role| role.value));
    }
    Ok(grant(&roles, names, &own))
}

/// Refuses names that no role of the house or of the caller's tenant has.
pub async fn check_names(cx: &Context<Auth>, names: &[RoleName]) -> Result<(), Error> {
    let roles = cx.state.config.get::<Roles>(&cx.tenant).await?;
    for name in names {
        let of_the_house = roles.for_tenants().any(|(known, _)| known == name.0);
        let reserved = Role::named(&name.0).is_some();
        if !of_the_house && (reserved || cx.state.table.get::<RoleRecord>(&cx.tenant, &name.0).await?.is_none()) {
            return Err(UNKNOWN_ROLE.with(serde_json::json!({ "role": name })));
        }
    }
    Ok(())
}

fn grant(roles: &Roles, names: &[String], own: &[RoleRecord]) -> Grant {
    let house: Vec<&RoleRules> = names.iter().filter_map(|name| roles.of_the_house(name)).collect();
    // Whoever has none of the house's roles is held to the strictest of them.
    let limiting = if house.is_empty() { roles.for_tenants().map(|(_, role)| role).collect() } else { house.clone() };
    let permissions: BTreeSet<&String> =
        house.iter().flat_map(|role| &role.permissions).chain(own.iter().flat_map(|role| &role.permissions)).collect();
    Grant {
        permissions: permissions.into_iter().cloned().collect(),
        session_seconds: limiting.iter().map(|role| role.session_seconds).min(),
        session_limit: limiting.iter().map(|role| role.session_limit).min(),
        multi_factor_required: house.iter().any(|role| role.multi_factor_required),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn roles() -> Roles {
        let role = |permissions: &[&str], seconds: i64, limit: usize, mfa: bool| {
            json!({
                "permissions": permissions, "sessionSeconds": seconds,
                "sessionLimit": limit, "multiFactorRequired": mfa,
            })
        };
        serde_json::from_value(json!({
            "system_admin": role(&["*:*"], 60, 1, true),
            "driver": role(&["trip:read:assigned"], 300, 2, false),
            "shipper": role(&["booking:read", "booking:create"], 100, 9, false),
        }))
        .unwrap()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn permissions_add_up_and_the_strictest_limits_count() {
        let own = RoleRecord {
            tenant: "acme".into(),
            name: "night-desk".into(),
            description: String::new(),
            permissions: vec!["trip:read".into(), "booking:read".into()],
            created_at: Timestamp::from_unix_millis(0),
        };

        let both = grant(&roles(), &names(&["shipper", "driver", "night-desk"]), &[own]);

        assert_eq!(both.permissions, ["booking:create", "booking:read", "trip:read", "trip:read:assigned"]);
        assert_eq!((both.session_seconds, both.session_limit), (Some(100), Some(2)));
        assert!(!both.multi_factor_required);
    }

    #[test]
    fn a_name_that_nobody_knows_gives_nothing_and_the_strictest_limits_of_all() {
        let none = grant(&roles(), &names(&["root", "SHIPPER", ""]), &[]);

        let strictest = Grant {
            permissions: vec![],
            session_seconds: Some(100),
            session_limit: Some(2),
            multi_factor_required: false,
        };
        assert_eq!(none, strictest);
    }

    #[test]
    fn no_tenant_passes_on_what_only_the_platform_may() {
        let all = [Permission("*:*".into())];
        let known = [Permission("booking:read".into()), Permission("trip:read:assigned".into())];

        assert_eq!(roles().checked(&all).unwrap_err().code(), "UNKNOWN_PERMISSION");
        assert!(roles().checked(&known).is_ok());
        assert!(roles().for_tenants().all(|(name, _)| name != "system_admin"));
    }
}
