//! The platform's defaults: one YAML file per document, with its schema, loaded at first start and brought up to date
//! when a newer platform comes with others.

use cloud::{Platform, Stored};
use operation::{Call, Environment, NoContent};
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use serde_json::Value;
use service_errors::{Error, Kind, Refusal};
use sha2::{Digest, Sha256};
use validation::Json;
use validation::types::Timestamp;

use crate::change::Action;
use crate::document::{CONFIG_CHANGED, ConfigChanged, Document, DocumentId, broken, merged, refused};
use crate::list_document_versions::{DocumentVersion, part};

/// Ids and files, in alphabetical order. `{environment}` becomes the enver's name.
const DEFAULTS: &[(&str, &str)] = &[
    ("global.operational.configuration", include_str!("../defaults/global.operational.configuration.yaml")),
    ("global.operational.deployment", include_str!("../defaults/global.operational.deployment.yaml")),
    ("global.operational.idempotency", include_str!("../defaults/global.operational.idempotency.yaml")),
    ("global.operational.rate-limits", include_str!("../defaults/global.operational.rate-limits.yaml")),
    ("global.operational.switches", include_str!("../defaults/global.operational.switches.yaml")),
    ("global.operational.upstreams", include_str!("../defaults/global.operational.upstreams.yaml")),
    ("global.security.authentication", include_str!("../defaults/global.security.authentication.yaml")),
    ("global.security.cors", include_str!("../defaults/global.security.cors.yaml")),
    (
        "services.auth.{environment}.technical.browser-login",
        include_str!("../defaults/services.auth.technical.browser-login.yaml"),
    ),
    (
        "services.auth.{environment}.technical.invitations",
        include_str!("../defaults/services.auth.technical.invitations.yaml"),
    ),
    (
        "services.auth.{environment}.technical.lock-out",
        include_str!("../defaults/services.auth.technical.lock-out.yaml"),
    ),
    (
        "services.auth.{environment}.technical.multi-factor",
        include_str!("../defaults/services.auth.technical.multi-factor.yaml"),
    ),
    ("services.auth.{environment}.technical.oauth", include_str!("../defaults/services.auth.technical.oauth.yaml")),
    (
        "services.auth.{environment}.technical.password-resets",
        include_str!("../defaults/services.auth.technical.password-resets.yaml"),
    ),
    (
        "services.auth.{environment}.technical.password-rules",
        include_str!("../defaults/services.auth.technical.password-rules.yaml"),
    ),
    (
        "services.auth.{environment}.technical.passwords",
        include_str!("../defaults/services.auth.technical.passwords.yaml"),
    ),
    ("services.auth.{environment}.technical.roles", include_str!("../defaults/services.auth.technical.roles.yaml")),
    (
        "services.auth.{environment}.technical.sessions",
        include_str!("../defaults/services.auth.technical.sessions.yaml"),
    ),
    (
        "services.auth.{environment}.technical.signing-keys",
        include_str!("../defaults/services.auth.technical.signing-keys.yaml"),
    ),
    (
        "services.booking.{environment}.business.cancellation",
        include_str!("../defaults/services.booking.business.cancellation.yaml"),
    ),
    (
        "services.booking.{environment}.business.contracts",
        include_str!("../defaults/services.booking.business.contracts.yaml"),
    ),
    (
        "services.booking.{environment}.business.credit",
        include_str!("../defaults/services.booking.business.credit.yaml"),
    ),
    ("services.booking.{environment}.business.fleet", include_str!("../defaults/services.booking.business.fleet.yaml")),
    (
        "services.booking.{environment}.business.matching",
        include_str!("../defaults/services.booking.business.matching.yaml"),
    ),
    (
        "services.booking.{environment}.business.pricing",
        include_str!("../defaults/services.booking.business.pricing.yaml"),
    ),
    (
        "services.booking.{environment}.business.rescheduling",
        include_str!("../defaults/services.booking.business.rescheduling.yaml"),
    ),
    ("services.booking.{environment}.business.rules", include_str!("../defaults/services.booking.business.rules.yaml")),
    ("services.booking.{environment}.business.trips", include_str!("../defaults/services.booking.business.trips.yaml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Default {
    schema: Value,
    value: Value,
}

/// Loads the defaults that are not there yet, and brings those up to date that this platform comes with changed: a
/// value nobody has changed is replaced, a changed one gets the keys that are new. Others stay as they are.
pub async fn seed(platform: &Platform) -> Result<(), Error> {
    let table = platform.table(crate::NAME);
    let now = Timestamp::from_unix_millis((platform.clock)());
    for (id, yaml) in DEFAULTS {
        let id = id.replace("{environment}", platform.environment.name());
        let read = table.get::<Document>(PLATFORM_TENANT, &id).await?;
        if read.as_ref().is_some_and(|read| read.value.default.as_ref() == Some(&digest(yaml))) {
            continue;
        }
        let document = document(&id, yaml, &now, read.as_ref())?;
        let number = read.as_ref().map_or(0, |read| read.version) + 1;
        let version = DocumentVersion {
            number,
            action: Action::Update,
            deleted: false,
            value: Json(document.value.clone()),
            schema: document.schema.clone().map(Json),
            author: document.author.clone(),
            approved_by: None,
            reason: document.reason.clone(),
            change_ticket: None,
            at: now.clone(),
        };
        let call = Call::of_platform(crate::NAME, "seed", platform.environment, now.clone());
        let mut change = table.transaction(&call).upsert(read.as_ref(), &document).or(SEEDED);
        if read.is_some() {
            let changed = ConfigChanged { document: DocumentId(id.clone()), version: format!("{number}-0") };
            change = change.event(&CONFIG_CHANGED, &id, &changed);
        }
        match change.add_part(&document, &part(number), &version).commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => other?,
        }
    }
    Ok(())
}

/// The schema that this platform comes with for a document; `None` for documents it does not come with.
pub fn schema(id: &str, environment: Environment) -> Result<Option<Value>, Error> {
    Ok(shipped(id, environment)?.map(|default| default.schema))
}

/// The value that this platform comes with for a document; `None` for documents it does not come with.
pub fn value(id: &str, environment: Environment) -> Result<Option<Value>, Error> {
    Ok(shipped(id, environment)?.map(|default| default.value))
}

fn shipped(id: &str, environment: Environment) -> Result<Option<Default>, Error> {
    let shipped = DEFAULTS.iter().find(|(name, _)| name.replace("{environment}", environment.name()) == id);
    shipped.map(|(_, yaml)| parsed(id, yaml)).transpose()
}

/// Somebody else seeds at the same time.
const SEEDED: Refusal = Refusal::of(Kind::Conflict, "This default is there already.");

/// The default as it is to be written over what is there.
fn document(id: &str, yaml: &str, now: &Timestamp, read: Option<&Stored<Document>>) -> Result<Document, Error> {
    let default = parsed(id, yaml)?;
    let changed_by_people = read.filter(|read| read.value.author != PLATFORM_TENANT);
    let value = match changed_by_people {
        Some(read) => merged(&default.value, &read.value.value),
        None => default.value,
    };
    let issues = broken(&default.schema, &value);
    if !issues.is_empty() {
        let what = refused(&issues).envelope();
        return Err(Error::internal(format!("default {id}: the value breaks the schema it comes with: {what}")));
    }
    Ok(Document {
        tenant: PLATFORM_TENANT.to_owned(),
        id: id.to_owned(),
        value,
        schema: Some(default.schema),
        author: changed_by_people.map_or(PLATFORM_TENANT, |read| &read.value.author).to_owned(),
        reason: "Default of the platform".to_owned(),
        change_ticket: None,
        at: now.clone(),
        deleted: false,
        default: Some(digest(yaml)),
    })
}

fn parsed(id: &str, yaml: &str) -> Result<Default, Error> {
    serde_saphyr::from_str(yaml).map_err(|error| Error::internal(format!("default {id}: {error}")))
}

fn digest(yaml: &str) -> String {
    Sha256::digest(yaml.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "global.operational.idempotency";

    #[test]
    fn every_default_satisfies_its_own_schema() {
        for (id, yaml) in DEFAULTS {
            let made = document(id, yaml, &Timestamp::from_unix_millis(0), None);
            made.unwrap_or_else(|error| panic!("{}", error.chain()));
        }
    }

    #[test]
    fn a_newer_default_replaces_an_untouched_value_and_completes_one_that_people_changed() {
        let now = Timestamp::from_unix_millis(0);
        let old = "schema: { type: object }\nvalue: { a: 1 }";
        let new = "schema: { type: object, required: [b] }\nvalue: { a: 2, b: { c: 3 } }";
        let mut stored = Stored { value: document(ID, old, &now, None).unwrap(), version: 1 };

        assert_eq!(document(ID, new, &now, Some(&stored)).unwrap().value, json!({ "a": 2, "b": { "c": 3 } }));
        stored.value.author = "an administrator".into();
        let completed = document(ID, new, &now, Some(&stored)).unwrap();
        assert_eq!(completed.value, json!({ "a": 1, "b": { "c": 3 } }));
        assert_eq!((completed.author.as_str(), completed.default), ("an administrator", Some(digest(new))));
    }

    #[test]
    fn a_value_that_a_newer_schema_refuses_is_named_and_not_written() {
        let now = Timestamp::from_unix_millis(0);
        let old = "schema: { type: object }\nvalue: { a: 1 }";
        let new = "schema: { properties: { b: {} }, additionalProperties: false }\nvalue: {}";
        let mut stored = Stored { value: document(ID, old, &now, None).unwrap(), version: 1 };
        stored.value.author = "an administrator".into();

        assert!(document(ID, new, &now, Some(&stored)).unwrap_err().chain().contains("/value/a"));
    }
}
