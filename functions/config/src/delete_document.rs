//! Ends what the caller's tenant overrides in a document, so that the platform's value takes effect again. For
//! administrators. A tombstone stays, and the history with it. Emits `config.changed`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Config;
use crate::change::{
    APPROVAL_INVALID, APPROVAL_REQUIRED, Action, CHANGE_TICKET_REQUIRED, CHANGED_MEANWHILE, Change, ChangedDocument,
    VERSION_CHANGED, apply,
};
use crate::document::{CONFIG_CHANGED, DOCUMENT_NOT_FOUND, DocumentPath, Layers};
use crate::update_document::Precondition;

/// Why the document is deleted. In the query, because the body of a DELETE is lost on many ways.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deletion {
    /// For the history.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
    /// The change ticket.
    #[garde(inner(pattern("^CHG-[0-9]{8}$")))]
    #[schemars(regex(pattern = "^CHG-[0-9]{8}$"))]
    pub change_ticket: Option<String>,
}

/// The tenant overrides nothing in this document.
const NOT_OVERRIDDEN: Refusal =
    Refusal::new(Kind::NotFound, "NOT_OVERRIDDEN", "The tenant overrides nothing in this document.");
/// Everybody's value ends with it.
const PLATFORM_DEFAULT: Refusal =
    Refusal::rule("PLATFORM_DEFAULT", "The platform's own document is every tenant's default and cannot be deleted.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Ends what the caller's tenant overrides in a configuration document",
    policy: Policy::ADMIN,
    success: 200,
    errors: &[
        APPROVAL_INVALID,
        APPROVAL_REQUIRED,
        CHANGE_TICKET_REQUIRED,
        DOCUMENT_NOT_FOUND,
        NOT_OVERRIDDEN,
        PLATFORM_DEFAULT,
        VERSION_CHANGED,
        CHANGED_MEANWHILE,
    ],
    emits: &[CONFIG_CHANGED],
    audit: Some("config.delete"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::delete("deleteDocument", "/config/v1/documents/{document}")
};

type Request = Input<DocumentPath, Deletion, Nothing, Precondition>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<ChangedDocument>, Error> {
    if cx.tenant == PLATFORM_TENANT {
        return Err(PLATFORM_DEFAULT.into());
    }

    let layers = Layers::load(&cx.state.table, &cx.tenant, &input.path.document.0).await?;

    input.headers.check(&layers)?;
    layers.kept().filter(|kept| !kept.value.deleted).ok_or(NOT_OVERRIDDEN)?;
    let change = Change {
        action: Action::Delete,
        deleted: true,
        approved: None,
        value: serde_json::json!({}),
        schema: None,
        reason: input.query.reason,
        change_ticket: input.query.change_ticket,
        approval: input.headers.approval_token,
    };

    apply(&cx, &layers, change).await
}
