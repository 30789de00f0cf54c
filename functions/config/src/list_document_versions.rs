//! Lists what the caller's tenant wrote to a document, newest first. For administrators. Emits nothing.

use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Json;
use validation::types::{PageQuery, Timestamp};

use crate::Config;
use crate::change::Action;
use crate::document::{DOCUMENT_NOT_FOUND, Document, DocumentPath, Layers, audit_read};

/// One version of what a tenant keeps of a document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentVersion {
    /// Counts from 1.
    pub number: u64,
    /// What was done.
    #[serde(default)]
    pub action: Action,
    /// Whether the tenant overrides nothing since.
    #[serde(default)]
    pub deleted: bool,
    /// The tenant's own keys in that version.
    pub value: Json,
    /// The schema in that version; only the platform's own have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Json>,
    /// Who wrote it.
    pub author: String,
    /// Who approved it, where somebody had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Why.
    pub reason: String,
    /// Under which change ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_ticket: Option<String>,
    /// When.
    pub at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the versions of a document that the caller's tenant wrote, newest first",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND],
    audit: Some("config.read"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::get("listDocumentVersions", "/config/v1/documents/{document}/versions")
};

pub async fn handle(
    cx: Context<Config>,
    input: Input<DocumentPath, PageQuery>,
) -> Result<Page<DocumentVersion>, Error> {
    let document = &input.path.document;
    Layers::load(&cx.state.table, &cx.tenant, &document.0).await?;
    let page = cx.state.table.parts::<Document, DocumentVersion>(&cx.tenant, &document.0, "version#", &input.query);
    let page = page.await?;

    audit_read(&cx, &cx.tenant, document).await?;

    Ok(page)
}

/// Where version `number` stands: a fixed width keeps the order.
pub fn part(number: u64) -> String {
    format!("version#{number:010}")
}
