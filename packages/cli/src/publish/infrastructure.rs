//! What the manifest says to infrastructure code beside the contracts: where an enver stands, what it shares and reads,
//! how tables look, and the configuration of deployments.

use contracts::{Stage, Wants, WiredEnver, Wiring, artifact_bucket_parameter, share_name, subscriptions_parameter};
use operation::Environment;
use serde_json::{Map, Value, json};

use super::PublishError;
use crate::deployments::Deployments;

/// The configuration document of deployments, and that of the rate limits.
const DOCUMENTS: [(&str, &str); 2] =
    [("deployment", "global.operational.deployment"), ("rateLimits", "global.operational.rate-limits")];

/// What is true of a whole enver.
pub fn of_enver(environment: Environment) -> Result<Map<String, Value>, PublishError> {
    let indexes = cloud::INDEXES
        .map(|(name, partition, sort)| json!({ "name": name, "partitionKey": partition, "sortKey": sort }));
    let [partition, sort] = cloud::KEY;
    let mut facts = Map::from_iter([
        ("platformTable".to_owned(), environment.resource_name(cloud::PLATFORM_TABLE).into()),
        (
            "tables".to_owned(),
            json!({
                "partitionKey": partition, "sortKey": sort, "timeToLive": cloud::EXPIRES_AT, "indexes": indexes,
            }),
        ),
    ]);
    for (key, document) in DOCUMENTS {
        let value =
            config::shipped_value(document, environment).map_err(|error| PublishError::Default(error.chain()))?;
        facts.insert(key.to_owned(), value.unwrap_or_default());
    }
    Ok(facts)
}

/// Where a service stands in an enver, what it shares and reads, and the build it runs; null what is not declared.
pub fn of_service(service: &str, stage: Stage, wiring: &Wiring, deployments: &Deployments) -> Map<String, Value> {
    let wired = wiring.at(service, stage).map(|enver| wired(enver, stage, wiring));
    let code = deployments.of(stage, service).and_then(|build| serde_json::to_value(build).ok());
    Map::from_iter([
        ("enver".to_owned(), wired.unwrap_or_default()),
        ("table".to_owned(), table_of(service, stage).into()),
        ("pipelineTouches".to_owned(), pipeline_touches(service).into()),
        ("code".to_owned(), code.unwrap_or_default()),
    ])
}

/// What the pipeline touches for every operation and consumer of a service: counters, used signatures, the secret and the
/// last known good documents. Two services hold themselves what it asks others for: keys and documents.
fn pipeline_touches(service: &str) -> Vec<Value> {
    let touch = |name: &str, access: &str| json!({ "resource": "table", "name": name, "access": access });
    let mut touches = vec![touch(cloud::PLATFORM_TABLE, "read"), touch(cloud::PLATFORM_TABLE, "write")];
    if [auth::NAME, config::NAME].contains(&service) {
        touches.push(touch(service, "read"));
    }
    touches
}

fn table_of(service: &str, stage: Stage) -> String {
    Environment::named(stage.name()).map(|environment| environment.resource_name(service)).unwrap_or_default()
}

fn wired(enver: &WiredEnver, stage: Stage, wiring: &Wiring) -> Value {
    let id = &enver.id;
    let shares = wiring.build(&id.build).into_iter().flat_map(|build| build.promised()).map(|(producer, wants)| {
        json!({
            "producer": producer,
            "parameter": share_name(&id.build, &id.revision, &producer),
            "document": matches!(wants, Wants::Document(_)),
        })
    });
    let reads = wiring.upstreams(id).map(|edge| {
        json!({
            "name": edge.name,
            "parameter": edge.share_name,
            "from": edge.service.and_then(|service| wiring.at(service, stage)).map(|from| &from.stack),
            "required": edge.default_if_absent.is_none(),
            "document": edge.document.is_some(),
        })
    });
    json!({
        "build": id.build,
        "revision": id.revision.to_string(),
        "account": enver.account,
        "accountId": enver.account_id,
        "region": enver.region,
        "lifetime": enver.lifetime,
        "stack": enver.stack,
        "artifactBucketParameter": artifact_bucket_parameter(&id.build),
        "subscriptionsParameter": subscriptions_parameter(&id.build, &id.revision),
        "shares": shares.collect::<Vec<_>>(),
        "reads": reads.collect::<Vec<_>>(),
    })
}
