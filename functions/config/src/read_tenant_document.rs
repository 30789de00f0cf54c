//! Reads a document as it takes effect for one tenant. For other services, which name the tenant in the signed path.
//! The answer may be kept for as long as the configuration says.

use garde::Validate;
use http::header;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::TenantId;

use crate::Config;
use crate::document::{DOCUMENT_NOT_FOUND, DocumentId, EffectiveDocument, Layers, audit_read};
use crate::get_document::Known;
use crate::references::{REFERENCE_BROKEN, effective};
use crate::rules::Rules;

/// A document of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantDocument {
    /// Whose.
    #[garde(dive)]
    pub tenant: TenantId,
    /// Which.
    #[garde(dive)]
    pub document: DocumentId,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads a configuration document for another service",
    policy: Policy::INTERNAL,
    errors: &[DOCUMENT_NOT_FOUND, REFERENCE_BROKEN],
    audit: Some("config.read"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    ..Declaration::get("readTenantDocument", "/config/internal/v1/tenants/{tenant}/documents/{document}")
};

type Request = Input<TenantDocument, Nothing, Nothing, Known>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<EffectiveDocument>, Error> {
    let TenantDocument { tenant, document } = input.path;
    let layers = Layers::load(&cx.state.table, &tenant.0, &document.0).await?;
    let rules = cx.state.config.get::<Rules>(PLATFORM_TENANT).await?;
    let effective = effective(&cx.state.table, &layers, &rules.references).await?;

    audit_read(&cx, &tenant.0, &document).await?;

    let max_age = format!("private, max-age={}", rules.max_age_seconds);
    let etag = format!("\"{}\"", effective.version);
    Ok(Data::new(effective)
        .with_header(header::CACHE_CONTROL, &max_age)
        .with_header(header::ETAG, &etag)
        .unless_known(input.headers.if_none_match.as_deref()))
}
