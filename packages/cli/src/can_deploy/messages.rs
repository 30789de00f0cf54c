//! Messages in flight: those in a queue meet the new consumer, and new ones meet an old consumer.

use std::collections::BTreeSet;

use serde_json::Value;
use spec::compatibility::{Direction, Flow, Promise};

use super::answer::Answer;
use super::contract::{changes, reason};
use super::published::{Artifact, Publisher};
use super::{Question, Unusable};

/// Says no for each message that one of the two could not read.
pub fn check(
    question: &Question<'_>,
    coming: &Publisher,
    standing: &Publisher,
    answer: &mut Answer,
) -> Result<(), Unusable> {
    let (Some(old), Some(new)) = (&standing.asyncapi, &coming.asyncapi) else { return Ok(()) };
    let service = question.service;
    let own = taken(old)?;
    let mut reasons = Vec::new();
    for change in changes(Some(old), Some(new), Direction::Backward, Promise::Wire)? {
        match change.flow {
            Flow::Consumed => {
                let whom = format!("messages that wait in a queue of {service} in {}", question.to);
                let mend = "Read both forms until the queue is empty, then drop the old one.";
                reasons.push(reason("in-flight", &change, &whom, mend));
            }
            // Instances of the old version still read from the same queues while the new one is deployed.
            Flow::Published if takes(&own, change.operation.as_deref()) => {
                let whom = format!("instances of {service} that still run in {} take these messages", question.to);
                let mend = "First deploy a version that reads both forms, then one that writes the new one.";
                reasons.push(reason("in-flight", &change, &whom, mend));
            }
            _ => {}
        }
    }
    if reasons.is_empty() {
        answer.checked("in flight", "old messages meet a reader, and so do new ones");
    }
    answer.no(reasons);
    Ok(())
}

/// The names of the events that a service takes from its own queues.
fn taken(document: &Artifact) -> Result<BTreeSet<String>, Unusable> {
    let document = document.value()?;
    let mut names = BTreeSet::new();
    for channel in document["channels"].as_object().into_iter().flat_map(|channels| channels.values()) {
        let message = &channel["publish"]["message"];
        let one_of = message["oneOf"].as_array().into_iter().flatten();
        for message in one_of.chain(message.is_object().then_some(message)) {
            let referred = message["$ref"].as_str().and_then(|place| document.pointer(place.strip_prefix('#')?));
            names.extend(name_of(referred.unwrap_or(message)));
        }
    }
    Ok(names)
}

fn name_of(message: &Value) -> Option<String> {
    message["name"].as_str().map(str::to_owned)
}

/// Whether a channel, as an operation of a report names it (`subscribe booking.created`), is one of these events.
fn takes(own: &BTreeSet<String>, operation: Option<&str>) -> bool {
    operation.and_then(|operation| operation.split_once(' ')).is_some_and(|(_, channel)| own.contains(channel))
}
