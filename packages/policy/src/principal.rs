//! Who is calling: nobody, a person, or another service.

/// A role inside a tenant. The names are those of the tokens' `roles` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the platform; only inside the platform tenant.
    SystemAdmin,
    /// Runs one tenant.
    TenantAdmin,
    /// Owns vehicles and serves bookings with them.
    FleetOwner,
    /// Drives a vehicle.
    Driver,
    /// Books trucks for freight.
    Shipper,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::SystemAdmin, Self::TenantAdmin, Self::FleetOwner, Self::Driver, Self::Shipper];

    /// The role's name in tokens and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SystemAdmin => "system_admin",
            Self::TenantAdmin => "tenant_admin",
            Self::FleetOwner => "fleet_owner",
            Self::Driver => "driver",
            Self::Shipper => "shipper",
        }
    }

    /// The role of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A person who has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// From the verified token, never from the request.
    pub tenant: String,
    /// The token's subject.
    pub id: String,
    /// The roles this build knows; others in the token give nothing.
    pub roles: Vec<Role>,
    /// `booking:read` and the like.
    pub permissions: Vec<String>,
    /// The session the token belongs to.
    pub session: String,
    /// When the person last logged in, in seconds since 1970.
    pub authenticated_at: i64,
    /// Whether the login used a second factor (RFC 8176 `amr` holds `mfa`).
    pub multi_factor: bool,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// No credentials were given.
    Anonymous,
    /// A bearer token was verified.
    User(User),
    /// A service-to-service signature was verified.
    Service {
        /// The calling service's name.
        name: String,
    },
}

impl Principal {
    /// The person, if one is calling.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            _ => None,
        }
    }

    /// The caller's tenant, if it has one.
    pub fn tenant(&self) -> Option<&str> {
        self.user().map(|user| user.tenant.as_str())
    }

    /// The caller's name in logs and audit entries.
    pub fn id(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(user) => &user.id,
            Self::Service { name } => name,
        }
    }

    /// Whether the caller has this role.
    pub fn has(&self, role: Role) -> bool {
        self.user().is_some_and(|user| user.roles.contains(&role))
    }

    /// Whether the caller is the owner of a record, or administers the owner's tenant.
    pub fn owns(&self, owner: &str) -> bool {
        self.user().is_some_and(|user| user.id == owner) || self.administers()
    }

    /// Whether the caller administers its tenant.
    pub fn administers(&self) -> bool {
        self.has(Role::TenantAdmin) || self.has(Role::SystemAdmin)
    }
}
