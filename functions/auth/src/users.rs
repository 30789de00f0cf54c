//! People as administrators see them, and the events their changes are told by.

use garde::Validate;
use operation::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::Timestamp;

use crate::domain::Email;
use crate::records::UserRecord;
use crate::roles::RoleName;

/// Where one person is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPath {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// Whether a person is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum UserStatus {
    /// They can log in.
    Active,
    /// They cannot, until somebody reactivates them.
    Suspended,
}

/// A person of a tenant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDetails {
    /// The person.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// In lower case.
    pub email: Email,
    /// What the person is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What the person may do, each role once.
    #[schemars(length(max = 5))]
    pub roles: Vec<RoleName>,
    /// Whether they are let in.
    pub status: UserStatus,
    /// Whether their log-in takes a second factor.
    pub multi_factor: bool,
    /// When they were registered.
    pub created_at: Timestamp,
}

impl UserRecord {
    /// Whether the person is let in.
    pub fn status(&self) -> UserStatus {
        if self.suspended { UserStatus::Suspended } else { UserStatus::Active }
    }
}

impl From<&UserRecord> for UserDetails {
    fn from(user: &UserRecord) -> Self {
        Self {
            user_id: user.user_id.clone(),
            email: Email(user.email.clone()),
            name: user.name.clone(),
            roles: user.roles.iter().cloned().map(RoleName).collect(),
            status: user.status(),
            multi_factor: user.multi_factor,
            created_at: user.created_at.clone(),
        }
    }
}

/// A person of that id is not of this tenant.
pub const USER_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "USER_NOT_FOUND", "There is no such person.");

/// What `user.suspended` and `user.reactivated` tell.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserChanged {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// What `user.roles_changed` tells.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolesChanged {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// Their roles from now on.
    #[garde(length(min = 1, max = 5), dive)]
    pub roles: Vec<RoleName>,
}

/// Emitted when a person was shut out.
pub const USER_SUSPENDED: EventType = EventType::of::<UserChanged>("user.suspended", "A person was shut out.");
/// Emitted when a person was let in again.
pub const USER_REACTIVATED: EventType = EventType::of::<UserChanged>("user.reactivated", "A person was let in again.");
/// Emitted when a person got other roles.
pub const ROLES_CHANGED: EventType = EventType::of::<RolesChanged>("user.roles_changed", "A person got other roles.");
