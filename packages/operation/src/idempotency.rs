//! Once-only effect: a claim that is written together with the change it protects.
//!
//! An operation's handler writes its record, its event, its audit entry and the claim in one transaction. A twin that
//! comes later finds the claim and gets the first answer; a concurrent twin loses the transaction on the claim's
//! condition and then finds it. There is no lock to time out and nothing to clean up after a crash. A message is
//! claimed by its id in the same way. The header follows the IETF draft `draft-ietf-httpapi-idempotency-key-header`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};

/// The key was used before with another payload.
pub const KEY_REUSED: Refusal =
    Refusal::rule("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used before with another request.");

/// Somebody else has just done the very same: what a lost transaction returns. The pipeline then answers the first
/// answer again, so callers see this only when that answer has meanwhile expired.
pub const ALREADY_DONE: Refusal = Refusal::of(Kind::Conflict, "The same request is being answered already.");

/// The right to do something once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose claim it is.
    pub tenant: String,
    /// What is done once: caller, operation and key, or consumer and event id.
    pub key: String,
    /// SHA-256 of what was asked, so that another question under the same key is noticed.
    pub fingerprint: String,
    /// Until when it is kept, in seconds since 1970.
    pub expires_at: i64,
}

/// What was answered under a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The fingerprint of the first request.
    pub fingerprint: String,
    /// The status of the first answer.
    pub status: u16,
    /// The body of the first answer.
    pub body: Bytes,
    /// The header fields of the operation's own (`etag`, `location`) in the first answer.
    pub headers: Vec<(String, String)>,
}
