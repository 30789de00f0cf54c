//! How a document is changed, whoever asks: update, rollback and delete are one transaction of the same parts.

use cloud::Stored;
use garde::Validate;
use http::header;
use operation::{Context, Data};
use policy::PLATFORM_TENANT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_errors::{Error, Kind, Refusal};
use sha2::{Digest, Sha256};
use validation::types::Timestamp;
use validation::{Issue, Json};

use crate::defaults;
use crate::document::{
    CONFIG_CHANGED, ConfigChanged, Document, DocumentId, Layers, ORIGINS_DOCUMENT, Origin, broken, issue, refused,
};
use crate::list_document_versions::{DocumentVersion, part};
use crate::references::{refers, resolve};
use crate::rules::{RULES, Rules};
use crate::{Config, overrides, schemas, sealed};

/// What is done to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The tenant's keys are replaced.
    #[default]
    Update,
    /// The version before the last one is brought back.
    Rollback,
    /// The tenant overrides nothing any more.
    Delete,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Rollback => "rollback",
            Self::Delete => "delete",
        }
    }
}

/// A document after a change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedDocument {
    /// The document.
    pub document: DocumentId,
    /// The platform's version and the tenant's, as in `ETag`.
    pub version: String,
    /// What takes effect now.
    pub value: Json,
    /// When.
    pub changed_at: Timestamp,
    /// Undoes this change as long as no other follows; opaque. Absent when there was nothing before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_token: Option<String>,
}

/// Somebody wrote another version since.
pub const VERSION_CHANGED: Refusal = Refusal::new(
    Kind::Conflict,
    "VERSION_CHANGED",
    "The document has changed since it was read: read it again and repeat the change.",
);
/// Two changes at the same moment.
pub const CHANGED_MEANWHILE: Refusal = Refusal::of(Kind::Conflict, "The document changed meanwhile.");
/// The platform's rules ask for a ticket.
pub const CHANGE_TICKET_REQUIRED: Refusal =
    Refusal::rule("CHANGE_TICKET_REQUIRED", "Changes of this document need a change ticket.");
/// The platform's rules ask for a second administrator.
pub const APPROVAL_REQUIRED: Refusal =
    Refusal::rule("APPROVAL_REQUIRED", "Changes of this document need the approval of another administrator.");
/// An approval of something else, of the same person, or of another time.
pub const APPROVAL_INVALID: Refusal = Refusal::rule(
    "APPROVAL_INVALID",
    "The approval is not one of another administrator for exactly this change of this version, or it has expired.",
);

/// A change as it was asked for.
pub struct Change {
    pub action: Action,
    /// Nothing is overridden from now on.
    pub deleted: bool,
    /// The tenant's keys from now on.
    pub value: Value,
    /// A new schema; only the platform's administrators may give one.
    pub schema: Option<Value>,
    pub reason: String,
    pub change_ticket: Option<String>,
    pub approval: Option<String>,
    /// What the approval must have named: the value and schema as they were sent.
    pub approved: Option<Value>,
}

/// Checks a change and writes it: the document, its version, `config.changed`, the audit entry and the claim.
pub async fn apply(cx: &Context<Config>, layers: &Layers, change: Change) -> Result<Data<ChangedDocument>, Error> {
    let rules = Rules::current(&cx.state.table).await?;
    let id = DocumentId(layers.platform.value.id.clone());
    let approver = approver(cx, &rules, &id, layers, &change).await?;
    let current = layers.kept().filter(|kept| kept.version > 0);
    let schema_given = change.schema.is_some();

    let next = layers.with(Document {
        tenant: cx.tenant.clone(),
        id: id.0.clone(),
        value: change.value,
        schema: change.schema.or_else(|| layers.kept().and_then(|kept| kept.value.schema.clone())),
        author: cx.principal.id().to_owned(),
        reason: change.reason,
        change_ticket: change.change_ticket,
        at: cx.now.clone(),
        deleted: change.deleted,
        default: layers.kept().and_then(|kept| kept.value.default.clone()),
    });
    let (value, version, issues) = findings(cx, &next, &rules, schema_given).await?;
    if !issues.is_empty() {
        return Err(refused(&issues));
    }
    let written = next.kept().ok_or_else(|| Error::internal("a change that wrote nothing"))?;
    let document = &written.value;
    let changes = overrides::changes(cx, &id.0).await?;
    if cx.tenant == PLATFORM_TENANT && current.is_some() {
        overrides::check(cx, written, &rules).await?;
    }
    let overriding = overrides::first(cx, &id.0).await?;
    let origins = moved_origins(cx, &id.0, layers.own_value(), next.own_value()).await?;
    let entry = DocumentVersion {
        number: written.version,
        action: change.action,
        deleted: document.deleted,
        value: Json(document.value.clone()),
        schema: document.schema.clone().map(Json),
        author: document.author.clone(),
        approved_by: approver,
        reason: document.reason.clone(),
        change_ticket: document.change_ticket.clone(),
        at: document.at.clone(),
    };
    let undoable = cx.tenant != PLATFORM_TENANT || current.is_some();
    let rollback_token = if undoable { Some(rollback_token(cx, &id, written.version).await?) } else { None };

    let answer = Data::new(ChangedDocument {
        document: id.clone(),
        version: version.clone(),
        value: Json(value),
        changed_at: next.changed_at(),
        rollback_token,
    })
    .with_header(header::ETAG, &format!("\"{version}\""));
    let mut write = cx.state.table.transaction(cx);
    write = write.upsert(current, document).add_part(document, &part(written.version), &entry);
    if let Some(overriding) = &overriding {
        write = write.upsert(None, overriding);
    }
    for (read, origin) in &origins {
        write = write.upsert(read.as_ref(), origin);
    }
    overrides::guarded(write, layers, changes)
        .event(&CONFIG_CHANGED, &id.0, &ConfigChanged { document: id.clone(), version: next.version() })
        .commit(&answer)
        .await?;
    cx.state.config.invalidate(&cx.tenant);

    Ok(answer)
}

/// The value a document would take, its version, and everything that speaks against it.
pub async fn findings(
    cx: &Context<Config>,
    next: &Layers,
    rules: &Rules,
    schema_given: bool,
) -> Result<(Value, String, Vec<Issue>), Error> {
    let resolved = resolve(&cx.state.table, next, &rules.references).await?;
    let mut issues = resolved.faults;
    if next.platform.value.id == RULES && refers(&next.value()) {
        issues.push(issue("/value", "reference", "must hold no references: it says how they are resolved"));
    }
    let Some(schema) = &next.platform.value.schema else {
        issues.push(issue("/schema", "required", "is required for a document that is new"));
        return Ok((resolved.value, resolved.version, issues));
    };
    if schema_given {
        issues.extend(schemas::faults(schema));
    }
    if issues.is_empty() {
        issues = broken(schema, &resolved.value);
        // The services that run were built with the schema that came with them; a wider one would break them.
        let shipped = defaults::schema(&next.platform.value.id, cx.environment)?.filter(|shipped| shipped != schema);
        if let Some(shipped) = shipped.filter(|_| issues.is_empty()) {
            issues = broken(&shipped, &resolved.value);
            issues.iter_mut().for_each(|issue| issue.message.push_str(" to the services that read it"));
        }
    }
    Ok((resolved.value, resolved.version, issues))
}

/// What an approval is good for, besides its tenant, document and version.
pub fn fingerprint(action: Action, sent: Option<&Value>, ticket: &str) -> String {
    let text = json!({ "action": action.name(), "sent": sent, "ticket": ticket }).to_string();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an approval is about, as it was sent.
pub fn sent(value: &Json, schema: Option<&Json>) -> Value {
    json!({ "value": value, "schema": schema })
}

pub const APPROVAL: &str = "approval";
const ROLLBACK: &str = "rollback";

/// Who approved the change; `None` when nobody needs to. Fails when somebody needs to and did not.
async fn approver(
    cx: &Context<Config>,
    rules: &Rules,
    id: &DocumentId,
    layers: &Layers,
    change: &Change,
) -> Result<Option<String>, Error> {
    if !rules.change_control.covers(id, cx.environment) {
        return Ok(None);
    }
    let ticket = change.change_ticket.as_deref().ok_or(CHANGE_TICKET_REQUIRED)?;
    let token = change.approval.as_deref().ok_or(APPROVAL_REQUIRED)?;
    let (version, fingerprint) = (layers.version(), fingerprint(change.action, change.approved.as_ref(), ticket));
    let bound = [cx.tenant.as_str(), &id.0, &version, &fingerprint];
    let carried = sealed::open(&cx.state.secrets.service().await?, APPROVAL, &bound, token)?;
    let carried = carried.ok_or(APPROVAL_INVALID)?;
    let (until, approver) = carried.split_once('\n').ok_or(APPROVAL_INVALID)?;
    let in_time = until.parse::<i64>().is_ok_and(|until| until > cx.now.unix_seconds());
    if !in_time || approver == cx.principal.id() {
        return Err(APPROVAL_INVALID.into());
    }
    Ok(Some(approver.to_owned()))
}

/// The token that undoes version `number`.
async fn rollback_token(cx: &Context<Config>, id: &DocumentId, number: u64) -> Result<String, Error> {
    let secret = cx.state.secrets.service().await?;
    sealed::seal(&secret, ROLLBACK, &[&cx.tenant, &id.0], &number.to_string())
}

/// The version a rollback token undoes; `None` when it is no token of this tenant and document.
pub async fn undone_by(cx: &Context<Config>, id: &DocumentId, token: &str) -> Result<Option<u64>, Error> {
    let secret = cx.state.secrets.service().await?;
    let carried = sealed::open(&secret, ROLLBACK, &[&cx.tenant, &id.0], token)?;
    Ok(carried.and_then(|number| number.parse().ok()))
}

/// The origins that a change of the origins document adds to or takes from the tenant, as they are to be written.
async fn moved_origins(
    cx: &Context<Config>,
    id: &str,
    before: Value,
    after: Value,
) -> Result<Vec<(Option<Stored<Origin>>, Origin)>, Error> {
    if id != ORIGINS_DOCUMENT {
        return Ok(Vec::new());
    }
    let listed =
        |mut value: Value| -> Vec<String> { serde_json::from_value(value["origins"].take()).unwrap_or_default() };
    let (before, after) = (listed(before), listed(after));
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
