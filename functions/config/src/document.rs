//! Documents: how they are named and stored, how a tenant's keys lie over the platform's, and what the schema says.

use cloud::{Entity, Stored, Table};
use garde::Validate;
use operation::EventType;
use policy::PLATFORM_TENANT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;
use validation::{Json, Part, Schema};

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
    /// The platform's version and the tenant's: `3-1`; the tenant's is 0 while it overrides nothing.
    pub version: String,
    /// The tenant's keys over the platform's.
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
}

impl Entity for Document {
    const KIND: &'static str = "document";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.at.to_string()
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

    fn order(&self) -> String {
        self.origin.clone()
    }
}

/// The document that lists origins.
pub const ORIGINS_DOCUMENT: &str = "global.security.cors";

/// The layers of a document for one tenant.
pub struct Layers {
    pub platform: Stored<Document>,
    pub own: Option<Stored<Document>>,
}

impl Layers {
    /// Reads both layers; 404 when the platform knows no such document.
    pub async fn load(table: &Table, tenant: &str, document: &str) -> Result<Self, Error> {
        let platform = table.get::<Document>(PLATFORM_TENANT, document).await?.ok_or(DOCUMENT_NOT_FOUND)?;
        let own = if tenant == PLATFORM_TENANT { None } else { table.get::<Document>(tenant, document).await? };
        Ok(Self { platform, own })
    }

    /// What takes effect.
    pub fn effective(&self) -> EffectiveDocument {
        let own = self.own.as_ref();
        EffectiveDocument {
            document: DocumentId(self.platform.value.id.clone()),
            version: self.version(),
            value: Json(own.map_or_else(
                || self.platform.value.value.clone(),
                |own| merged(&self.platform.value.value, &own.value.value),
            )),
            changed_at: own.map_or(&self.platform.value.at, |own| (&own.value.at).max(&self.platform.value.at)).clone(),
        }
    }

    /// The platform's version and the tenant's.
    pub fn version(&self) -> String {
        format!("{}-{}", self.platform.version, self.own.as_ref().map_or(0, |own| own.version))
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

/// Everything the document's schema finds wrong with an effective value, pointing into the request's `value`.
pub fn check(platform: &Document, effective: &Value) -> Result<(), Error> {
    let Some(schema) = &platform.schema else { return Ok(()) };
    let issues = Schema::new(schema.clone()).issues(Part::Body, effective);
    if issues.is_empty() {
        return Ok(());
    }
    let issues: Vec<Value> = issues
        .into_iter()
        .map(|mut issue| {
            issue.pointer = format!("/value{}", issue.pointer);
            issue.to_json()
        })
        .collect();
    Err(Error::new(Kind::Validation).with_details(json!({ "issues": issues })))
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
