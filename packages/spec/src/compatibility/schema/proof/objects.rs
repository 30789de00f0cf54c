//! Objects: whether a receiver accepts every property that a sender may send.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Terms;
use crate::compatibility::schema::flat::Flat;
use crate::compatibility::schema::node::All;
use crate::compatibility::schema::{Engine, confirm};

impl<'a> Engine<'a> {
    pub(super) fn objects(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, terms: Terms) -> bool {
        let most = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
        let counts = sender.min_properties.max(sender.required.len() as u64) >= receiver.min_properties
            && (most(sender.max_properties) <= most(receiver.max_properties)
                || only_declared(sender) && sender.declared().len() as u64 <= most(receiver.max_properties));
        let needs = receiver.needs.iter().all(|(name, wanted)| {
            wanted.iter().all(|wanted| {
                sender.required.contains(wanted)
                    || wanted == name
                    || sender.needs.iter().any(|(given, has)| given == name && has.contains(wanted))
                    || cannot_have(sender, name)
            })
        });
        if !receiver.required.is_subset(&sender.required) || !counts || !needs {
            return false;
        }
        let names: BTreeSet<&'a str> = sender.declared().union(&receiver.declared()).copied().collect();
        let by_name = names.into_iter().all(|name| {
            // Who sends does not use by chance a name that only the other side declares.
            let by_chance = terms.tidy && !sender.declares(name) && sender.others().is_empty();
            by_chance || self.included(&sender.property(name), &receiver.property(name), terms)
        });
        by_name && self.patterns(sender, receiver, terms) && self.names(sender, receiver, terms)
    }

    /// Properties that are declared by pattern, and those that are not declared.
    fn patterns(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, terms: Terms) -> bool {
        let (given, wanted) = (sender.declared_patterns(), receiver.declared_patterns());
        let part = |flat: &Flat<'a>, pattern: &str| -> All<'a> {
            let mut all = Vec::new();
            for part in &flat.properties {
                match part.patterns.and_then(|patterns| patterns.get(pattern)) {
                    Some(value) => all.push(part.node.with(value)),
                    None => all.extend(part.others.map(|others| part.node.with(others))),
                }
            }
            all
        };
        let others = sender.others();
        let nothing_else = is_closed(sender);
        let same_patterns = given == wanted;
        // A name that only the sender's pattern speaks of is an undeclared one to the receiver.
        given.iter().all(|pattern| {
            let wants = part(receiver, pattern);
            self.included(&part(sender, pattern), &wants, terms) && (same_patterns || wanted.is_subset(&given))
        }) && wanted.iter().all(|pattern| {
            given.contains(pattern)
                || nothing_else && given.is_empty()
                || given.is_empty() && self.included(&others, &part(receiver, pattern), terms)
        }) && (nothing_else || self.included(&others, &receiver.others(), terms))
    }

    fn names(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, terms: Terms) -> bool {
        receiver.names.iter().all(|wanted| {
            let wanted = vec![*wanted];
            if only_declared(sender) {
                let names: Vec<Value> = sender.declared().into_iter().map(Value::from).collect();
                let judge = confirm::judge(&wanted, &names.iter().collect::<Vec<_>>());
                if judge.is_some_and(|judge| names.iter().all(|name| judge.is_valid(name))) {
                    return true;
                }
            }
            let mut text = sender.names.clone();
            text.retain(|node| node.value.is_object());
            !text.is_empty() && self.included(&text, &wanted, terms)
        })
    }
}

/// Whether nothing but declared properties is accepted.
pub fn is_closed(flat: &Flat<'_>) -> bool {
    flat.properties.iter().any(|part| part.others == Some(&Value::Bool(false)))
}

/// Whether every property is declared by its name.
fn only_declared(flat: &Flat<'_>) -> bool {
    is_closed(flat) && flat.declared_patterns().is_empty()
}

/// Whether no value can have a property of this name.
fn cannot_have(flat: &Flat<'_>, name: &str) -> bool {
    flat.property(name).iter().any(|node| node.value == &Value::Bool(false))
}
