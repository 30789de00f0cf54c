//! Schemas of a sender and a receiver: does the receiver accept all that the sender may send?
//!
//! `proof` decides it where keywords say so, `algebra` where only composition as a whole does; `witness` looks for a value
//! that says no, and `confirm` asks the independent validator. `explain` walks both schemas and names what changed.

mod algebra;
mod confirm;
mod explain;
mod flat;
mod keywords;
mod node;
mod number;
mod proof;
mod text;
mod union;
mod witness;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::document::Document;
use super::report::{Flow, Side, Verdict, Witness};
use super::rules::Rule;
use super::sides::{Form, Spot};
use node::{All, At, Node, View};

/// The longest chain of schemas that lead on without going into the value.
const LONGEST_CHAIN: usize = 64;

/// A change of a schema.
pub struct Found {
    pub rule: &'static Rule,
    pub verdict: Verdict,
    pub side: Side,
    pub pointer: String,
    /// Where in the value it shows, with `*` for entries.
    pub touches: String,
    pub message: String,
    pub witness: Option<Witness>,
}

/// What is remembered between the schemas of two documents.
pub struct Engine<'a> {
    old: &'a Document,
    new: &'a Document,
    /// References that may lead to something else in the other document.
    changed: HashSet<&'a str>,
    proofs: proof::Proofs,
    explained: HashMap<proof::Key, usize>,
    /// How many schemas may still be tried for a witness; it ends comparisons that would not end.
    effort: usize,
}

/// How hard one comparison of documents tries.
const EFFORT: usize = 200_000;

impl<'a> Engine<'a> {
    pub fn new(old: &'a Document, new: &'a Document) -> Self {
        let changed = changed(old, new);
        Self { old, new, changed, proofs: proof::Proofs::default(), explained: HashMap::new(), effort: EFFORT }
    }

    /// Compares what one party sends with what the other receives.
    pub fn compare(
        &mut self,
        old: &Spot<'a>,
        new: &Spot<'a>,
        flow: Flow,
        form: Form,
        sender_is_old: bool,
    ) -> Vec<Found> {
        let hidden = match flow {
            Flow::Request | Flow::Published if form == Form::Json => Some("readOnly"),
            Flow::Response | Flow::Consumed if form == Form::Json => Some("writeOnly"),
            _ => None,
        };
        let node = |spot: &Spot<'a>, side: Side, sends: bool| {
            let document = if side == Side::Old { self.old } else { self.new };
            let view = View { hidden, sends };
            vec![Node { document, side, value: spot.value, at: At::Whole(spot.pointer.as_str().into()), view }]
        };
        let (old, new) = (node(old, Side::Old, sender_is_old), node(new, Side::New, !sender_is_old));
        let (sender, receiver) = if sender_is_old { (old, new) } else { (new, old) };
        explain::explain(self, sender, receiver, form)
    }

    /// Whether two schemas are written alike, and all they refer to.
    fn same(&self, left: &Node<'a>, right: &Node<'a>) -> bool {
        let alike = std::ptr::eq(left.value, right.value) || left.value == right.value;
        alike && (left.side == right.side || !self.refers_to_changed(left.value))
    }

    fn all_same(&self, left: &All<'a>, right: &All<'a>) -> bool {
        right.iter().all(|right| left.iter().any(|left| self.same(left, right)))
    }

    fn refers_to_changed(&self, value: &Value) -> bool {
        if self.changed.is_empty() {
            return false;
        }
        match value {
            Value::Array(items) => items.iter().any(|item| self.refers_to_changed(item)),
            Value::Object(map) => map.iter().any(|(key, value)| match value {
                Value::String(reference) => key == "$ref" && self.changed.contains(reference.as_str()),
                value => self.refers_to_changed(value),
            }),
            _ => false,
        }
    }
}

/// The references of both documents that lead to something else, or to something that refers to such.
fn changed<'a>(old: &'a Document, new: &'a Document) -> HashSet<&'a str> {
    let mut all = HashSet::new();
    references(old.root(), &mut all);
    references(new.root(), &mut all);
    let mut users: HashMap<&str, Vec<&'a str>> = HashMap::new();
    let mut open = Vec::new();
    for &reference in &all {
        let targets = (old.target(reference), new.target(reference));
        if targets.0 != targets.1 {
            open.push(reference);
        }
        let mut inside = HashSet::new();
        targets.0.into_iter().chain(targets.1).for_each(|target| references(target, &mut inside));
        for used in inside {
            users.entry(used).or_default().push(reference);
        }
    }
    let mut changed = HashSet::new();
    while let Some(reference) = open.pop() {
        if changed.insert(reference) {
            open.extend(users.get(reference).into_iter().flatten());
        }
    }
    changed
}

fn references<'a>(value: &'a Value, all: &mut HashSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, all)),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        all.insert(reference);
                    }
                    value => references(value, all),
                }
            }
        }
        _ => {}
    }
}
