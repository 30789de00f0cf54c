//! What changed between two schemas, keyword by keyword and alternative by alternative, each change with its verdict.

mod verdict;

use ahash::HashSet;
use serde_json::Value;

use super::flat::{Flat, Types};
use super::keywords::{Narrowing, narrowed};
use super::node::{All, At, Node};
use super::pairing::{named, paired, take_pairs};
use super::proof::Terms;
use super::text::of_pattern;
use super::union::Union;
use super::witness::{Step, begin_effort, fresh, of_flat};
use super::{Engine, Found, Met, Question};
use crate::compatibility::report::{Side, Verdict};
use crate::compatibility::sides::escaped;

pub fn explain<'a>(
    engine: &mut Engine<'a>,
    sender: All<'a>,
    receiver: All<'a>,
    question: Question<'_>,
) -> Vec<Found<'a>> {
    let terms = Terms { form: question.form, tidy: true };
    let (pairs, met, path) = (Vec::new(), HashSet::default(), Vec::new());
    let mut walk =
        Walk { engine, sender, receiver, question, terms, pairs, met, path, parts: Vec::new(), found: Vec::new() };
    walk.all();
    for pair in &walk.pairs {
        // What is certain holds wherever the two meet.
        if pair.found.iter().all(|found| found.verdict != Verdict::Unproven) {
            walk.engine.explained.insert(pair.met.clone(), 0);
        }
    }
    walk.pairs.into_iter().flat_map(|pair| pair.found).collect()
}

/// Nearest parts first, so that a schema is met where it is least deep, and witnesses are small.
struct Walk<'e, 'a> {
    engine: &'e mut Engine<'a>,
    /// The whole value's schemas, which every witness is held against.
    sender: All<'a>,
    receiver: All<'a>,
    question: Question<'e>,
    terms: Terms,
    pairs: Vec<Pair<'a>>,
    met: HashSet<Met>,
    /// Of the pair that is looked at: where it is, what its parts are, and what was found.
    path: Vec<Step>,
    parts: Vec<(All<'a>, All<'a>)>,
    found: Vec<Found<'a>>,
}

/// Two schemas of one part of a value.
struct Pair<'a> {
    met: Met,
    sender: All<'a>,
    receiver: All<'a>,
    path: Vec<Step>,
    parts: Vec<(All<'a>, All<'a>)>,
    found: Vec<Found<'a>>,
}

/// In how many values two schemas are looked at, as long as neither a proof nor a witness is found: what cannot be
/// shown in one value may show in another.
const MOST_PLACES: usize = 3;

impl<'a> Walk<'_, 'a> {
    fn all(&mut self) {
        let (sender, receiver) = (self.sender.clone(), self.receiver.clone());
        self.meet(Vec::new(), sender, receiver);
        let mut next = 0;
        while let Some(pair) = self.pairs.get(next) {
            let (sender, receiver) = (pair.sender.clone(), pair.receiver.clone());
            self.path.clone_from(&pair.path);
            match self.engine.alike(&sender, &receiver) {
                Some(alike) if alike.plain => alike.links.iter().for_each(|link| {
                    let path = self.path.iter().chain(&link.path).cloned().collect();
                    self.part(path, vec![link.sender], vec![link.receiver]);
                }),
                _ => self.differences(&sender, &receiver),
            }
            let pair = &mut self.pairs[next];
            pair.found = std::mem::take(&mut self.found);
            pair.parts = std::mem::take(&mut self.parts);
            next += 1;
        }
        // Parts before what they are parts of: a whole needs words of its own only if none of its parts has them.
        for number in (0..self.pairs.len()).rev() {
            let pair = &mut self.pairs[number];
            let (sender, receiver) = (pair.sender.clone(), pair.receiver.clone());
            let parts = std::mem::take(&mut pair.parts);
            let told = pair.found.iter().any(|found| found.verdict == Verdict::Breaking)
                || parts.iter().any(|(sender, receiver)| !self.engine.included(sender, receiver, self.terms));
            if !told && !self.engine.included_again(&sender, &receiver, self.terms) {
                self.path.clone_from(&self.pairs[number].path);
                self.found = std::mem::take(&mut self.pairs[number].found);
                self.whole(&sender, &receiver);
                self.pairs[number].found = std::mem::take(&mut self.found);
            }
        }
    }

    fn differences(&mut self, sender: &All<'a>, receiver: &All<'a>) {
        let forward = self.engine.decided(sender, receiver, self.terms);
        let backward = self.engine.decided(receiver, sender, self.terms);
        self.discriminators(sender, receiver);
        let (senders, receivers) = (self.engine.known.union(sender), self.engine.known.union(receiver));
        self.alternatives(&senders, &receivers, forward, backward);
    }

    /// Puts two schemas on the list, unless it was told elsewhere what changed between them.
    fn meet(&mut self, path: Vec<Step>, sender: All<'a>, receiver: All<'a>) {
        if self.engine.all_same(&sender, &receiver) && self.engine.all_same(&receiver, &sender) {
            return;
        }
        let met = (self.engine.key(&sender, &receiver, self.terms), self.question.reach(&pointer(&path, true)));
        let left = self.engine.explained.entry(met.clone()).or_insert(MOST_PLACES);
        if *left > 0 && self.met.insert(met.clone()) {
            *left -= 1;
            self.pairs.push(Pair { met, sender, receiver, path, parts: Vec::new(), found: Vec::new() });
        }
    }

    fn alternatives(&mut self, senders: &Union<'a>, receivers: &Union<'a>, forward: bool, backward: bool) {
        if let ([sender], [receiver]) = (senders.alternatives.as_slice(), receivers.alternatives.as_slice()) {
            return self.flats(sender, receiver, forward, backward);
        }
        let mut left: Vec<&Flat<'a>> = senders.alternatives.iter().collect();
        let mut right: Vec<&Flat<'a>> = receivers.alternatives.iter().collect();
        let terms = self.terms;
        let mut pairs = take_pairs(&mut left, &mut right, |one, other| {
            self.engine.contains(one, other, terms) && self.engine.contains(other, one, terms)
        });
        pairs.extend(paired(&mut left, &mut right));
        let (lost, gained) = (left, right);
        for (sender, receiver) in pairs {
            // Where the whole choice is proven, what two of its alternatives refuse of one another says nothing.
            let apart = forward && !self.engine.contains(sender, receiver, terms)
                || backward && !self.engine.contains(receiver, sender, terms);
            if !apart {
                self.flats(sender, receiver, forward, backward);
            }
        }
        let (removed, added) = ("alternative-removed", "alternative-added");
        let (loss, gain) = if self.new_is_receiver() { (removed, added) } else { (added, removed) };
        let said = |id: &str, flat: &Flat<'a>| {
            format!("{} {}", named(flat), if id == removed { "went away" } else { "was added" })
        };
        for flat in lost.into_iter().filter(|_| !forward) {
            self.narrow(loss, said(loss, flat), self.place(flat, &[]), None, &begin_effort(|| of_flat(flat, 0)));
        }
        for flat in gained.into_iter().filter(|_| !backward) {
            self.tell(gain, Verdict::Compatible, self.place(flat, &[]), None, said(gain, flat), None);
        }
    }

    /// Two conjunctions: their keywords, then their parts.
    fn flats(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, forward: bool, backward: bool) {
        let new_is_receiver = self.new_is_receiver();
        for change in narrowed(sender, receiver) {
            let (id, said) = oriented(&change, new_is_receiver);
            let place = self.place_of(&change, sender, receiver);
            if change.harmless {
                let required = sender.required.contains(change.name.unwrap_or_default());
                if !required {
                    self.tell(id, Verdict::Compatible, place, change.name, said, None);
                }
            } else if !forward {
                self.narrow(
                    id,
                    said,
                    place,
                    change.name.filter(|_| change.at_property),
                    &begin_effort(|| change.values()),
                );
            }
        }
        for change in narrowed(receiver, sender) {
            // What the sender says more than the receiver: the other way round.
            let (id, said) = oriented(&change, !new_is_receiver);
            let place = self.place_of(&change, receiver, sender);
            if change.harmless || !backward {
                let required = receiver.required.contains(change.name.unwrap_or_default());
                if !(change.keys.is_empty() && required && !sender.required.contains(change.name.unwrap_or_default())) {
                    self.tell(id, Verdict::Compatible, place, change.name, said, None);
                }
            }
        }
        self.parts(sender, receiver);
    }

    fn parts(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>) {
        let types = sender.types.and(receiver.types);
        if types.has(Types::OBJECT) {
            for name in sender.declared().union(&receiver.declared()).copied() {
                let open = |flat: &Flat<'a>| !flat.declares(name) && flat.others().is_empty();
                let refused =
                    |flat: &Flat<'a>| flat.property(name).iter().any(|node| node.value == &Value::Bool(false));
                let known = sender.declares(name) && receiver.declares(name);
                self.hidden(sender, receiver, name);
                let hidden = sender.is_hidden(name) || receiver.is_hidden(name);
                // Where one side says nothing of it, that it is declared is told already.
                if hidden || open(sender) || open(receiver) || !known && (refused(sender) || refused(receiver)) {
                    continue;
                }
                self.step(Step::Property(name.to_owned()), &sender.property(name), &receiver.property(name));
            }
            for pattern in sender.declared_patterns().union(&receiver.declared_patterns()).copied() {
                if let Some(name) = of_pattern(pattern, 1, None).into_iter().next() {
                    self.step(Step::Any(name.clone()), &sender.property(&name), &receiver.property(&name));
                }
            }
            let (others, wanted) = (sender.others(), receiver.others());
            let closed = |all: &All<'a>| all.iter().any(|node| node.value == &Value::Bool(false));
            if !(closed(&others) || closed(&wanted))
                && let Some(name) = fresh(sender, Some(receiver), 0)
            {
                self.step(Step::Any(name), &others, &wanted);
            }
        }
        if types.has(Types::ARRAY) {
            for index in 0..=sender.tuple().max(receiver.tuple()) {
                self.step(Step::Item(index), &sender.item(index), &receiver.item(index));
            }
        }
    }

    /// A property that is sent one way only on one side, and both ways on the other.
    fn hidden(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, name: &'a str) {
        if sender.declares(name) && receiver.declares(name) && sender.is_hidden(name) != receiver.is_hidden(name) {
            let new = if self.new_is_receiver() { receiver } else { sender };
            let word = if new.is_hidden(name) { "is no longer sent this way" } else { "is sent this way now" };
            let place = self.property_place(new, name);
            self.tell(
                "read-only-changed",
                Verdict::Compatible,
                place,
                Some(name),
                format!("the property `{name}` {word}"),
                None,
            );
        }
    }

    /// What tells alternatives apart for who generates code; it refuses nothing.
    fn discriminators(&mut self, sender: &All<'a>, receiver: &All<'a>) {
        let stated = |all: &All<'a>| all.iter().map(Node::bare).find(|node| node.value.get("discriminator").is_some());
        let (given, wanted) = (stated(sender), stated(receiver));
        let said = |node: &Option<Node<'a>>| node.and_then(|node| node.value.get("discriminator"));
        if said(&given) == said(&wanted) {
            return;
        }
        let (old, new) = if self.new_is_receiver() { (given, wanted) } else { (wanted, given) };
        let name =
            |node: &Option<Node<'a>>| match said(node).map(|said| said.get("propertyName").and_then(Value::as_str)) {
                Some(name) => format!("by `{}`", name.unwrap_or_default()),
                None => "by no property".to_owned(),
            };
        let said = match (name(&old), name(&new)) {
            (was, is) if was == is => format!("alternatives are told apart {is} as before, but by other values"),
            (was, is) => format!("alternatives were told apart {was} and are told apart {is}"),
        };
        let place = new.or(old).map(|node| At { side: node.side(), value: node.value, keys: vec!["discriminator"] });
        self.tell("discriminator-changed", Verdict::Compatible, place, None, said, None);
    }

    fn step(&mut self, step: Step, sender: &All<'a>, receiver: &All<'a>) {
        let path = self.path.iter().cloned().chain([step]).collect();
        self.part(path, sender.clone(), receiver.clone());
    }

    fn part(&mut self, path: Vec<Step>, sender: All<'a>, receiver: All<'a>) {
        self.meet(path, sender.clone(), receiver.clone());
        self.parts.push((sender, receiver));
    }

    fn new_is_receiver(&self) -> bool {
        self.receiver.first().is_some_and(|node| node.side() == Side::New)
    }

    fn place(&self, flat: &Flat<'a>, keys: &[&'static str]) -> Option<At<'a>> {
        flat.place(keys)
    }

    /// In the new document if it says something there, else in the old one.
    fn place_of(&self, change: &Narrowing<'_, 'a>, one: &Flat<'a>, other: &Flat<'a>) -> Option<At<'a>> {
        let is_new = |flat: &Flat<'a>| flat.nodes.first().is_some_and(|node| node.side() == Side::New);
        let (new, old) = if is_new(one) { (one, other) } else { (other, one) };
        if let Some(name) = change.name {
            return self
                .property_place(new, name)
                .or_else(|| self.property_place(old, name))
                .or_else(|| self.place(new, &[]));
        }
        let has =
            |flat: &Flat<'a>| flat.nodes.iter().any(|node| change.keys.iter().any(|key| node.value.get(key).is_some()));
        let flat = if has(new) || !has(old) { new } else { old };
        self.place(flat, change.keys).or_else(|| self.place(old, change.keys))
    }

    fn property_place(&self, flat: &Flat<'a>, name: &str) -> Option<At<'a>> {
        let part = flat.properties.iter().find(|part| part.named.is_some_and(|named| named.contains_key(name)))?;
        let (named, _) = part.named?.get_key_value(name)?;
        Some(At { side: part.node.side(), value: part.node.value, keys: vec!["properties", named] })
    }
}

/// Where a path leads in the value; in general, entries are not counted.
fn pointer(path: &[Step], general: bool) -> String {
    let mut pointer = String::new();
    for step in path {
        pointer.push('/');
        match step {
            Step::Any(_) | Step::Item(_) if general => pointer.push('*'),
            Step::Property(name) | Step::Any(name) => pointer.push_str(&escaped(name)),
            Step::Item(index) => pointer.push_str(&index.to_string()),
        }
    }
    pointer
}

fn oriented(change: &Narrowing<'_, '_>, receiver_is_new: bool) -> (&'static str, String) {
    if receiver_is_new { (change.rules.0, change.said.0.clone()) } else { (change.rules.1, change.said.1.clone()) }
}
