//! Clients: programs with a credential of their own (RFC 6749, section 2), and the events their changes are told by.

use cloud::{Entity, Stored, Table};
use config_client::{Document, Scope};
use garde::Validate;
use operation::{Call, EventType};
use policy::{Principal, Role, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::authorization::RedirectUri;
use crate::credential::{Pointer, digest, matches};
use crate::domain::TenantRole;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/oauth`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuth {
    /// How long a token of a client is good.
    pub client_token_seconds: i64,
    /// How long the token is good that an API key is exchanged for.
    pub api_key_token_seconds: i64,
    /// How long an API key is good when nothing is said, and at most.
    pub api_key_seconds: i64,
    /// How long the secret before the last stays good.
    pub secret_overlap_seconds: i64,
    /// How long an authorization code is good.
    pub code_seconds: i64,
    /// How long an ID token is good.
    pub id_token_seconds: i64,
    /// The page where people log in and agree.
    pub sign_in_url: String,
}

impl Document for OAuth {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/oauth";
}

/// A client of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientRecord {
    pub tenant: String,
    /// The second half of the client id.
    pub id: String,
    pub name: String,
    /// By name, as tokens carry them.
    pub roles: Vec<TenantRole>,
    /// Where browsers may be sent back to.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// SHA-256 of the secret that was given last.
    pub secret_digest: String,
    /// The one before, while it is good.
    pub previous: Option<PreviousSecret>,
    pub created_at: Timestamp,
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSecret {
    pub digest: String,
    pub good_until: Timestamp,
}

impl Entity for ClientRecord {
    const KIND: &'static str = "client";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.created_at.sortable()
    }
}

impl ClientRecord {
    /// What the client is known by to others.
    pub fn client_id(&self) -> ClientId {
        ClientId(Pointer { tenant: self.tenant.clone(), id: self.id.clone() }.to_string())
    }

    /// Whether this is its secret, or the one before while that is good.
    pub fn knows(&self, secret: &Secret, now: &Timestamp) -> bool {
        let previous = self.previous.as_ref().filter(|previous| previous.good_until > *now);
        // Both are compared whatever the first says.
        matches(&self.secret_digest, secret) | previous.is_some_and(|previous| matches(&previous.digest, secret))
    }

    /// The client with a new secret; the last stays good for a while.
    pub fn with_secret(&self, secret: &Secret, overlap_seconds: i64, now: &Timestamp) -> Self {
        let good_until = Timestamp::from_unix_millis(now.unix_millis() + overlap_seconds * 1000);
        Self {
            secret_digest: digest(secret),
            previous: Some(PreviousSecret { digest: self.secret_digest.clone(), good_until }),
            ..self.clone()
        }
    }

    /// Names of its roles.
    pub fn role_names(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name().to_owned()).collect()
    }

    /// The same call in the name of this client.
    pub fn acting_in(&self, call: &Call) -> Call {
        let roles = self.role_names();
        acting(
            call,
            User {
                tenant: self.tenant.clone(),
                id: self.client_id().0,
                permissions: Vec::new(),
                roles: roles.iter().filter_map(|name| Role::named(name)).collect(),
                session: String::new(),
                authenticated_at: 0,
                multi_factor: false,
            },
        )
    }

    /// What others may know of it.
    pub fn view(&self) -> ClientView {
        ClientView {
            client_id: self.client_id(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            redirect_uris: self.redirect_uris.clone(),
            created_at: self.created_at.clone(),
        }
    }
}

/// The same call in the name of whoever it has only now identified.
pub fn acting(call: &Call, user: User) -> Call {
    let mut acting = Call::of_platform(call.service, call.operation, call.environment, call.now.clone());
    acting.audit = call.audit;
    acting.success = call.success;
    acting.request_id.clone_from(&call.request_id);
    acting.client.clone_from(&call.client);
    acting.tenant.clone_from(&user.tenant);
    acting.principal = Principal::User(user);
    acting
}

/// The client a caller's own tenant has under this id; there is no other for them.
pub async fn find(table: &Table, tenant: &str, client_id: &ClientId) -> Result<Stored<ClientRecord>, Error> {
    let pointer = Pointer::parse(&client_id.0).filter(|pointer| pointer.tenant == tenant).ok_or(CLIENT_NOT_FOUND)?;
    Ok(table.get::<ClientRecord>(tenant, &pointer.id).await?.ok_or(CLIENT_NOT_FOUND)?)
}

/// What a client is known by: `{tenant}.{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct ClientId(#[garde(pattern("^[a-z][a-z0-9-]{2,30}\\.[0-9a-f]{32}$"))] pub String);

/// A client, without its secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientView {
    /// What it is known by.
    pub client_id: ClientId,
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What it may do, each role once.
    #[schemars(length(max = 4))]
    pub roles: Vec<TenantRole>,
    /// Where browsers may be sent back to.
    #[schemars(length(max = 10))]
    pub redirect_uris: Vec<RedirectUri>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A client and its secret. The secret is shown here and never again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientWithSecret {
    /// The client.
    pub client: ClientView,
    /// Proves it; only a digest is kept.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub client_secret: Secret,
}

/// Which client.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientPath {
    /// What it is known by.
    #[garde(dive)]
    pub client_id: ClientId,
}

/// What events about clients tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientChanged {
    /// The client.
    #[garde(dive)]
    pub client_id: ClientId,
}

/// Emitted when a client was registered.
pub const CLIENT_REGISTERED: EventType =
    EventType::of::<ClientChanged>("client.registered", "A client was registered.");
/// Emitted when a client got a new secret.
pub const CLIENT_SECRET_ROTATED: EventType =
    EventType::of::<ClientChanged>("client.secret-rotated", "A client got a new secret.");
/// Emitted when a client was deleted.
pub const CLIENT_DELETED: EventType = EventType::of::<ClientChanged>("client.deleted", "A client was deleted.");

/// No such client in the caller's tenant.
pub const CLIENT_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "CLIENT_NOT_FOUND", "There is no such client.");
/// Somebody else changes the client at the same time.
pub const CLIENT_CHANGED: Refusal =
    Refusal::of(Kind::Conflict, "Somebody else has changed this client meanwhile: try again.");
