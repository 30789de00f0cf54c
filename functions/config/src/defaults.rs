//! The platform's defaults: one YAML file per document, with its schema, loaded at first start.

use cloud::Platform;
use operation::{Call, NoContent};
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use serde_json::Value;
use service_errors::{Error, Kind, Refusal};
use validation::Json;
use validation::types::Timestamp;

use crate::document::{Document, check};
use crate::list_document_versions::{DocumentVersion, part};

/// Ids and files, in alphabetical order. `{environment}` becomes the enver's name.
const DEFAULTS: &[(&str, &str)] = &[
    ("global.operational.configuration", include_str!("../defaults/global.operational.configuration.yaml")),
    ("global.operational.idempotency", include_str!("../defaults/global.operational.idempotency.yaml")),
    ("global.operational.rate-limits", include_str!("../defaults/global.operational.rate-limits.yaml")),
    ("global.operational.switches", include_str!("../defaults/global.operational.switches.yaml")),
    ("global.security.authentication", include_str!("../defaults/global.security.authentication.yaml")),
    ("global.security.cors", include_str!("../defaults/global.security.cors.yaml")),
    (
        "services.auth.{environment}.technical.browser-login",
        include_str!("../defaults/services.auth.technical.browser-login.yaml"),
    ),
    ("services.auth.{environment}.technical.oauth", include_str!("../defaults/services.auth.technical.oauth.yaml")),
    (
        "services.auth.{environment}.technical.passwords",
        include_str!("../defaults/services.auth.technical.passwords.yaml"),
    ),
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
        "services.booking.{environment}.business.pricing",
        include_str!("../defaults/services.booking.business.pricing.yaml"),
    ),
    ("services.booking.{environment}.business.rules", include_str!("../defaults/services.booking.business.rules.yaml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Default {
    schema: Value,
    value: Value,
}

/// Loads the defaults that are not there yet. What is there stays: it may have been changed since.
pub async fn seed(platform: &Platform) -> Result<(), Error> {
    let table = platform.table(crate::NAME);
    let now = Timestamp::from_unix_millis((platform.clock)());
    for (id, yaml) in DEFAULTS {
        let id = id.replace("{environment}", platform.environment.name());
        if table.get::<Document>(PLATFORM_TENANT, &id).await?.is_some() {
            continue;
        }
        let document = document(&id, yaml, &now)?;
        let version = DocumentVersion {
            number: 1,
            value: Json(document.value.clone()),
            author: document.author.clone(),
            reason: document.reason.clone(),
            change_ticket: None,
            at: now.clone(),
        };
        let call = Call::of_platform(crate::NAME, "seed", platform.environment, now.clone());
        let change = table.transaction(&call).create(&document, SEEDED).add_part(&document, &part(1), &version);
        match change.commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => other?,
        }
    }
    Ok(())
}

/// Somebody else seeds at the same time.
const SEEDED: Refusal = Refusal::of(Kind::Conflict, "This default is there already.");

fn document(id: &str, yaml: &str, now: &Timestamp) -> Result<Document, Error> {
    let broken = |why: String| Error::internal(format!("default {id}: {why}"));
    let default: Default = serde_saphyr::from_str(yaml).map_err(|error| broken(error.to_string()))?;
    let document = Document {
        tenant: PLATFORM_TENANT.to_owned(),
        id: id.to_owned(),
        value: default.value,
        schema: Some(default.schema),
        author: PLATFORM_TENANT.to_owned(),
        reason: "Default of the platform".to_owned(),
        change_ticket: None,
        at: now.clone(),
    };
    check(&document, &document.value).map_err(|error| broken(error.envelope().to_string()))?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_satisfies_its_own_schema() {
        for (id, yaml) in DEFAULTS {
            document(id, yaml, &Timestamp::from_unix_millis(0)).unwrap_or_else(|error| panic!("{}", error.chain()));
        }
    }
}
