//! The constellation of an enver: the closure of its edges.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Edge, EnverId, Lifetime, Stage, WiredEnver, Wiring};

/// Envers that are wired to each other. It holds at most one enver of each build: a clone stands in it for the static
/// enver of its build, and nobody reads from a clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constellation {
    /// Its envers, by build.
    pub envers: Vec<WiredEnver>,
    /// The edges between them.
    pub edges: Vec<Edge>,
}

impl Constellation {
    /// The stage of its envers.
    pub fn stage(&self) -> Option<Stage> {
        self.envers.first().map(|enver| enver.stage)
    }

    /// The envers in the order in which they can start: none reads, without a default, from one after it.
    pub fn in_starting_order(&self) -> Vec<&WiredEnver> {
        let mut waiting: Vec<&WiredEnver> = self.envers.iter().collect();
        let mut order: Vec<&WiredEnver> = Vec::new();
        while !waiting.is_empty() {
            let waits = |enver: &WiredEnver| {
                let needs = |edge: &&Edge| edge.consumer == enver.id && edge.default_if_absent.is_none();
                let mut needed = self.edges.iter().filter(needs);
                needed.any(|edge| !order.iter().any(|started| started.id == edge.producer))
            };
            // There is always one, because a wiring has no circle.
            let next = waiting.iter().position(|enver| !waits(enver)).unwrap_or_default();
            order.push(waiting.remove(next));
        }
        order
    }

    pub(crate) fn of(wiring: &Wiring, id: &EnverId) -> Option<Self> {
        let mut found: BTreeMap<&str, &WiredEnver> = BTreeMap::new();
        let mut next = vec![wiring.find(id)?];
        while let Some(enver) = next.pop() {
            if found.contains_key(enver.id.build.as_str()) {
                continue;
            }
            found.insert(&enver.id.build, enver);
            let up = wiring.upstreams(&enver.id).filter_map(|edge| wiring.find(&edge.producer));
            let down = wiring.consumers(&enver.id).filter_map(|edge| wiring.find(&edge.consumer));
            // Clones of others read from this constellation without being part of it.
            next.extend(up.chain(down.filter(|enver| enver.lifetime == Lifetime::Static)));
        }
        let is_in = |id: &EnverId| found.get(id.build.as_str()).is_some_and(|enver| enver.id == *id);
        let inside = |edge: &&Edge| is_in(&edge.consumer) && is_in(&edge.producer);
        Some(Self {
            edges: wiring.edges().iter().filter(inside).cloned().collect(),
            envers: found.values().map(|enver| (*enver).clone()).collect(),
        })
    }
}
