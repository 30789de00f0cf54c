//! Events: their types as data, and the CloudEvents 1.0 envelope they travel in.

use serde::{Deserialize, Serialize};
use validation::Schema;
use validation::types::Timestamp;

/// A type of event an operation may emit.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// `booking.created`.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The schema of its data.
    pub schema: fn() -> Schema,
}

impl EventType {
    /// An event whose data is a `T`.
    pub const fn of<T: schemars::JsonSchema>(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, schema: Schema::of_request::<T> }
    }
}

/// The envelope of every message: CloudEvents 1.0 in structured JSON, with the tenant as an extension attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent<T> {
    /// `1.0`.
    pub specversion: String,
    /// Unique per source; a consumer takes effect once per id.
    pub id: String,
    /// The service that emitted it: `/booking`.
    pub source: String,
    /// The type: `booking.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about: a booking's id.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// `application/json`.
    pub datacontenttype: String,
    /// Extension: whose event this is.
    pub tenantid: String,
    /// Extension: the request that caused it.
    pub requestid: String,
    /// The payload.
    pub data: T,
}
