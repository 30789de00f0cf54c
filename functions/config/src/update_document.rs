//! Replaces what the caller's tenant keeps of a document, if it still is as it was read. For administrators. Emits
//! `config.changed`.

use cloud::Stored;
use garde::Validate;
use http::header;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::{PLATFORM_TENANT, Policy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_errors::{Error, Kind, Refusal};
use validation::Json;

use crate::Config;
use crate::document::{
    CONFIG_CHANGED, ConfigChanged, DOCUMENT_NOT_FOUND, Document, DocumentId, DocumentPath, EffectiveDocument, Layers,
    ORIGINS_DOCUMENT, Origin, check, merged,
};
use crate::list_document_versions::{DocumentVersion, part};

/// The new content of a document.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVersion {
    /// The keys the tenant overrides; for the platform, the whole value.
    #[garde(dive)]
    pub value: Json,
    /// Why it changes, for the history.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
    /// The change ticket.
    #[garde(inner(pattern("^CHG-[0-9]{8}$")))]
    #[schemars(regex(pattern = "^CHG-[0-9]{8}$"))]
    pub change_ticket: Option<String>,
}

/// The version that was read.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct Precondition {
    /// The `ETag` of the document as it was read.
    #[serde(rename = "if-match")]
    #[garde(pattern("^\"[0-9]{1,10}-[0-9]{1,10}\"$"))]
    pub if_match: String,
}

/// Somebody wrote another version since.
pub const VERSION_CHANGED: Refusal = Refusal::new(
    Kind::Conflict,
    "VERSION_CHANGED",
    "The document has changed since it was read: read it again and repeat the change.",
);

pub const DECLARATION: Declaration = Declaration {
    summary: "Replaces what the caller's tenant keeps of a configuration document",
    policy: Policy::ADMIN,
    errors: &[DOCUMENT_NOT_FOUND, VERSION_CHANGED, Refusal::of(Kind::Conflict, "The document changed meanwhile.")],
    emits: &[CONFIG_CHANGED],
    audit: Some("config.update"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    idempotent: true,
    ..Declaration::put("updateDocument", "/config/v1/documents/{document}")
};

type Request = Input<DocumentPath, validation::Nothing, NewVersion, Precondition>;

pub async fn handle(cx: Context<Config>, input: Request) -> Result<Data<EffectiveDocument>, Error> {
    let id = input.path.document.0;
    let mut layers = Layers::load(&cx.state.table, &cx.tenant, &id).await?;
    let platform_changes = cx.tenant == PLATFORM_TENANT;
    let current = if platform_changes { Some(layers.platform.clone()) } else { layers.own.clone() };

    if input.headers.if_match != format!("\"{}\"", layers.version()) {
        return Err(VERSION_CHANGED.with(serde_json::json!({ "version": layers.version() })));
    }
    let below = &layers.platform.value;
    let effective =
        if platform_changes { input.body.value.0.clone() } else { merged(&below.value, &input.body.value.0) };
    check(below, &effective)?;
    let document = Document {
        tenant: cx.tenant.clone(),
        id: id.clone(),
        value: input.body.value.0,
        schema: if platform_changes { below.schema.clone() } else { None },
        author: cx.principal.id().to_owned(),
        reason: input.body.reason,
        change_ticket: input.body.change_ticket,
        at: cx.now.clone(),
    };
    let number = current.as_ref().map_or(0, |current| current.version) + 1;
    let origins =
        moved_origins(&cx, &id, current.as_ref().map(|current| &current.value.value), &document.value).await?;

    let written = Stored { value: document, version: number };
    let document = &written.value;
    let version = DocumentVersion {
        number,
        value: Json(document.value.clone()),
        author: document.author.clone(),
        reason: document.reason.clone(),
        change_ticket: document.change_ticket.clone(),
        at: document.at.clone(),
    };
    match platform_changes {
        true => layers.platform = written.clone(),
        false => layers.own = Some(written.clone()),
    }
    let answer = Data::new(layers.effective()).with_header(header::ETAG, &format!("\"{}\"", layers.version()));
    let mut change = cx.state.table.transaction(&cx);
    change = change.upsert(current.as_ref(), document).add_part(document, &part(number), &version);
    for (read, origin) in &origins {
        change = change.upsert(read.as_ref(), origin);
    }
    change = change.event(
        &CONFIG_CHANGED,
        &id,
        &ConfigChanged { document: DocumentId(id.clone()), version: layers.version() },
    );
    change.commit(&answer).await?;
    cx.state.config.invalidate(&cx.tenant);

    Ok(answer)
}

/// The origins that a change of the origins document adds to or takes from the tenant, as they are to be written.
async fn moved_origins(
    cx: &Context<Config>,
    id: &str,
    before: Option<&Value>,
    after: &Value,
) -> Result<Vec<(Option<Stored<Origin>>, Origin)>, Error> {
    if id != ORIGINS_DOCUMENT {
        return Ok(Vec::new());
    }
    let listed = |value: Option<&Value>| -> Vec<String> {
        let origins = value.and_then(|value| value.get("origins")).cloned();
        origins.and_then(|origins| serde_json::from_value(origins).ok()).unwrap_or_default()
    };
    let (before, after) = (listed(before), listed(Some(after)));
    let mut moved = Vec::new();
    for name in
        before.iter().filter(|name| !after.contains(name)).chain(after.iter().filter(|name| !before.contains(name)))
    {
        let read = cx.state.table.get::<Origin>(PLATFORM_TENANT, name).await?;
        let mut tenants = read.as_ref().map_or_else(Vec::new, |read| read.value.tenants.clone());
        tenants.retain(|tenant| *tenant != cx.tenant);
        if after.contains(name) {
            tenants.push(cx.tenant.clone());
        }
        moved.push((read, Origin { origin: name.clone(), tenants }));
    }
    Ok(moved)
}
