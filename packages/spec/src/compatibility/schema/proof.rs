//! Proofs that a receiver accepts all that a sender may send, by comparing keywords and going into the parts.
//!
//! A proof is found or not; where none is found, nothing is said. Recursive schemas are proven by assuming what is being
//! proven, which holds because every value is finite.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::flat::{Flat, Types, whole_bound};
use super::node::{All, Node, View};
use super::number::{self, Bound, divides};
use super::union::{disjoint, exact, silent_on, union};
use super::{Engine, confirm, text, witness};
use crate::compatibility::sides::Form;

/// A pair of schemas.
pub type Key = (Vec<(usize, View)>, Vec<(usize, View)>, Form);

pub fn key(sender: &All<'_>, receiver: &All<'_>, form: Form) -> Key {
    let keys = |all: &All<'_>| {
        let mut keys: Vec<_> = all.iter().map(Node::key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    (keys(sender), keys(receiver), form)
}

/// What was proven, and what was not.
#[derive(Default)]
pub struct Proofs {
    known: HashMap<Key, bool>,
    /// What was taken for true, in order; what stood on an assumption that failed is forgotten.
    trail: Vec<Key>,
    depth: usize,
}

/// How deep a proof goes.
const DEEPEST: usize = 160;

impl<'a> Engine<'a> {
    /// Whether it is proven that the receiver accepts all that the sender may send.
    pub(super) fn included(&mut self, sender: &All<'a>, receiver: &All<'a>, form: Form) -> bool {
        if receiver.is_empty() || self.all_same(sender, receiver) {
            return true;
        }
        let key = key(sender, receiver, form);
        if let Some(known) = self.proofs.known.get(&key) {
            return *known;
        }
        if self.proofs.depth >= DEEPEST {
            return false;
        }
        let start = self.proofs.trail.len();
        self.proofs.known.insert(key.clone(), true);
        self.proofs.trail.push(key.clone());
        self.proofs.depth += 1;
        let proven = self.each_alternative(sender, receiver, form);
        self.proofs.depth -= 1;
        if !proven {
            for forgotten in self.proofs.trail.drain(start..) {
                self.proofs.known.remove(&forgotten);
            }
            self.proofs.known.insert(key, false);
        }
        proven
    }

    fn each_alternative(&mut self, sender: &All<'a>, receiver: &All<'a>, form: Form) -> bool {
        let receivers = exact(receiver);
        if receivers.loose {
            return self.same_choice(sender, receiver, form);
        }
        let senders = union(sender);
        senders.alternatives.iter().all(|sender| {
            if let Some(values) = finite(sender) {
                return self.accepts_each(sender, &values, receiver, form);
            }
            let whole = receivers.alternatives.iter().any(|receiver| self.contains(sender, receiver, form));
            // One type at a time: `[string, null]` may be two alternatives on the other side.
            whole
                || Types::EACH.into_iter().filter(|one| sender.types.has(*one)).count() > 1
                    && Types::EACH.into_iter().filter(|one| sender.types.has(*one)).all(|one| {
                        let mut part = sender.clone();
                        part.types = one;
                        match finite(&part) {
                            Some(values) => self.accepts_each(&part, &values, receiver, form),
                            None => receivers.alternatives.iter().any(|other| self.contains(&part, other, form)),
                        }
                    })
        })
    }

    /// A `oneOf` whose branches may meet is accepted where the same branches stand on the other side: a value that satisfies
    /// one of them alone still does.
    fn same_choice(&mut self, sender: &All<'a>, receiver: &All<'a>, form: Form) -> bool {
        let (sender, receiver) = (Flat::of(sender), Flat::of(receiver));
        let only_choice = receiver.types == Types::ALL
            && receiver.values.is_none()
            && receiver.any.is_empty()
            && receiver.conditions.is_empty()
            && receiver.nots.is_empty()
            && !receiver.opaque
            && silent_on(&receiver, Types::ALL);
        only_choice
            && receiver.one.iter().all(|wanted| {
                sender.one.iter().any(|given| given.len() == wanted.len() && self.paired(given, wanted, form))
            })
    }

    fn paired(&mut self, given: &[Node<'a>], wanted: &[Node<'a>], form: Form) -> bool {
        let mut left: Vec<&Node<'a>> = wanted.iter().collect();
        given.iter().all(|given| {
            let found = left.iter().position(|wanted| {
                let (given, wanted) = (vec![given.clone()], vec![(*wanted).clone()]);
                self.included(&given, &wanted, form) && self.included(&wanted, &given, form)
            });
            found.map(|found| left.remove(found)).is_some()
        })
    }

    fn accepts_each(&self, sender: &Flat<'a>, values: &[Value], receiver: &All<'a>, form: Form) -> bool {
        let all: Vec<&Value> = values.iter().collect();
        let Some(judge) = confirm::judge(receiver, &all) else { return false };
        values.iter().filter(|value| fits(sender, value)).all(|value| {
            judge.is_valid(value)
                || form == Form::Text && witness::rewritten(value).is_some_and(|value| judge.is_valid(&value))
        })
    }

    /// Whether every value of one conjunction satisfies another.
    fn contains(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, form: Form) -> bool {
        let mut types = sender.types;
        let plain_text = receiver.types.has(Types::STRING)
            && receiver.values.is_none()
            && receiver.min_length <= 1
            && receiver.max_length.is_none()
            && receiver.patterns.is_empty()
            && receiver.formats.is_empty()
            && receiver.nots.is_empty();
        if form == Form::Text && plain_text {
            // Every number is also a text on the wire.
            types = types.without(Types::NUMBER.or(Types::BOOLEAN));
        }
        if !types.within(receiver.types) || receiver.values.is_some() || receiver.opaque {
            return false;
        }
        (!types.has(Types::NUMBER) || numbers(sender, receiver, types))
            && (!types.has(Types::STRING) || strings(sender, receiver))
            && (!types.has(Types::ARRAY) || self.lists(sender, receiver, form))
            && (!types.has(Types::OBJECT) || self.objects(sender, receiver, form))
            && self.nots(sender, receiver, types, form)
    }

    fn nots(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, types: Types, form: Form) -> bool {
        receiver.nots.iter().all(|wanted| {
            // What the sender also excludes, at least as much of it.
            let same = sender.nots.iter().any(|given| self.same(given, wanted));
            same || {
                let mut part = sender.clone();
                part.types = types;
                let excluded = union(&vec![wanted.clone()]).alternatives;
                excluded.iter().all(|excluded| disjoint(&part, excluded, 3))
                    || sender.nots.iter().any(|given| {
                        let hidden = wanted.view.hidden.is_some();
                        !hidden && self.included(&vec![wanted.clone()], &vec![given.clone()], form)
                    })
            }
        })
    }

    fn lists(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, form: Form) -> bool {
        let most = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
        let counts = sender.min_items >= receiver.min_items && most(sender.max_items) <= most(receiver.max_items);
        let unique = !receiver.unique || sender.unique || most(sender.max_items) <= 1;
        let tuple = sender.tuple().max(receiver.tuple());
        counts
            && unique
            && (0..=tuple).all(|index| {
                most(sender.max_items) <= index as u64
                    || self.included(&sender.item(index), &receiver.item(index), form)
            })
            && receiver.contains.iter().all(|wanted| {
                sender.contains.iter().any(|given| self.included(&vec![given.clone()], &vec![wanted.clone()], form))
            })
    }

    fn objects(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, form: Form) -> bool {
        let most = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
        let required = |name: &&str| sender.required.contains(*name);
        let counts = sender.min_properties.max(sender.required.len() as u64) >= receiver.min_properties
            && (most(sender.max_properties) <= most(receiver.max_properties)
                || is_closed(sender) && sender.declared().len() as u64 <= most(receiver.max_properties));
        let needs = receiver.needs.iter().all(|(name, wanted)| {
            wanted.iter().all(|wanted| {
                sender.required.contains(wanted)
                    || wanted == name
                    || sender.needs.iter().any(|(given, has)| given == name && has.contains(wanted))
                    || cannot_have(sender, name)
            })
        });
        if !receiver.required.iter().all(|name| required(&name)) || !counts || !needs {
            return false;
        }
        let names: BTreeSet<&'a str> = sender.declared().union(&receiver.declared()).copied().collect();
        let by_name = names.into_iter().all(|name| {
            // Who sends does not use by chance a name that only the other side declares.
            let by_chance = !sender.declares(name) && sender.others().is_empty();
            by_chance || self.included(&sender.property(name), &receiver.property(name), form)
        });
        by_name && self.patterns(sender, receiver, form) && self.names(sender, receiver, form)
    }

    /// Properties that are declared by pattern, and those that are not declared.
    fn patterns(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, form: Form) -> bool {
        let (given, wanted) = (sender.declared_patterns(), receiver.declared_patterns());
        let part = |flat: &Flat<'a>, pattern: &str| -> All<'a> {
            let mut all = Vec::new();
            for part in &flat.properties {
                match part.patterns.and_then(|patterns| patterns.get_key_value(pattern)) {
                    Some((key, value)) => all.push(part.node.entry("patternProperties", key, value)),
                    None => all.extend(part.others.map(|others| part.node.under("additionalProperties", others))),
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
            self.included(&part(sender, pattern), &wants, form) && (same_patterns || wanted.is_subset(&given))
        }) && wanted.iter().all(|pattern| {
            given.contains(pattern)
                || nothing_else && given.is_empty()
                || given.is_empty() && self.included(&others, &part(receiver, pattern), form)
        }) && (nothing_else || self.included(&others, &receiver.others(), form))
    }

    fn names(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, form: Form) -> bool {
        receiver.names.iter().all(|wanted| {
            let wanted = vec![wanted.clone()];
            let closed = is_closed(sender) && sender.declared_patterns().is_empty();
            if closed {
                let names: Vec<Value> = sender.declared().into_iter().map(Value::from).collect();
                let judge = confirm::judge(&wanted, &names.iter().collect::<Vec<_>>());
                if judge.is_some_and(|judge| names.iter().all(|name| judge.is_valid(name))) {
                    return true;
                }
            }
            let mut text = sender.names.clone();
            text.retain(|node| node.value.is_object());
            !text.is_empty() && self.included(&text, &wanted, form)
        })
    }
}

/// Whether nothing but declared properties is accepted.
pub fn is_closed(flat: &Flat<'_>) -> bool {
    flat.properties.iter().any(|part| part.others == Some(&Value::Bool(false)))
}

/// Whether no value can have a property of this name.
fn cannot_have(flat: &Flat<'_>, name: &str) -> bool {
    flat.property(name).iter().any(|node| node.value == &Value::Bool(false))
}

/// The values of a conjunction that has few.
fn finite(flat: &Flat<'_>) -> Option<Vec<Value>> {
    if let Some(values) = &flat.values {
        return Some(
            values.iter().filter(|value| Types::of(value).within(flat.types)).map(|value| (*value).clone()).collect(),
        );
    }
    match flat.types {
        Types::NULL => Some(vec![Value::Null]),
        Types::BOOLEAN => Some(vec![Value::Bool(true), Value::Bool(false)]),
        _ => None,
    }
}

/// Whether a listed value may be sent, as far as bounds of texts and numbers say.
fn fits(flat: &Flat<'_>, value: &Value) -> bool {
    match value {
        Value::String(value) => {
            let length = value.chars().count() as u64;
            length >= flat.min_length && flat.max_length.is_none_or(|most| length <= most)
        }
        Value::Number(limit) => {
            let at = Bound { limit: limit.clone(), exclusive: false };
            flat.low.as_ref().is_none_or(|low| at.within(low, Ordering::Greater))
                && flat.high.as_ref().is_none_or(|high| at.within(high, Ordering::Less))
        }
        _ => true,
    }
}

fn numbers(sender: &Flat<'_>, receiver: &Flat<'_>, types: Types) -> bool {
    let whole = !types.has(Types::FRACTION);
    let within = |given: &Option<Bound>, wanted: &Option<Bound>, low: bool| {
        let Some(wanted) = wanted else { return true };
        let Some(given) = given else { return false };
        let stricter = if low { Ordering::Greater } else { Ordering::Less };
        if whole {
            let (given, wanted) = (whole_bound(given, low), whole_bound(wanted, low));
            let order = number::order(&given, &wanted);
            return order == stricter || order == Ordering::Equal;
        }
        given.within(wanted, stricter)
    };
    within(&sender.low, &receiver.low, true)
        && within(&sender.high, &receiver.high, false)
        && receiver
            .multiples
            .iter()
            .all(|&coarse| whole && divides(coarse, 1.0) || sender.multiples.iter().any(|&fine| divides(coarse, fine)))
}

fn strings(sender: &Flat<'_>, receiver: &Flat<'_>) -> bool {
    let most = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
    sender.min_length >= receiver.min_length
        && most(sender.max_length) <= most(receiver.max_length)
        && receiver.patterns.iter().all(|pattern| sender.patterns.contains(pattern) || text::is_trivial(pattern))
        && receiver.formats.iter().all(|format| sender.formats.contains(format))
}
