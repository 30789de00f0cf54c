//! Values for schemas: small ones that a sender may send, and such that a receiver may well refuse.
//!
//! Nothing here decides anything. Every value is held against both schemas by the validator before it counts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::flat::{Flat, Types, whole_bound};
use super::keywords;
use super::node::All;
use super::number::{self, float, number};
use super::proof::is_closed;
use super::text::{of_pattern, texts};
use super::union::{exact, union};

/// How deep values go, and how many are made of one schema.
const DEEPEST: usize = 10;
const MOST: usize = 6;

/// One step from a value into its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Property(String),
    /// A property that stands for all that are not declared.
    Any(String),
    Item(usize),
}

/// A value as it can also be read where everything is text: `5` and `"5"`.
pub fn rewritten(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => {
            serde_json::from_str(text).ok().filter(|value: &Value| value.is_number() || value.is_boolean())
        }
        Value::Number(_) | Value::Bool(_) => Some(Value::String(value.to_string())),
        _ => None,
    }
}

/// Values that satisfy the first, and the second too where that can be.
pub fn samples<'a>(sender: &All<'a>, receiver: &All<'a>, depth: usize) -> Vec<Value> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let mut all = Vec::new();
    let both: All<'a> = sender.iter().chain(receiver).cloned().collect();
    for (schema, most) in [(&both, MOST), (sender, MOST + 4)] {
        for flat in union(schema).alternatives.iter().take(MOST) {
            for value in of_flat(flat, depth) {
                if all.len() < most && !all.contains(&value) {
                    all.push(value);
                }
            }
        }
        if receiver.is_empty() {
            break;
        }
    }
    all
}

/// Values of one conjunction, the plainest first.
pub fn of_flat(flat: &Flat<'_>, depth: usize) -> Vec<Value> {
    if let Some(values) = &flat.values {
        return values.iter().take(MOST).map(|value| (*value).clone()).collect();
    }
    let mut all = Vec::new();
    for one in Types::EACH.into_iter().filter(|one| flat.types.has(*one)) {
        match one {
            Types::STRING => all.extend(texts(flat).into_iter().take(4).map(Value::String)),
            Types::WHOLE => all.extend(wholes(flat)),
            Types::FRACTION => all.extend(fractions(flat)),
            Types::BOOLEAN => all.extend([Value::Bool(false), Value::Bool(true)]),
            Types::OBJECT => all.extend(object(flat, None, depth).map(Value::Object)),
            Types::ARRAY => all.extend(list(flat, flat.min_items, depth)),
            _ => all.push(Value::Null),
        }
    }
    all.extend(flat.examples.iter().take(2).map(|value| (*value).clone()));
    all
}

fn wholes(flat: &Flat<'_>) -> Vec<Value> {
    let low = flat.low.as_ref().map(|low| whole_bound(low, true));
    let high = flat.high.as_ref().map(|high| whole_bound(high, false));
    let mut all: Vec<Value> = Vec::new();
    if let Some(step) = flat.multiples.iter().copied().reduce(common) {
        let from = low.as_ref().map_or(0.0, |low| (float(low) / step).ceil() * step);
        let from = high.as_ref().map_or(from, |high| {
            if low.is_none() && float(high) < 0.0 { (float(high) / step).floor() * step } else { from }
        });
        for factor in [0.0, 1.0, 2.0, 3.0, 7.0, 11.0] {
            all.extend(number(from + factor * step).filter(|value| float(value).fract() == 0.0).map(Value::Number));
        }
        return all;
    }
    let inside = |value: &serde_json::Number| {
        low.as_ref().is_none_or(|low| number::order(value, low).is_ge())
            && high.as_ref().is_none_or(|high| number::order(value, high).is_le())
    };
    for value in [0, 1].map(serde_json::Number::from) {
        if inside(&value) {
            all.push(Value::Number(value));
        }
    }
    all.extend([low, high].into_iter().flatten().map(Value::Number));
    all
}

fn common(left: f64, right: f64) -> f64 {
    // The least common multiple, where both are whole; otherwise a guess that the validator judges.
    if left.fract() != 0.0 || right.fract() != 0.0 || left.abs() > 1e9 || right.abs() > 1e9 {
        return left.max(right);
    }
    let (mut a, mut b) = (left as i64, right as i64);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    left / (a as f64) * right
}

fn fractions(flat: &Flat<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(step) = flat.multiples.first() {
        let from = flat.low.as_ref().map_or(0.0, |low| (float(&low.limit) / step).ceil() * step);
        all.extend([from + step, from + 3.0 * step, from]);
    } else {
        let (low, high) =
            (flat.low.as_ref().map(|low| float(&low.limit)), flat.high.as_ref().map(|high| float(&high.limit)));
        match (low, high) {
            (Some(low), Some(high)) => {
                all.extend([low.midpoint(high), low + (high - low) / 4.0, high - (high - low) / 1e3])
            }
            (Some(low), None) => all.extend([low + 0.5, low + 1.5]),
            (None, Some(high)) => all.extend([high - 0.5, high - 1.5]),
            (None, None) => all.extend([0.5, 1.5]),
        }
    }
    all.into_iter().filter_map(number).map(Value::Number).collect()
}

/// The smallest object, with what the other side requires too, if it is declared here.
pub fn object(flat: &Flat<'_>, other: Option<&Flat<'_>>, depth: usize) -> Option<Map<String, Value>> {
    if depth > DEEPEST {
        return None;
    }
    let mut map = Map::new();
    let mut wanted: BTreeSet<&str> = flat.required.clone();
    let declared = flat.declared();
    if let Some(other) = other {
        wanted.extend(other.required.iter().filter(|name| declared.contains(*name)));
    }
    for name in wanted {
        if let Some(value) = property(flat, other, name, depth) {
            map.insert(name.to_owned(), value);
        } else if flat.required.contains(name) {
            return None;
        }
    }
    let least = flat.min_properties.max(other.map_or(0, |other| other.min_properties)).min(1_000);
    fill(&mut map, flat, other, least, depth);
    // One property may demand others.
    for _ in 0..4 {
        let needed: Vec<&str> = flat
            .needs
            .iter()
            .filter(|(name, _)| map.contains_key(*name))
            .flat_map(|(_, needs)| needs.iter().copied())
            .filter(|name| !map.contains_key(*name))
            .collect();
        for name in needed {
            map.insert(name.to_owned(), property(flat, other, name, depth)?);
        }
    }
    Some(map)
}

/// Adds properties until there are so many.
pub fn fill(map: &mut Map<String, Value>, flat: &Flat<'_>, other: Option<&Flat<'_>>, count: u64, depth: usize) {
    for name in flat.declared() {
        if map.len() as u64 >= count {
            return;
        }
        if !map.contains_key(name)
            && let Some(value) = property(flat, other, name, depth)
        {
            map.insert(name.to_owned(), value);
        }
    }
    let mut number = 0;
    while (map.len() as u64) < count && number < 1_100 {
        let Some(name) = fresh(flat, other, number) else { return };
        number += 1;
        if map.contains_key(&name) {
            continue;
        }
        let Some(value) = property(flat, other, &name, depth) else { return };
        map.insert(name, value);
    }
}

fn property(flat: &Flat<'_>, other: Option<&Flat<'_>>, name: &str, depth: usize) -> Option<Value> {
    let wanted = other.map(|other| other.property(name)).unwrap_or_default();
    samples(&flat.property(name), &wanted, depth + 1).into_iter().next()
}

/// A name that neither side declares, and both accept as a name if that can be.
pub fn fresh(flat: &Flat<'_>, other: Option<&Flat<'_>>, number: usize) -> Option<String> {
    if is_closed(flat) && flat.declared_patterns().is_empty() {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for node in &flat.names {
        names.extend(
            samples(&vec![node.clone()], &Vec::new(), 0).iter().filter_map(|name| name.as_str().map(str::to_owned)),
        );
    }
    if is_closed(flat) {
        names.extend(flat.declared_patterns().into_iter().flat_map(|pattern| of_pattern(pattern, 1, None)));
    } else {
        names.extend(["other", "more", "extra", "x", "x-other", "_0"].map(str::to_owned));
        if number > 0 {
            names.push(format!("other{number}"));
        }
    }
    let known = |name: &str| flat.declared().contains(name) || other.is_some_and(|other| other.declares(name));
    let fits = |name: &str| {
        flat.names.iter().all(|node| super::confirm::accepts(&vec![node.clone()], &Value::from(name)) == Some(true))
    };
    let mut names = names.into_iter().filter(|name| !known(name) && fits(name));
    names
        .nth(number)
        .or_else(|| (number > 0 && !is_closed(flat)).then(|| format!("other{number}")).filter(|name| fits(name)))
}

/// A list of so many entries; different ones if they must be.
pub fn list(flat: &Flat<'_>, count: u64, depth: usize) -> Option<Value> {
    const LONGEST: u64 = 2_000;
    if count > LONGEST || depth > DEEPEST {
        return None;
    }
    let mut items: Vec<Value> = Vec::new();
    let count = if flat.contains.is_empty() { count } else { count.max(1) };
    for index in 0..count as usize {
        let mut wanted = flat.item(index);
        if index == 0 {
            wanted.extend(flat.contains.iter().cloned());
        }
        let mut choices = samples(&wanted, &Vec::new(), depth + 1);
        if flat.unique {
            choices.extend(choices.clone().iter().flat_map(|value| numbered(value, index)));
            choices.retain(|value| !items.contains(value));
        }
        items.push(choices.into_iter().next()?);
    }
    Some(Value::Array(items))
}

/// Values like this one, told apart by a number.
fn numbered(value: &Value, index: usize) -> Vec<Value> {
    match value {
        Value::String(text) => vec![Value::String(format!("{text}{index}")), Value::String("a".repeat(index + 1))],
        Value::Number(value) => number(float(value) + index as f64).map(Value::Number).into_iter().collect(),
        Value::Object(map) => {
            let (Some((key, value)), map) = (map.iter().next(), map) else { return Vec::new() };
            let changed = numbered(value, index).into_iter().map(|value| {
                let mut map = map.clone();
                map.insert(key.clone(), value);
                Value::Object(map)
            });
            changed.collect()
        }
        _ => Vec::new(),
    }
}

/// Values of the sender with these parts at the end of a path.
pub fn around<'a>(sender: &All<'a>, receiver: &All<'a>, path: &[Step], inner: &[Value], depth: usize) -> Vec<Value> {
    let Some((step, rest)) = path.split_first() else { return inner.to_vec() };
    let mut all = Vec::new();
    if depth > 3 * DEEPEST {
        return all;
    }
    let others = union(receiver).alternatives;
    for flat in union(sender).alternatives.iter().take(24) {
        let (name, index) = match step {
            Step::Property(name) | Step::Any(name) if flat.types.has(Types::OBJECT) => (Some(name), 0),
            Step::Item(index) if flat.types.has(Types::ARRAY) => (None, *index),
            _ => continue,
        };
        // The alternative of the other side that is likest: the one that knows the most of the same names.
        let other = others.iter().max_by_key(|other| other.required.intersection(&flat.required).count());
        let (mine, theirs) = match name {
            Some(name) => (flat.property(name), other.map(|other| other.property(name)).unwrap_or_default()),
            None => (flat.item(index), other.map(|other| other.item(index)).unwrap_or_default()),
        };
        for value in around(&mine, &theirs, rest, inner, depth + 1) {
            let whole = match name {
                Some(name) => object(flat, other, 0).map(|mut map| {
                    map.insert(name.clone(), value);
                    Value::Object(map)
                }),
                None => list(flat, flat.min_items.max(index as u64 + 1), 0)
                    .or_else(|| Some(Value::Array(Vec::new())))
                    .map(|list| {
                        let Value::Array(mut items) = list else { return list };
                        if let Some(item) = items.get_mut(index) {
                            *item = value;
                        } else if items.len() == index {
                            items.push(value);
                        }
                        Value::Array(items)
                    }),
            };
            all.extend(whole);
        }
        if all.len() > 60 {
            break;
        }
    }
    all
}

/// Values that a sender may send and the receiver may well refuse.
pub fn against<'a>(sender: &All<'a>, receiver: &All<'a>, depth: usize) -> Vec<Value> {
    const ENOUGH: usize = 120;
    if depth > 6 {
        return Vec::new();
    }
    let mut all: Vec<Value> = Vec::new();
    let (senders, receivers) = (union(sender), exact(receiver));
    for flat in senders.alternatives.iter().take(24) {
        for other in receivers.alternatives.iter().take(24) {
            for change in keywords::narrowed(flat, other) {
                all.extend(change.values());
            }
            parts(flat, other, depth, &mut all);
            if all.len() > ENOUGH {
                break;
            }
        }
        all.extend(of_flat(flat, depth));
    }
    // Two branches at once, where only one is allowed.
    let chosen = Flat::of(receiver);
    for branches in &chosen.one {
        for (number, left) in branches.iter().enumerate().take(6) {
            for right in branches.iter().skip(number + 1).take(6) {
                let both: All<'a> = sender.iter().chain([left, right]).cloned().collect();
                all.extend(union(&both).alternatives.iter().take(2).flat_map(|flat| of_flat(flat, depth + 1)));
            }
        }
    }
    // And what the receiver excludes.
    for node in &chosen.nots {
        let both: All<'a> = sender.iter().chain([node]).cloned().collect();
        all.extend(union(&both).alternatives.iter().take(4).flat_map(|flat| of_flat(flat, depth + 1)));
    }
    all.truncate(2 * ENOUGH);
    all
}

/// The same for properties and entries, each in the smallest whole.
fn parts<'a>(flat: &Flat<'a>, other: &Flat<'a>, depth: usize, all: &mut Vec<Value>) {
    const EACH: usize = 12;
    if flat.types.has(Types::OBJECT) && (!flat.properties.is_empty() || !other.properties.is_empty()) {
        let mut names: Vec<String> = flat.declared().into_iter().map(str::to_owned).collect();
        names.extend(fresh(flat, Some(other), 0));
        for name in names.iter().take(60) {
            let inner = against(&flat.property(name), &other.property(name), depth + 1);
            for value in inner.into_iter().take(EACH) {
                if let Some(mut map) = object(flat, Some(other), depth) {
                    map.insert(name.clone(), value);
                    all.push(Value::Object(map));
                }
            }
        }
    }
    if flat.types.has(Types::ARRAY) && (!flat.entries.is_empty() || !other.entries.is_empty()) {
        for index in 0..=flat.tuple().max(other.tuple()).min(8) {
            for value in against(&flat.item(index), &other.item(index), depth + 1).into_iter().take(EACH) {
                if let Some(Value::Array(mut items)) = list(flat, flat.min_items.max(index as u64 + 1), depth)
                    && let Some(item) = items.get_mut(index)
                {
                    *item = value;
                    all.push(Value::Array(items));
                }
            }
        }
    }
}
