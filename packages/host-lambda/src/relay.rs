//! The relay as a function: whatever woke it (a change of the table, the clock), it empties the outbox.

use std::collections::BTreeMap;

use cloud::{Platform, Relay, Route};
use contracts::{Stage, subscriptions_parameter};
use serde_json::{Value, json};

use crate::Fault;

/// Moves what stands in the outbox of a service to the queues that the deployment names.
pub(crate) async fn run(platform: &Platform, service: &'static str) -> Result<Value, Fault> {
    let subscriptions = subscriptions(platform, service).await?;
    let routes = subscriptions.into_iter().flat_map(|(event, queues)| {
        queues.into_iter().map(move |queue| Route { event: event.clone(), queue: platform.cloud.queue(&queue) })
    });
    let relay = Relay::new(platform.table(service), routes.collect());
    let moved = relay.run(|| std::future::ready(())).await;
    let moved = moved.map_err(|error| Fault::Failed(format!("the outbox could not be emptied: {}", error.chain())))?;
    Ok(json!({ "moved": moved }))
}

/// Which event goes to which queues, by their logical names. Without it nothing is moved: an event that goes to nobody
/// would be lost.
async fn subscriptions(platform: &Platform, service: &str) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let failed = |why: String| Fault::Failed(format!("who takes the events of {service} is not known: {why}"));
    let wiring = contracts::wire().map_err(|_| failed("the declarations of builds break a rule".to_owned()))?;
    let enver = Stage::named(platform.environment.name()).and_then(|stage| wiring.at(service, stage));
    let id = &enver.ok_or_else(|| failed("it has no such enver".to_owned()))?.id;
    let name = subscriptions_parameter(&id.build, &id.revision);
    let read = platform.cloud.parameters().get(std::slice::from_ref(&name)).await;
    let read = read.map_err(|error| failed(error.chain()))?;
    let text = read.first().ok_or_else(|| failed(format!("there is no parameter {name}")))?;
    serde_json::from_str(&text.value).map_err(|error| failed(format!("{name}: {error}")))
}
