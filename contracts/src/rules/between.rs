//! Rules of the edges between envers.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Edge, EnverId, Refusal, Stage, WiredEnver, Wiring};

/// What is wrong between the envers of a wiring.
pub(crate) fn edges(wiring: &Wiring) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for edge in wiring.edges() {
        if let (Some(consumer), Some(producer)) = (wiring.find(&edge.consumer), wiring.find(&edge.producer)) {
            refusals.extend(stages(edge, consumer, producer));
            refusals.extend(places(edge, consumer, producer));
        }
    }
    refusals.extend(cycle(wiring));
    refusals
}

fn stages(edge: &Edge, consumer: &WiredEnver, producer: &WiredEnver) -> Option<Refusal> {
    let (from, to) = (consumer.stage, producer.stage);
    let ends = (edge.consuming_end(), edge.producing_end());
    match from {
        _ if from == to => None,
        _ if from < to => Some(Refusal::Forward { consumer: ends.0, from, producer: ends.1, to }),
        Stage::Main => Some(Refusal::MainReadsElsewhere { consumer: ends.0, producer: ends.1, to }),
        _ => Some(Refusal::OtherConstellation { consumer: ends.0, from, producer: ends.1, to }),
    }
}

fn places(edge: &Edge, consumer: &WiredEnver, producer: &WiredEnver) -> Vec<Refusal> {
    let ends = || (edge.consuming_end(), edge.producing_end());
    let mut refusals = Vec::new();
    if consumer.region != producer.region {
        let ends = ends();
        refusals.push(Refusal::Regions {
            consumer: ends.0,
            from: consumer.region,
            producer: ends.1,
            to: producer.region,
        });
    }
    if consumer.id.revision.is_tag() && !producer.id.revision.is_tag() {
        let ends = ends();
        refusals.push(Refusal::TagReadsBranch { consumer: ends.0, producer: ends.1 });
    }
    refusals
}

/// The first circle of envers in which each waits for the next, if there is one. A consumer with a default waits for
/// nobody.
fn cycle(wiring: &Wiring) -> Option<Refusal> {
    let mut waits: BTreeMap<&EnverId, Vec<&Edge>> = BTreeMap::new();
    for edge in wiring.edges().iter().filter(|edge| edge.default_if_absent.is_none()) {
        waits.entry(&edge.consumer).or_default().push(edge);
    }
    let mut startable = BTreeSet::new();
    waits.keys().find_map(|&enver| {
        let mut path = Vec::new();
        circle(&waits, enver, &mut path, &mut startable).then(|| {
            // What led into the circle is not part of it.
            let into = path.last().map(|edge: &&Edge| &edge.producer);
            let start = path.iter().position(|edge| Some(&edge.consumer) == into).unwrap_or_default();
            let steps: Vec<_> = path[start..]
                .iter()
                .map(|edge| format!("{} waits for {}", edge.consuming_end(), edge.producing_end()))
                .collect();
            Refusal::Cycle(steps.join(", "))
        })
    })
}

/// Whether one comes back to an enver of the path by following edges from this one. As deep as there are builds.
fn circle<'a>(
    waits: &BTreeMap<&'a EnverId, Vec<&'a Edge>>,
    enver: &'a EnverId,
    path: &mut Vec<&'a Edge>,
    startable: &mut BTreeSet<&'a EnverId>,
) -> bool {
    if path.iter().any(|edge| edge.consumer == *enver) {
        return true;
    }
    if startable.contains(enver) {
        return false;
    }
    for edge in waits.get(enver).into_iter().flatten() {
        path.push(edge);
        if circle(waits, &edge.producer, path, startable) {
            return true;
        }
        path.pop();
    }
    startable.insert(enver);
    false
}
