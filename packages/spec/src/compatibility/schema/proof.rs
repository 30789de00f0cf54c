//! Proofs that a receiver accepts all that a sender may send, by comparing keywords and going into the parts.
//!
//! A proof is found or not; where none is found, nothing is said. Recursive schemas are proven by assuming what is being
//! proven, which holds because every value is finite.

mod objects;

use std::cmp::Ordering;

use ahash::{HashMap, HashSet};
use serde_json::Value;

use super::flat::{Flat, Types, whole_bound};
use super::known::Id;
use super::node::{All, Node};
use super::number::{self, Bound, divides};
use super::union::{disjoint, silent_on, union};
use super::{Engine, algebra, confirm, text, witness};
use crate::compatibility::sides::Form;

pub use objects::is_closed;

/// What may be taken for granted in a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Terms {
    pub form: Form,
    /// That who sends does not use, by chance, a name that only the other side declares. Not so where the parties change
    /// places: under a negation, and in a choice of exactly one.
    pub tidy: bool,
}

impl Terms {
    fn inverted(self) -> Self {
        Self { tidy: false, ..self }
    }
}

/// A pair of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    sender: Id,
    receiver: Id,
    terms: Terms,
}

/// What was proven, and what was not.
#[derive(Default)]
pub struct Proofs<'a> {
    known: HashMap<Key, bool>,
    /// While something is being proven: what is taken for true and must still be looked at…
    open: Vec<(Key, All<'a>, All<'a>)>,
    /// …and who stands on it.
    users: HashMap<Key, Vec<Key>>,
    schemas: HashMap<Key, (All<'a>, All<'a>)>,
    current: Option<Key>,
    /// What the algebra was asked about already.
    asked: HashSet<Key>,
}

impl<'a> Engine<'a> {
    /// Whether it is proven that the receiver accepts all that the sender may send.
    ///
    /// All pairs that are met are taken for proven until keywords say otherwise; then whoever stood on one that is not is
    /// looked at again. What stands in the end stands for good.
    pub(super) fn included(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> bool {
        if receiver.is_empty() || self.all_same(sender, receiver) {
            return true;
        }
        let key = self.key(sender, receiver, terms);
        let known = self.proofs.known.get(&key).copied();
        if let Some(user) = self.proofs.current {
            if known.is_none() {
                self.proofs.known.insert(key, true);
                self.proofs.open.push((key, sender.clone(), receiver.clone()));
            }
            if known != Some(false) {
                self.proofs.users.entry(key).or_default().push(user);
            }
            return known.unwrap_or(true);
        }
        if let Some(known) = known {
            return known;
        }
        self.proofs.known.insert(key, true);
        self.proofs.open.push((key, sender.clone(), receiver.clone()));
        while let Some((pair, sender, receiver)) = self.proofs.open.pop() {
            if self.proofs.known.get(&pair) == Some(&false) {
                continue;
            }
            self.proofs.current = Some(pair);
            let stands = self.each_alternative(&sender, &receiver, pair.terms);
            self.proofs.current = None;
            if stands {
                self.proofs.schemas.insert(pair, (sender, receiver));
            } else {
                self.proofs.known.insert(pair, false);
                for user in self.proofs.users.remove(&pair).unwrap_or_default() {
                    if let Some((sender, receiver)) = self.proofs.schemas.remove(&user) {
                        self.proofs.open.push((user, sender, receiver));
                    }
                }
            }
        }
        self.proofs.users.clear();
        self.proofs.schemas.clear();
        self.proofs.known.get(&key).copied().unwrap_or(false)
    }

    /// What tells this question from every other.
    pub(super) fn key(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> Key {
        Key { sender: self.known.id(sender), receiver: self.known.id(receiver), terms }
    }

    /// The same, with the algebra's opinion where composition is what keywords do not decide.
    pub(super) fn decided(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> bool {
        let composed = |all: &All<'a>| {
            let flat = Flat::of(all);
            !(flat.any.is_empty() && flat.one.is_empty() && flat.nots.is_empty() && flat.conditions.is_empty())
        };
        if self.included(sender, receiver, terms) {
            return true;
        }
        if terms.form == Form::Text || self.questions == 0 || !(composed(sender) || composed(receiver)) {
            return false;
        }
        let key = self.key(sender, receiver, terms);
        if !self.proofs.asked.insert(key) {
            return false;
        }
        self.questions -= 1;
        let opinion = algebra::contains(receiver, sender);
        if opinion {
            self.learn(sender, receiver, terms);
        }
        opinion
    }

    /// The same, after something was learnt about the parts.
    pub(super) fn included_again(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> bool {
        let key = self.key(sender, receiver, terms);
        self.proofs.known.remove(&key);
        self.included(sender, receiver, terms)
    }

    /// Keeps what was proven elsewhere.
    pub(super) fn learn(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) {
        let key = self.key(sender, receiver, terms);
        self.proofs.known.insert(key, true);
    }

    fn each_alternative(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> bool {
        if let Some(alike) = self.alike(sender, receiver) {
            let proven = alike.links.iter().all(|link| self.included(&vec![link.sender], &vec![link.receiver], terms));
            if proven || alike.plain {
                return proven;
            }
        }
        let receivers = self.known.exact(receiver);
        if receivers.loose {
            return self.same_choice(sender, receiver, terms);
        }
        let senders = self.known.union(sender);
        senders.alternatives.iter().all(|sender| {
            if let Some(values) = finite(sender) {
                return self.accepts_each(sender, &values, receiver, terms);
            }
            let whole = receivers.alternatives.iter().any(|receiver| self.contains(sender, receiver, terms));
            // One type at a time: `[string, null]` may be two alternatives on the other side.
            whole
                || Types::EACH.into_iter().filter(|one| sender.types.has(*one)).count() > 1
                    && Types::EACH.into_iter().filter(|one| sender.types.has(*one)).all(|one| {
                        let mut part = sender.clone();
                        part.types = one;
                        match finite(&part) {
                            Some(values) => self.accepts_each(&part, &values, receiver, terms),
                            None => receivers.alternatives.iter().any(|other| self.contains(&part, other, terms)),
                        }
                    })
        })
    }

    /// A `oneOf` whose branches may meet is accepted where the same branches stand on the other side: a value that
    /// satisfies one of them alone still does.
    fn same_choice(&mut self, sender: &All<'a>, receiver: &All<'a>, terms: Terms) -> bool {
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
                sender.one.iter().any(|given| given.len() == wanted.len() && self.paired(given, wanted, terms))
            })
    }

    fn paired(&mut self, given: &[Node<'a>], wanted: &[Node<'a>], terms: Terms) -> bool {
        let mut left: Vec<&Node<'a>> = wanted.iter().collect();
        given.iter().all(|given| {
            let found = left.iter().position(|wanted| {
                let (given, wanted) = (vec![*given], vec![**wanted]);
                self.included(&given, &wanted, terms) && self.included(&wanted, &given, terms.inverted())
            });
            found.map(|found| left.remove(found)).is_some()
        })
    }

    fn accepts_each(&self, sender: &Flat<'a>, values: &[Value], receiver: &All<'a>, terms: Terms) -> bool {
        let all: Vec<&Value> = values.iter().collect();
        let Some(judge) = confirm::judge(receiver, &all) else { return false };
        values.iter().filter(|value| fits(sender, value)).all(|value| {
            judge.is_valid(value)
                || terms.form == Form::Text && witness::rewritten(value).is_some_and(|value| judge.is_valid(&value))
        })
    }

    /// Whether every value of one conjunction satisfies another.
    pub(super) fn contains(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, terms: Terms) -> bool {
        let mut types = sender.types;
        let plain_text = receiver.types.has(Types::STRING)
            && receiver.values.is_none()
            && receiver.min_length <= 1
            && receiver.max_length.is_none()
            && receiver.patterns.is_empty()
            && receiver.formats.is_empty()
            && receiver.nots.is_empty();
        if terms.form == Form::Text && plain_text {
            // Every number is also a text on the wire.
            types = types.without(Types::NUMBER.or(Types::BOOLEAN));
        }
        if !types.within(receiver.types) || receiver.values.is_some() || receiver.opaque {
            return false;
        }
        (!types.has(Types::NUMBER) || numbers(sender, receiver, types))
            && (!types.has(Types::STRING) || strings(sender, receiver))
            && (!types.has(Types::ARRAY) || self.lists(sender, receiver, terms))
            && (!types.has(Types::OBJECT) || self.objects(sender, receiver, terms))
            && self.nots(sender, receiver, types, terms)
    }

    fn nots(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, types: Types, terms: Terms) -> bool {
        receiver.nots.iter().all(|wanted| {
            // What the sender also excludes, at least as much of it.
            let same = sender.nots.iter().any(|given| self.same(given, wanted));
            same || {
                let mut part = sender.clone();
                part.types = types;
                let excluded = union(&vec![*wanted]).alternatives;
                excluded.iter().all(|excluded| disjoint(&part, excluded, 3))
                    || sender.nots.iter().any(|given| {
                        let hidden = wanted.view.hidden.is_some();
                        !hidden && self.included(&vec![*wanted], &vec![*given], terms.inverted())
                    })
            }
        })
    }

    fn lists(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, terms: Terms) -> bool {
        let most = |bound: Option<u64>| bound.unwrap_or(u64::MAX);
        let counts = sender.min_items >= receiver.min_items && most(sender.max_items) <= most(receiver.max_items);
        let unique = !receiver.unique || sender.unique || most(sender.max_items) <= 1;
        let tuple = sender.tuple().max(receiver.tuple());
        counts
            && unique
            && (0..=tuple).all(|index| {
                most(sender.max_items) <= index as u64
                    || self.included(&sender.item(index), &receiver.item(index), terms)
            })
            && receiver
                .contains
                .iter()
                .all(|wanted| sender.contains.iter().any(|given| self.included(&vec![*given], &vec![*wanted], terms)))
    }
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
