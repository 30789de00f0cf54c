//! What changed between two schemas, keyword by keyword and alternative by alternative, each change with its verdict.

use serde_json::Value;

use super::flat::{Flat, Types};
use super::keywords::{Narrowing, narrowed};
use super::node::{All, At};
use super::text::of_pattern;
use super::union::{Union, union};
use super::witness::{Step, against, around, fresh, of_flat, rewritten};
use super::{Engine, Found, algebra, confirm, proof};
use crate::compatibility::report::{Side, Verdict, Witness};
use crate::compatibility::rules::rule;
use crate::compatibility::sides::{Form, escaped};

pub fn explain<'a>(engine: &mut Engine<'a>, sender: All<'a>, receiver: All<'a>, form: Form) -> Vec<Found> {
    let mut walk = Walk { engine, sender, receiver, form, path: Vec::new(), open: Vec::new(), found: Vec::new() };
    let (sender, receiver) = (walk.sender.clone(), walk.receiver.clone());
    walk.pair(&sender, &receiver);
    walk.found
}

struct Walk<'e, 'a> {
    engine: &'e mut Engine<'a>,
    sender: All<'a>,
    receiver: All<'a>,
    form: Form,
    path: Vec<Step>,
    open: Vec<proof::Key>,
    found: Vec<Found>,
}

/// How often a pair of schemas is walked again because its changes could not be shown from where it stood.
const MOST_VISITS: usize = 3;

/// The most values that are held against both schemas for one change.
const MOST_TRIES: usize = 60;

impl<'a> Walk<'_, 'a> {
    /// Tells what changed here and below. True if it is told why the receiver may refuse something, or if it does not.
    fn pair(&mut self, sender: &All<'a>, receiver: &All<'a>) -> bool {
        if self.engine.all_same(sender, receiver) && self.engine.all_same(receiver, sender) {
            return true;
        }
        let key = proof::key(sender, receiver, self.form);
        if self.open.contains(&key) || self.path.len() > 40 {
            return true;
        }
        let visits = self.engine.explained.get(&key).copied().unwrap_or(0);
        if visits >= MOST_VISITS {
            return true;
        }
        let forward = self.engine.included(sender, receiver, self.form);
        let backward = self.engine.included(receiver, sender, self.form);
        self.open.push(key.clone());
        let start = self.found.len();
        let (senders, receivers) = (union(sender), union(receiver));
        let told = self.alternatives(&senders, &receivers, forward, backward);
        let mut told = told || self.found[start..].iter().any(|found| found.verdict == Verdict::Breaking);
        if !forward && !told {
            self.whole(sender, receiver, start);
            told = true;
        }
        self.open.pop();
        // What was shown once is not told again for every operation that meets it; what was not, may be shown elsewhere.
        let shown = !self.found[start..].iter().any(|found| found.verdict == Verdict::Unproven);
        self.engine.explained.insert(key, if shown { MOST_VISITS } else { visits + 1 });
        told
    }

    fn alternatives(&mut self, senders: &Union<'a>, receivers: &Union<'a>, forward: bool, backward: bool) -> bool {
        if let ([sender], [receiver]) = (senders.alternatives.as_slice(), receivers.alternatives.as_slice()) {
            return self.flats(sender, receiver, forward, backward);
        }
        let (pairs, lost, gained) = paired(&senders.alternatives, &receivers.alternatives);
        let mut told = false;
        for (sender, receiver) in pairs {
            told |= self.flats(sender, receiver, forward, backward);
        }
        let new_is_receiver = self.new_is_receiver();
        for flat in lost.into_iter().filter(|_| !forward) {
            let rules = ("alternative-removed", "alternative-added");
            let id = if new_is_receiver { rules.0 } else { rules.1 };
            let values = of_flat(flat, 0);
            let what = named(flat);
            let said = if new_is_receiver { format!("{what} went away") } else { format!("{what} was added") };
            told |= self.narrow(id, said, self.place(flat, &[]), None, &values);
        }
        for flat in gained.into_iter().filter(|_| forward && !backward) {
            let id = if new_is_receiver { "alternative-added" } else { "alternative-removed" };
            let what = named(flat);
            let said = if new_is_receiver { format!("{what} was added") } else { format!("{what} went away") };
            let place = self.place(flat, &[]);
            self.tell(id, Verdict::Compatible, place, None, said, None);
        }
        told
    }

    /// Two conjunctions: their keywords, then their parts.
    fn flats(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>, forward: bool, backward: bool) -> bool {
        let new_is_receiver = self.new_is_receiver();
        let mut told = false;
        for change in narrowed(sender, receiver) {
            let (id, said) = oriented(&change, new_is_receiver);
            let place = self.place_of(&change, sender, receiver);
            if change.harmless {
                let required = sender.required.contains(change.name.unwrap_or_default());
                if !required {
                    self.tell(id, Verdict::Compatible, place, change.name, said, None);
                }
            } else if !forward {
                told |= self.narrow(id, said, place, change.name.filter(|_| change.at_property), &change.values());
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
        self.parts(sender, receiver) || told
    }

    fn parts(&mut self, sender: &Flat<'a>, receiver: &Flat<'a>) -> bool {
        let mut told = false;
        let types = sender.types.and(receiver.types);
        if types.has(Types::OBJECT) {
            for name in sender.declared().union(&receiver.declared()).copied() {
                let by_chance = !sender.declares(name) && sender.others().is_empty();
                let known = sender.declares(name) && receiver.declares(name);
                let refused =
                    |flat: &Flat<'a>| flat.property(name).iter().any(|node| node.value == &Value::Bool(false));
                if by_chance || !known && (refused(sender) || refused(receiver)) {
                    continue;
                }
                self.hidden(sender, receiver, name);
                told |= self.step(Step::Property(name.to_owned()), &sender.property(name), &receiver.property(name));
            }
            for pattern in sender.declared_patterns().union(&receiver.declared_patterns()).copied() {
                if let Some(name) = of_pattern(pattern, 1, None).into_iter().next() {
                    told |= self.step(Step::Any(name.clone()), &sender.property(&name), &receiver.property(&name));
                }
            }
            let (others, wanted) = (sender.others(), receiver.others());
            let closed = |all: &All<'a>| all.iter().any(|node| node.value == &Value::Bool(false));
            if !(closed(&others) || closed(&wanted))
                && let Some(name) = fresh(sender, Some(receiver), 0)
            {
                told |= self.step(Step::Any(name), &others, &wanted);
            }
        }
        if types.has(Types::ARRAY) {
            for index in 0..=sender.tuple().max(receiver.tuple()) {
                told |= self.step(Step::Item(index), &sender.item(index), &receiver.item(index));
            }
        }
        told
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

    fn step(&mut self, step: Step, sender: &All<'a>, receiver: &All<'a>) -> bool {
        self.path.push(step);
        let told = self.pair(sender, receiver);
        self.path.pop();
        told && !self.found.is_empty()
    }

    /// A change by which the receiver may refuse: it breaks if a value shows it. True if it does.
    fn narrow(
        &mut self,
        id: &'static str,
        said: String,
        place: Option<(Side, At)>,
        name: Option<&str>,
        values: &[Value],
    ) -> bool {
        let witness = self.witness(values);
        let verdict = if witness.is_some() { Verdict::Breaking } else { Verdict::Unproven };
        self.tell(id, verdict, place, name, said, witness);
        verdict == Verdict::Breaking
    }

    /// Keywords told nothing that shows: the schemas as a whole.
    fn whole(&mut self, sender: &All<'a>, receiver: &All<'a>, start: usize) {
        let new_is_receiver = self.new_is_receiver();
        let new = if new_is_receiver { receiver } else { sender };
        let place = new.first().or(sender.first()).map(|node| (node.side, node.at.clone()));
        if let Some(witness) = self.witness(&against(sender, receiver, 0)) {
            forget_unproven(&mut self.found, start);
            let (id, said) = if new_is_receiver {
                ("schema-tightened", "the schema accepts less than before")
            } else {
                ("schema-loosened", "the schema accepts more than before")
            };
            self.tell(id, Verdict::Breaking, place, None, said.to_owned(), Some(witness));
            return;
        }
        let contained = self.form == Form::Json && algebra::contains(receiver, sender);
        if contained {
            // Nothing is refused after all; what seemed to narrow does not.
            forget_unproven(&mut self.found, start);
        } else if self.found.len() == start
            || self.found[start..].iter().all(|found| found.verdict == Verdict::Compatible)
        {
            let said = "neither a proof nor a counter-example was found".to_owned();
            self.tell("schema-undecided", Verdict::Unproven, place, None, said, None);
        }
    }

    /// The first value that both sides confirm: one accepts it, the other refuses it for what stands here.
    fn witness(&mut self, inner: &[Value]) -> Option<Witness> {
        let (sender, receiver) = (self.sender.clone(), self.receiver.clone());
        let at = self.pointer(false);
        let mut tried: Vec<Value> = Vec::new();
        for value in around(&sender, &receiver, &self.path.clone(), inner, 0) {
            if tried.len() >= MOST_TRIES {
                break;
            }
            if tried.contains(&value) || self.engine.effort == 0 {
                continue;
            }
            self.engine.effort -= 1;
            let refused = confirm::refuses(&receiver, &value, &at);
            if let Some(why) = refused
                && confirm::accepts(&sender, &value) == Some(true)
                && (self.form == Form::Json || !self.is_accepted_as_text(&receiver, &value))
            {
                let (accepted_by, refused_by) = (sender[0].side, receiver[0].side);
                return Some(Witness { value, at, accepted_by, refused_by, why });
            }
            tried.push(value);
        }
        None
    }

    /// On the wire of a parameter, `5` and `"5"` are one.
    fn is_accepted_as_text(&self, receiver: &All<'a>, value: &Value) -> bool {
        let again = match value {
            Value::Array(items) => {
                Some(Value::Array(items.iter().map(|item| rewritten(item).unwrap_or_else(|| item.clone())).collect()))
            }
            value => rewritten(value),
        };
        again.is_some_and(|again| confirm::accepts(receiver, &again) == Some(true))
    }

    fn tell(
        &mut self,
        id: &str,
        verdict: Verdict,
        place: Option<(Side, At)>,
        name: Option<&str>,
        said: String,
        witness: Option<Witness>,
    ) {
        let (side, pointer) = place.map_or((Side::New, String::new()), |(side, at)| (side, at.pointer()));
        let mut touches = self.pointer(true);
        if let Some(name) = name {
            touches.push('/');
            touches.push_str(&escaped(name));
        }
        let shown = self.pointer(true);
        let message = if shown.is_empty() { said } else { format!("{shown}: {said}") };
        self.found.push(Found { rule: rule(id), verdict, side, pointer, touches, message, witness });
    }

    /// Where the walk is in the value.
    fn pointer(&self, general: bool) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Any(_) | Step::Item(_) if general => pointer.push('*'),
                Step::Property(name) | Step::Any(name) => pointer.push_str(&escaped(name)),
                Step::Item(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn new_is_receiver(&self) -> bool {
        self.receiver.first().is_some_and(|node| node.side == Side::New)
    }

    fn place(&self, flat: &Flat<'a>, keys: &[&str]) -> Option<(Side, At)> {
        let side = flat.nodes.first()?.side;
        Some((side, flat.place(keys)?))
    }

    /// In the new document if it says something there, else in the old one.
    fn place_of(&self, change: &Narrowing<'_, 'a>, one: &Flat<'a>, other: &Flat<'a>) -> Option<(Side, At)> {
        let is_new = |flat: &Flat<'a>| flat.nodes.first().is_some_and(|node| node.side == Side::New);
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

    fn property_place(&self, flat: &Flat<'a>, name: &str) -> Option<(Side, At)> {
        let part = flat.properties.iter().find(|part| part.named.is_some_and(|named| named.contains_key(name)))?;
        Some((part.node.side, part.node.at.under("properties").under(name)))
    }
}

fn oriented(change: &Narrowing<'_, '_>, receiver_is_new: bool) -> (&'static str, String) {
    if receiver_is_new { (change.rules.0, change.said.0.clone()) } else { (change.rules.1, change.said.1.clone()) }
}

fn named(flat: &Flat<'_>) -> String {
    let reference = flat.nodes.iter().rev().find_map(|node| node.reference());
    match reference.and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => format!("the alternative `{name}`"),
        None => format!("an alternative ({})", flat.types.names()),
    }
}

type Paired<'f, 'a> = (Vec<(&'f Flat<'a>, &'f Flat<'a>)>, Vec<&'f Flat<'a>>, Vec<&'f Flat<'a>>);

/// Which alternatives are one another's successors: those that share a named schema, then a listed value, then a type.
fn paired<'f, 'a>(senders: &'f [Flat<'a>], receivers: &'f [Flat<'a>]) -> Paired<'f, 'a> {
    let mut left: Vec<&Flat<'a>> = senders.iter().collect();
    let mut right: Vec<&Flat<'a>> = receivers.iter().collect();
    let mut pairs = Vec::new();
    let references =
        |flat: &Flat<'a>| -> Vec<&'a str> { flat.nodes.iter().filter_map(|node| node.reference()).collect() };
    let same_name = |one: &Flat<'a>, other: &Flat<'a>| {
        let (one, other) = (references(one), references(other));
        !one.is_empty() && one.last() == other.last()
    };
    let same_tag = |one: &Flat<'a>, other: &Flat<'a>| {
        let shared = one.required.intersection(&other.required);
        shared.into_iter().any(|name| {
            let values = |flat: &Flat<'a>| Flat::of(&flat.property(name)).values;
            values(one).zip(values(other)).is_some_and(|(one, other)| one == other)
        })
    };
    let same_title = |one: &Flat<'a>, other: &Flat<'a>| {
        let title = |flat: &Flat<'a>| flat.nodes.iter().rev().find_map(|node| node.value.get("title")).cloned();
        title(one).is_some() && title(one) == title(other)
    };
    let same_types =
        |one: &Flat<'a>, other: &Flat<'a>| one.types == other.types && references(one) == references(other);
    let some_type = |one: &Flat<'a>, other: &Flat<'a>| {
        one.types.has(other.types)
            && references(one).is_empty() == references(other).is_empty()
            && references(one).is_empty()
    };
    let tests: [&dyn Fn(&Flat<'a>, &Flat<'a>) -> bool; 5] =
        [&same_name, &same_tag, &same_title, &same_types, &some_type];
    for test in tests {
        left.retain(|one| match right.iter().position(|other| test(one, other)) {
            Some(at) => {
                pairs.push((*one, right.remove(at)));
                false
            }
            None => true,
        });
    }
    (pairs, left, right)
}

/// Takes back what was not shown.
fn forget_unproven(found: &mut Vec<Found>, start: usize) {
    let mut index = 0;
    found.retain(|found| {
        index += 1;
        index <= start || found.verdict != Verdict::Unproven
    });
}
