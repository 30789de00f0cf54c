//! Reads a document as it takes effect for one tenant. For other services, which name the tenant in the signed path.
//! The answer may be kept for as long as the configuration says.

use garde::Validate;
use http::header;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::TenantId;

use crate::Config;
use crate::document::{DOCUMENT_NOT_FOUND, DocumentId, EffectiveDocument, Layers};
use crate::source::Caching;

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
    errors: &[DOCUMENT_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("readTenantDocument", "/config/internal/v1/tenants/{tenant}/documents/{document}")
};

pub async fn handle(cx: Context<Config>, input: Input<TenantDocument>) -> Result<Data<EffectiveDocument>, Error> {
    let layers = Layers::load(&cx.state.table, &input.path.tenant.0, &input.path.document.0).await?;
    let caching = cx.state.config.get::<Caching>(PLATFORM_TENANT).await?;

    let max_age = format!("private, max-age={}", caching.max_age_seconds);
    let etag = format!("\"{}\"", layers.version());
    Ok(Data::new(layers.effective()).with_header(header::CACHE_CONTROL, &max_age).with_header(header::ETAG, &etag))
}
