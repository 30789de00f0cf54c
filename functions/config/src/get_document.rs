//! Reads a document as it takes effect for the caller's tenant. For administrators. Emits nothing.

use garde::Validate;
use http::header;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::Timestamp;
use validation::{Json, Nothing};

use crate::Config;
use crate::document::{DOCUMENT_NOT_FOUND, DocumentId, DocumentPath, Layers, audit_read};
use crate::references::{REFERENCE_BROKEN, effective};
use crate::rules::Rules;

/// What the caller has already.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct Known {
    /// The `ETag` of a document that was read before: if it still is that, the answer is 304 without a body.
    #[serde(rename = "if-none-match")]
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schemars(length(min = 1, max = 200))]
    pub if_none_match: Option<String>,
}

/// A document as its administrators see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdministeredDocument {
    /// The document.
    pub document: DocumentId,
    /// The platform's version and the tenant's, as in `ETag`.
    pub version: String,
    /// What takes effect: the tenant's keys over the platform's, with references resolved.
    pub value: Json,
    /// The keys the tenant itself sets, as they were written: what an update replaces.
    pub own: Json,
    /// When it last changed.
    pub changed_at: Timestamp,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads a configuration document as it takes effect for the caller's tenant",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND, REFERENCE_BROKEN],
    audit: Some("config.read"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::get("getDocument", "/config/v1/documents/{document}")
};

type Request = Input<DocumentPath, Nothing, Nothing, Known>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<AdministeredDocument>, Error> {
    let id = &input.path.document;
    let layers = Layers::load(&cx.state.table, &cx.tenant, &id.0).await?;
    let rules = cx.state.config.get::<Rules>(PLATFORM_TENANT).await?;
    let effective = effective(&cx.state.table, &layers, &rules.references).await?;

    audit_read(&cx, &cx.tenant, id).await?;

    let etag = format!("\"{}\"", effective.version);
    Ok(Data::new(AdministeredDocument {
        document: effective.document,
        version: effective.version,
        value: effective.value,
        own: Json(layers.own_value()),
        changed_at: effective.changed_at,
    })
    .with_header(header::ETAG, &etag)
    .unless_known(input.headers.if_none_match.as_deref()))
}
