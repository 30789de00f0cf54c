//! Who a user may be: pure decisions.

use garde::Validate;
use policy::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An e-mail address. Only a mail that arrives proves one, so this keeps out no more than what cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Email(
    #[garde(
        length(chars, max = 254),
        pattern("^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,123}\\.[A-Za-z][A-Za-z0-9-]{1,62}$")
    )]
    pub String,
);

impl Email {
    /// The address as it is compared and kept: two that differ only in case are one.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// A role that a tenant's administrator may give. `system_admin` is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TenantRole {
    /// Runs the tenant.
    TenantAdmin,
    /// Owns vehicles and serves bookings with them.
    FleetOwner,
    /// Drives a vehicle.
    Driver,
    /// Books trucks for freight.
    Shipper,
}

impl TenantRole {
    /// The role's name in tokens and records.
    pub const fn name(self) -> &'static str {
        let role = match self {
            Self::TenantAdmin => Role::TenantAdmin,
            Self::FleetOwner => Role::FleetOwner,
            Self::Driver => Role::Driver,
            Self::Shipper => Role::Shipper,
        };
        role.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_can_give_every_role_but_that_of_the_platform() {
        let roles = [TenantRole::TenantAdmin, TenantRole::FleetOwner, TenantRole::Driver, TenantRole::Shipper];
        let given: Vec<_> = roles.iter().filter_map(|role| Role::named(role.name())).collect();

        assert_eq!(given, Role::ALL[1..]);
        for role in roles {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert!(serde_json::from_str::<TenantRole>("\"system_admin\"").is_err());
    }

    #[test]
    fn an_address_needs_a_mailbox_and_a_domain() {
        for good in
            ["a@b.co", "Asha.Rao+x@Mail.Example.IN", "o'neil_1%x@a-b.example", &format!("{}@b.co", "a".repeat(64))]
        {
            assert!(Email(good.to_owned()).validate().is_ok(), "{good}");
        }
        let long = format!("{}@b.co", "a".repeat(65));
        for bad in
            ["", "a", "a@b", "@b.co", "a@", "a@.co", "a b@c.de", "a@b.co\n", "a@b@c.de", "a#b@c.de", "ä@b.de", &long]
        {
            assert!(Email(bad.to_owned()).validate().is_err(), "{bad}");
        }
        assert_eq!(Email("Asha@Example.IN".into()).folded(), "asha@example.in");
    }
}
