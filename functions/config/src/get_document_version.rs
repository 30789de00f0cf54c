//! Reads one version of what the caller's tenant wrote to a document. For administrators. Emits nothing.

use cloud::Key;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};

use crate::Config;
use crate::document::{DOCUMENT_NOT_FOUND, Document, DocumentId, Layers, audit_read};
use crate::list_document_versions::{DocumentVersion, part};

/// Where one version is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionPath {
    /// The document.
    #[garde(dive)]
    pub document: DocumentId,
    /// The number of the tenant's version, counted from 1.
    #[garde(range(min = 1, max = 9_999_999_999_u64))]
    pub number: u64,
}

/// The tenant has no such version.
const VERSION_NOT_FOUND: Refusal =
    Refusal::new(Kind::NotFound, "VERSION_NOT_FOUND", "The tenant wrote no such version of the document.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one version of what the caller's tenant wrote to a document",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND, VERSION_NOT_FOUND],
    audit: Some("config.read"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::get("getDocumentVersion", "/config/v1/documents/{document}/versions/{number}")
};

pub async fn handle(cx: Context<Config>, input: Input<VersionPath>) -> Result<Data<DocumentVersion>, Error> {
    let VersionPath { document, number } = input.path;
    Layers::load(&cx.state.table, &cx.tenant, &document.0).await?;
    let key = Key::part::<Document>(&cx.tenant, &document.0, &part(number));
    let version = cx.state.table.read::<DocumentVersion>(&key).await?.ok_or(VERSION_NOT_FOUND)?;

    audit_read(&cx, &cx.tenant, &document).await?;

    Ok(Data::new(version.value))
}
