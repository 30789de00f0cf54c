//! Reads a document as it takes effect for the caller's tenant. For administrators. Emits nothing.

use http::header;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Config;
use crate::document::{DOCUMENT_NOT_FOUND, DocumentPath, EffectiveDocument, Layers};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads a configuration document as it takes effect for the caller's tenant",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getDocument", "/config/v1/documents/{document}")
};

pub async fn handle(cx: Context<Config>, input: Input<DocumentPath>) -> Result<Data<EffectiveDocument>, Error> {
    let layers = Layers::load(&cx.state.table, &cx.tenant, &input.path.document.0).await?;

    let etag = format!("\"{}\"", layers.version());
    Ok(Data::new(layers.effective()).with_header(header::ETAG, &etag))
}
