//! Replaces what the caller's tenant keeps of a document, if it still is as it was read. For administrators; those of
//! the platform may also give a schema, and with one make a document that is new. Emits `config.changed`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::{Json, Nothing};

use crate::Config;
use crate::change::{
    APPROVAL_INVALID, APPROVAL_REQUIRED, Action, CHANGE_TICKET_REQUIRED, CHANGED_MEANWHILE, Change, ChangedDocument,
    VERSION_CHANGED, apply, sent,
};
use crate::document::{CONFIG_CHANGED, DOCUMENT_NOT_FOUND, DocumentPath, Layers};
use crate::overrides::BREAKS_OVERRIDES;
use crate::schemas::is_object;

/// The new content of a document.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVersion {
    /// The keys the tenant overrides; for the platform, the whole value.
    #[garde(dive)]
    pub value: Json,
    /// The JSON Schema of the effective value, from the platform only; as it is when left out.
    #[garde(custom(is_object))]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub schema: Option<Json>,
    /// Why it changes, for the history.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
    /// The change ticket.
    #[garde(inner(pattern("^CHG-[0-9]{8}$")))]
    #[schemars(regex(pattern = "^CHG-[0-9]{8}$"))]
    pub change_ticket: Option<String>,
}

/// The version that was read, and the approval of the change.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct Precondition {
    /// The `ETag` of the document as it was read; `"0-0"` for a document that is new.
    #[serde(rename = "if-match")]
    #[garde(pattern("^\"[0-9]{1,10}-[0-9]{1,10}(\\.[0-9a-f]{16})?\"$"))]
    pub if_match: String,
    /// What another administrator was given for approving exactly this change.
    #[serde(rename = "approval-token")]
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schemars(length(min = 1, max = 1000))]
    pub approval_token: Option<String>,
}

impl Precondition {
    /// Refuses a document that is no longer as it was read. What its references lead to may have changed since.
    pub fn check(&self, layers: &Layers) -> Result<(), Error> {
        let read = self.if_match.trim_matches('"').split('.').next().unwrap_or_default();
        match layers.version() {
            version if version == read => Ok(()),
            version => Err(VERSION_CHANGED.with(serde_json::json!({ "version": version }))),
        }
    }
}

/// A tenant gave a schema.
pub const SCHEMA_RESERVED: Refusal =
    Refusal::new(Kind::Forbidden, "SCHEMA_RESERVED", "Only the platform's administrators may give a schema.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Replaces what the caller's tenant keeps of a configuration document",
    policy: Policy::ADMIN,
    errors: &[
        APPROVAL_INVALID,
        APPROVAL_REQUIRED,
        BREAKS_OVERRIDES,
        CHANGE_TICKET_REQUIRED,
        DOCUMENT_NOT_FOUND,
        SCHEMA_RESERVED,
        VERSION_CHANGED,
        CHANGED_MEANWHILE,
    ],
    emits: &[CONFIG_CHANGED],
    audit: Some("config.update"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::put("updateDocument", "/config/v1/documents/{document}")
};

type Request = Input<DocumentPath, Nothing, NewVersion, Precondition>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<ChangedDocument>, Error> {
    let layers = found_or_new(&cx, &input.path.document.0, input.body.schema.as_ref()).await?;

    input.headers.check(&layers)?;
    let NewVersion { value, schema, reason, change_ticket } = input.body;
    let change = Change {
        action: Action::Update,
        deleted: false,
        approved: Some(sent(&value, schema.as_ref())),
        value: value.0,
        schema: schema.map(|schema| schema.0),
        reason,
        change_ticket,
        approval: input.headers.approval_token,
    };

    apply(&cx, &layers, change).await
}

/// The document as it is, or one that the platform gives a schema for the first time.
pub async fn found_or_new(cx: &Context<Config>, id: &str, schema: Option<&Json>) -> Result<Layers, Error> {
    let of_the_platform = cx.tenant == PLATFORM_TENANT;
    if schema.is_some() && !of_the_platform {
        return Err(SCHEMA_RESERVED.into());
    }
    match Layers::find(&cx.state.table, &cx.tenant, id).await? {
        Some(layers) => Ok(layers),
        None if schema.is_some() => Ok(Layers::unwritten(id, &cx.now)),
        None => Err(DOCUMENT_NOT_FOUND.into()),
    }
}
