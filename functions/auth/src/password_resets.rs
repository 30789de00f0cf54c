//! Password resets: how they are configured, kept, and told to whoever sends the mail.

use cloud::Entity;
use config_client::{Document, Scope};
use garde::Validate;
use operation::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validation::types::Timestamp;

use crate::domain::Email;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/password-resets`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordResets {
    /// How long a token is good.
    pub token_seconds: i64,
    /// How soon the next one may be asked for.
    pub resend_seconds: i64,
}

impl Document for PasswordResets {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/password-resets";
}

/// The last reset that was asked for an address. There is one per address, so that a new token ends the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetRecord {
    pub tenant: String,
    /// [`crate::attempts::address_id`].
    pub address: String,
    /// Whose it is; nobody's when nobody is registered with the address.
    pub user_id: Option<String>,
    /// Of the token.
    pub digest: String,
    /// The person's session epoch when it was asked for; a password that was changed since ends it.
    pub epoch: u64,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Entity for ResetRecord {
    const KIND: &'static str = "password-reset";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.address
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

/// What `password.reset_requested` tells: all that the mail needs, because nobody else may ever ask for the token.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetRequested {
    /// Whose password it is.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// Where the mail goes.
    #[garde(dive)]
    pub email: Email,
    /// Is good once, for a new password.
    #[garde(length(chars, min = 1, max = 256))]
    pub token: Secret,
    /// When the token is good no more.
    #[garde(skip)]
    pub expires_at: Timestamp,
}

impl ResetRequested {
    /// What stands in the place of this event when there is nobody to tell: as long, and without anything of it.
    pub fn concealed(&self) -> ResetIgnored {
        let length = serde_json::to_string(self).map_or(0, |text| text.len());
        ResetIgnored { padding: "-".repeat(length) }
    }
}

/// What `password.reset_ignored` tells: nothing.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetIgnored {
    /// As long as the data of a `password.reset_requested` would have been.
    #[garde(length(chars, max = 2048))]
    pub padding: String,
}

/// Emitted when somebody who is registered asked for a reset.
pub const RESET_REQUESTED: EventType =
    EventType::of::<ResetRequested>("password.reset_requested", "A person asked for a new password.");
/// Emitted when a reset was asked for and there is nobody to send it to. Nobody acts on it: it is written and moved so
/// that both cases take the same work.
pub const RESET_IGNORED: EventType =
    EventType::of::<ResetIgnored>("password.reset_ignored", "A reset was asked for that goes to nobody.");
