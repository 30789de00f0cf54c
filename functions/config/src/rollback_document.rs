//! Undoes the last change of a document with the token that change answered. For administrators. The history keeps
//! both: what was undone stays a version, and what is brought back becomes a new one. Emits `config.changed`.

use cloud::Key;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Refusal};
use validation::Nothing;

use crate::Config;
use crate::change::{
    APPROVAL_INVALID, APPROVAL_REQUIRED, Action, CHANGE_TICKET_REQUIRED, CHANGED_MEANWHILE, Change, ChangedDocument,
    VERSION_CHANGED, apply, undone_by,
};
use crate::document::{CONFIG_CHANGED, DOCUMENT_NOT_FOUND, Document, DocumentPath, Layers};
use crate::list_document_versions::{DocumentVersion, part};
use crate::overrides::BREAKS_OVERRIDES;

/// What is undone, and why.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollback {
    /// The token that the change answered. It is good as long as no other change follows.
    #[garde(length(chars, min = 1, max = 200))]
    pub rollback_token: String,
    /// Why it is undone, for the history.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
    /// The change ticket.
    #[garde(inner(pattern("^CHG-[0-9]{8}$")))]
    #[schemars(regex(pattern = "^CHG-[0-9]{8}$"))]
    pub change_ticket: Option<String>,
}

/// The approval of the rollback.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct Approval {
    /// What another administrator was given for approving exactly this rollback.
    #[serde(rename = "approval-token")]
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub approval_token: Option<String>,
}

/// No token, or one of another document or tenant.
const ROLLBACK_TOKEN_INVALID: Refusal =
    Refusal::rule("ROLLBACK_TOKEN_INVALID", "The rollback token is not one of this document.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Undoes the last change of a configuration document",
    policy: Policy::ADMIN,
    success: 200,
    errors: &[
        APPROVAL_INVALID,
        APPROVAL_REQUIRED,
        BREAKS_OVERRIDES,
        CHANGE_TICKET_REQUIRED,
        DOCUMENT_NOT_FOUND,
        ROLLBACK_TOKEN_INVALID,
        VERSION_CHANGED,
        CHANGED_MEANWHILE,
    ],
    emits: &[CONFIG_CHANGED],
    audit: Some("config.rollback"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::post("rollbackDocument", "/config/v1/documents/{document}/rollbacks")
};

type Request = Input<DocumentPath, Nothing, Rollback, Approval>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<ChangedDocument>, Error> {
    let id = input.path.document;
    let layers = Layers::load(&cx.state.table, &cx.tenant, &id.0).await?;

    let undone = undone_by(&cx, &id, &input.body.rollback_token).await?.ok_or(ROLLBACK_TOKEN_INVALID)?;
    if layers.kept().map(|kept| kept.version) != Some(undone) {
        return Err(VERSION_CHANGED.with(serde_json::json!({ "version": layers.version() })));
    }
    let before = version(&cx, &id.0, undone.saturating_sub(1)).await?;
    let change = Change {
        action: Action::Rollback,
        // Before the first version, and after a tombstone, there was nothing.
        deleted: before.is_none(),
        approved: None,
        value: before.as_ref().map_or_else(|| serde_json::json!({}), |before| before.value.0.clone()),
        schema: before.and_then(|before| before.schema).map(|schema| schema.0),
        reason: input.body.reason,
        change_ticket: input.body.change_ticket,
        approval: input.headers.approval_token,
    };

    apply(&cx, &layers, change).await
}

/// What the tenant kept in that version; `None` when it overrode nothing.
async fn version(cx: &Context<Config>, id: &str, number: u64) -> Result<Option<DocumentVersion>, Error> {
    let key = Key::part::<Document>(&cx.tenant, id, &part(number));
    let found = cx.state.table.read::<DocumentVersion>(&key).await?.map(|stored| stored.value);
    Ok(found.filter(|found| !found.deleted))
}
