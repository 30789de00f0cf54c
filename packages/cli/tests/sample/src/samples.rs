//! Samples: what is kept of one, and what its callers see.

use cloud::Entity;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::Timestamp;

/// A sample's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct SampleId(#[garde(pattern("^SM-[0-9A-F]{16}$"))] pub String);

/// Where one sample is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SamplePath {
    /// The sample.
    #[garde(dive)]
    pub sample_id: SampleId,
}

/// A sample as its callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SampleView {
    /// Its id.
    pub sample_id: SampleId,
    /// What it is about.
    pub description: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A sample of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRecord {
    pub tenant: String,
    pub view: SampleView,
}

impl Entity for SampleRecord {
    const KIND: &'static str = "sample";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.view.sample_id.0
    }

    fn order(&self) -> String {
        self.view.created_at.sortable()
    }
}

/// The tenant has no such sample.
pub const SAMPLE_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "SAMPLE_NOT_FOUND", "There is no such sample.");
