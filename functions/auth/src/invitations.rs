//! Invitations: how they are configured, kept, and told to whoever sends the mail.

use cloud::Entity;
use config_client::{Document, Scope};
use garde::Validate;
use operation::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::Timestamp;

use crate::domain::Email;
use crate::roles::RoleName;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/invitations`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitations {
    /// How long one can be accepted.
    pub token_seconds: i64,
}

impl Document for Invitations {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/invitations";
}

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationRecord {
    pub tenant: String,
    pub invitation_id: String,
    /// In lower case.
    pub email: String,
    pub roles: Vec<RoleName>,
    /// Of the token.
    pub digest: String,
    pub invited_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Entity for InvitationRecord {
    const KIND: &'static str = "invitation";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.invitation_id
    }

    fn order(&self) -> String {
        self.created_at.sortable()
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

/// Where one invitation is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationPath {
    /// The invitation.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub invitation_id: String,
}

/// An invitation as administrators see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    /// The invitation.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    pub invitation_id: String,
    /// Who is invited, in lower case.
    pub email: Email,
    /// What they will be able to do.
    #[schemars(length(min = 1, max = 5))]
    pub roles: Vec<RoleName>,
    /// Who invited them.
    #[schemars(length(min = 1, max = 100))]
    pub invited_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

impl From<&InvitationRecord> for InvitationView {
    fn from(invitation: &InvitationRecord) -> Self {
        Self {
            invitation_id: invitation.invitation_id.clone(),
            email: Email(invitation.email.clone()),
            roles: invitation.roles.clone(),
            invited_by: invitation.invited_by.clone(),
            created_at: invitation.created_at.clone(),
            expires_at: invitation.expires_at.clone(),
        }
    }
}

/// What `invitation.created` tells: all that the mail needs, because nobody else may ever ask for the token.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationCreated {
    /// The invitation.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub invitation_id: String,
    /// Where the mail goes.
    #[garde(dive)]
    pub email: Email,
    /// Is good once, to join the tenant.
    #[garde(length(chars, min = 1, max = 256))]
    pub token: Secret,
    /// When the token is good no more.
    #[garde(skip)]
    pub expires_at: Timestamp,
}

/// Emitted when somebody was invited.
pub const INVITATION_CREATED: EventType =
    EventType::of::<InvitationCreated>("invitation.created", "Somebody was invited to a tenant.");

/// It was accepted, revoked, or never there.
pub const INVITATION_NOT_FOUND: Refusal =
    Refusal::new(Kind::NotFound, "INVITATION_NOT_FOUND", "There is no such open invitation.");
