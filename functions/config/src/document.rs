//! Documents: how they are named and stored, how a tenant's keys lie over the platform's, and what the schema says.

use cloud::{Entity, Stored, Table};
use garde::Validate;
use operation::{Context, EventType, NoContent};
use policy::PLATFORM_TENANT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;
use validation::{Issue, Json, Part, Schema};

use crate::Config;

/// A document's id: its path with dots and without the tenant, `services.booking.dev.business.pricing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct DocumentId(
    #[garde(pattern(
        "^(global\\.(security|compliance|operational)|services\\.[a-z][a-z0-9-]{0,30}\\.(mock|dev|main)\\.(business|technical|integration))\\.[a-z][a-z0-9-]{0,62}$"
    ))]
    pub String,
);

impl DocumentId {
    /// `security`, `business` and the like: the segment before the name.
    pub fn category(&self) -> &str {
        self.0.rsplit('.').nth(1).unwrap_or_default()
    }

    /// The enver it belongs to; none for global documents, which belong to the enver they are in.
    pub fn environment(&self) -> Option<&str> {
        self.0.strip_prefix("services.")?.split('.').nth(1)
    }
}

/// Where one document is.
#[derive(Debug, Clone, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentPath {
    /// The document.
    #[garde(dive)]
    pub document: DocumentId,
}

/// A document as it takes effect for one tenant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveDocument {
    /// The document.
    pub document: DocumentId,
    /// The platform's version and the tenant's: `3-1`; the tenant's is 0 while it overrides nothing. Where the value
    /// has references, a digest of what they refer to follows: `3-1.0123456789abcdef`.
    pub version: String,
    /// The tenant's keys over the platform's, with references resolved.
    pub value: Json,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// A document changed.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigChanged {
    /// The document.
    #[garde(dive)]
    pub document: DocumentId,
    /// Its version now.
    #[garde(pattern("^[0-9]{1,10}-[0-9]{1,10}$"))]
    pub version: String,
}

/// Emitted when a document changed; `tenantid` says whose.
pub const CONFIG_CHANGED: EventType = EventType::of::<ConfigChanged>("config.changed", "A document changed.");

/// No such document is known to the platform.
pub const DOCUMENT_NOT_FOUND: Refusal =
    Refusal::new(Kind::NotFound, "DOCUMENT_NOT_FOUND", "There is no configuration document of that name.");

/// What one tenant keeps of a document: for the platform all of it and its schema, for others the keys they override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub tenant: String,
    pub id: String,
    pub value: Value,
    /// The schema of the effective value; only on the platform's own.
    pub schema: Option<Value>,
    pub author: String,
    pub reason: String,
    pub change_ticket: Option<String>,
    pub at: Timestamp,
    /// A tombstone: the tenant overrides nothing any more. Its versions go on counting.
    #[serde(default)]
    pub deleted: bool,
    /// Of the platform's own: the digest of the default it was made from or last brought up to.
    #[serde(default)]
    pub default: Option<String>,
}

impl Entity for Document {
    const KIND: &'static str = "document";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }
}

/// An origin, and the tenants whose pages come from it; kept under the platform because a preflight has no tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub origin: String,
    pub tenants: Vec<String>,
}

impl Entity for Origin {
    const KIND: &'static str = "origin";

    fn tenant(&self) -> &str {
        PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        &self.origin
    }
}

/// The document that lists origins.
pub const ORIGINS_DOCUMENT: &str = "global.security.cors";

/// The layers of a document for one tenant.
#[derive(Clone)]
pub struct Layers {
    /// Whose layers these are.
    pub tenant: String,
    pub platform: Stored<Document>,
    pub own: Option<Stored<Document>>,
}

impl Layers {
    /// Reads both layers; 404 when the platform knows no such document.
    pub async fn load(table: &Table, tenant: &str, document: &str) -> Result<Self, Error> {
        Ok(Self::find(table, tenant, document).await?.ok_or(DOCUMENT_NOT_FOUND)?)
    }

    /// Reads both layers, if the platform knows such a document.
    pub async fn find(table: &Table, tenant: &str, document: &str) -> Result<Option<Self>, Error> {
        let Some(platform) = table.get::<Document>(PLATFORM_TENANT, document).await? else { return Ok(None) };
        let own = if tenant == PLATFORM_TENANT { None } else { table.get::<Document>(tenant, document).await? };
        Ok(Some(Self { tenant: tenant.to_owned(), platform, own }))
    }

    /// A document that the platform does not have yet, at version 0.
    pub fn unwritten(document: &str, now: &Timestamp) -> Self {
        let value = Document {
            tenant: PLATFORM_TENANT.to_owned(),
            id: document.to_owned(),
            value: json!({}),
            schema: None,
            author: String::new(),
            reason: String::new(),
            change_ticket: None,
            at: now.clone(),
            deleted: false,
            default: None,
        };
        Self { tenant: PLATFORM_TENANT.to_owned(), platform: Stored { value, version: 0 }, own: None }
    }

    /// What the tenant itself keeps, tombstones included.
    pub fn kept(&self) -> Option<&Stored<Document>> {
        if self.tenant == PLATFORM_TENANT { Some(&self.platform) } else { self.own.as_ref() }
    }

    /// The keys the tenant itself sets.
    pub fn own_value(&self) -> Value {
        let kept = self.kept().filter(|kept| !kept.value.deleted);
        kept.map_or_else(|| json!({}), |kept| kept.value.value.clone())
    }

    /// The tenant's keys over the platform's, with references as they were written.
    pub fn value(&self) -> Value {
        match self.own.as_ref().filter(|own| !own.value.deleted) {
            Some(own) => merged(&self.platform.value.value, &own.value.value),
            None => self.platform.value.value.clone(),
        }
    }

    /// The platform's version and the tenant's.
    pub fn version(&self) -> String {
        format!("{}-{}", self.platform.version, self.own.as_ref().map_or(0, |own| own.version))
    }

    /// When either last changed.
    pub fn changed_at(&self) -> Timestamp {
        let platform = &self.platform.value.at;
        self.own.as_ref().map_or(platform, |own| (&own.value.at).max(platform)).clone()
    }

    /// The same layers after the tenant wrote `document`.
    pub fn with(&self, document: Document) -> Self {
        let written = Stored { version: self.kept().map_or(0, |kept| kept.version) + 1, value: document };
        match self.tenant == PLATFORM_TENANT {
            true => Self { platform: written, ..self.clone() },
            false => Self { own: Some(written), ..self.clone() },
        }
    }
}

/// `over` laid over `under`, key by key; anything but an object replaces what is below it.
pub fn merged(under: &Value, over: &Value) -> Value {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            let mut both = under.clone();
            for (key, value) in over {
                let value = both.get(key).map_or_else(|| value.clone(), |below| merged(below, value));
                both.insert(key.clone(), value);
            }
            Value::Object(both)
        }
        (_, over) => over.clone(),
    }
}

/// What an audit entry says it is about.
pub fn subject(document: &str) -> String {
    format!("{}/{document}", Document::KIND)
}

/// Writes the audit entry of a read, if the document is one of the category `security`. A read that cannot be written
/// down does not happen.
pub async fn audit_read(cx: &Context<Config>, tenant: &str, document: &DocumentId) -> Result<(), Error> {
    if document.category() != "security" {
        return Ok(());
    }
    // A service asks in nobody's name: its entry stands with the platform's and says whose document it is.
    let whose = if tenant == cx.tenant { String::new() } else { format!("{tenant}/") };
    cx.state.table.transaction(cx).subject(whose + &subject(&document.0)).commit(&NoContent).await
}

/// Everything a schema finds wrong with an effective value, pointing into the request's `value`.
pub fn broken(schema: &Value, effective: &Value) -> Vec<Issue> {
    let mut issues = Schema::new(schema.clone()).issues(Part::Body, effective);
    issues.iter_mut().for_each(|issue| issue.pointer.insert_str(0, "/value"));
    issues
}

/// Issues with the body as the pipeline answers them.
pub fn refused(issues: &[Issue]) -> Error {
    let issues: Vec<Value> = issues.iter().map(Issue::to_json).collect();
    Error::new(Kind::Validation).with_details(json!({ "issues": issues }))
}

/// One issue with the body.
pub fn issue(pointer: impl Into<String>, rule: &str, message: impl Into<String>) -> Issue {
    Issue { part: Part::Body, pointer: pointer.into(), rule: rule.to_owned(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_overrides_the_platform_key_by_key() {
        let under = json!({ "a": 1, "b": { "c": 2, "d": [1, 2] } });

        assert_eq!(merged(&under, &json!({})), under);
        assert_eq!(merged(&under, &json!({ "b": { "c": 3 } })), json!({ "a": 1, "b": { "c": 3, "d": [1, 2] } }));
        assert_eq!(merged(&under, &json!({ "b": { "d": [9] } })), json!({ "a": 1, "b": { "c": 2, "d": [9] } }));
        assert_eq!(merged(&under, &json!({ "e": null })), json!({ "a": 1, "b": { "c": 2, "d": [1, 2] }, "e": null }));
    }
}
