//! What the service keeps of tenants and users, and the events their changes are told by.

use cloud::Entity;
use garde::Validate;
use operation::{Call, EventType, random_id};
use policy::{Principal, Role, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::{TenantId, Timestamp};

use crate::domain::Email;
use crate::secret::Secret;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantRecord {
    pub tenant: String,
    pub name: String,
    pub created_at: Timestamp,
}

impl Entity for TenantRecord {
    const KIND: &'static str = "tenant";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.tenant
    }
}

/// A person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    pub tenant: String,
    pub user_id: String,
    /// In lower case.
    pub email: String,
    pub name: String,
    /// A PHC string.
    pub password_hash: Secret,
    /// By name, as tokens carry them.
    pub roles: Vec<String>,
    pub created_at: Timestamp,
    /// When this password was set; absent while it is the first one.
    #[serde(default)]
    pub password_changed_at: Option<Timestamp>,
    /// Hashes of the passwords before, newest first.
    #[serde(default)]
    pub password_history: Vec<Secret>,
    /// Sessions that began under another number are over.
    #[serde(default)]
    pub session_epoch: u64,
    /// API keys that were made under another number are void.
    #[serde(default)]
    pub key_epoch: u64,
    /// Whether an administrator has shut this person out.
    #[serde(default)]
    pub suspended: bool,
    /// Whether a log-in takes a second step.
    #[serde(default)]
    pub multi_factor: bool,
}

impl Entity for UserRecord {
    const KIND: &'static str = "user";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.user_id
    }

    fn order(&self) -> String {
        self.created_at.sortable()
    }
}

impl UserRecord {
    /// A person who can log in from now on.
    pub fn new(tenant: &str, email: &Email, name: String, password_hash: Secret, now: &Timestamp) -> Self {
        Self {
            tenant: tenant.to_owned(),
            user_id: random_id(),
            email: email.folded(),
            name,
            password_hash,
            roles: Vec::new(),
            created_at: now.clone(),
            password_changed_at: None,
            password_history: Vec::new(),
            session_epoch: 0,
            key_epoch: 0,
            suspended: false,
            multi_factor: false,
        }
    }

    /// The person whose API keys are void from now on, if that is wanted.
    pub fn without_keys(self, wanted: bool) -> Self {
        Self { key_epoch: self.key_epoch + u64::from(wanted), ..self }
    }

    /// Where this person is found by their e-mail address.
    pub fn address(&self) -> EmailRecord {
        EmailRecord { tenant: self.tenant.clone(), email: self.email.clone(), user_id: self.user_id.clone() }
    }

    /// The same call, in the name of this person, whom it has only now identified: what it writes, its events and its
    /// audit entry are their tenant's, and the actor is known. For operations that strangers call and that hold no
    /// idempotency key.
    pub fn acting_in(&self, call: &Call) -> Call {
        let mut acting = Call::of_platform(call.service, call.operation, call.environment, call.now.clone());
        acting.audit = call.audit;
        acting.success = call.success;
        acting.request_id.clone_from(&call.request_id);
        acting.client.clone_from(&call.client);
        acting.tenant.clone_from(&self.tenant);
        acting.principal = Principal::User(User {
            tenant: self.tenant.clone(),
            id: self.user_id.clone(),
            roles: self.roles.iter().filter_map(|name| Role::named(name)).collect(),
            permissions: Vec::new(),
            session: String::new(),
            authenticated_at: call.now.unix_seconds(),
            multi_factor: false,
        });
        acting
    }
}

/// Whose an e-mail address is in a tenant. In another tenant it may be somebody else's, or the same human's once more:
/// neither tenant learns of the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailRecord {
    pub tenant: String,
    pub email: String,
    pub user_id: String,
}

impl Entity for EmailRecord {
    const KIND: &'static str = "email";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.email
    }
}

/// What `tenant.created` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantCreated {
    /// The tenant.
    #[garde(dive)]
    pub tenant_id: TenantId,
    /// What it is called.
    #[garde(length(chars, min = 2, max = 100))]
    pub name: String,
    /// Its first administrator.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
}

/// What `user.registered` tells. Who needs the address or the name asks for them: a queue is no place for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserRegistered {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// Their roles.
    #[garde(length(min = 1, max = 5), inner(length(chars, min = 1, max = 30)))]
    #[schemars(inner(length(min = 1, max = 30)))]
    pub roles: Vec<String>,
}

/// Emitted when a tenant was created, with its first administrator.
pub const TENANT_CREATED: EventType = EventType::of::<TenantCreated>("tenant.created", "A tenant was created.");
/// Emitted when a person was registered.
pub const USER_REGISTERED: EventType = EventType::of::<UserRegistered>("user.registered", "A person was registered.");

/// One address, one person of a tenant. Told to its administrators, who may list its people anyway, and to whoever was
/// invited at that address; never to strangers.
pub const EMAIL_TAKEN: Refusal =
    Refusal::new(Kind::Conflict, "EMAIL_TAKEN", "Somebody of this tenant has this e-mail address already.");
/// Two records drew the same random id.
pub const ID_EXISTS: Refusal = Refusal::of(Kind::Conflict, "Try again.");
