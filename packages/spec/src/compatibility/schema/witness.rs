//! Values for schemas: small ones that a sender may send.
//!
//! Nothing here decides anything. Every value is held against both schemas by the validator before it counts.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::flat::{Flat, Types, whole_bound};
use super::node::All;
use super::number::{self, float, number};
use super::proof::is_closed;
use super::text::{of_pattern, texts};
use super::union::union;

/// How deep values go, and how many are made of one schema.
pub const DEEPEST: usize = 10;
const MOST: usize = 6;

thread_local! {
    static EFFORT: Cell<usize> = const { Cell::new(0) };
}

/// Makes values with a bound on how much is tried: schemas may branch without end.
pub fn begin_effort<T>(work: impl FnOnce() -> T) -> T {
    const MOST_SCHEMAS: usize = 1_500;
    EFFORT.set(MOST_SCHEMAS);
    work()
}

/// Takes one from the effort that is left.
pub fn spend() -> bool {
    EFFORT.set(EFFORT.get().saturating_sub(1));
    EFFORT.get() > 0
}

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
    if depth > DEEPEST || !spend() {
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
    let mine = flat.property(name);
    let both: All<'_> = mine.iter().cloned().chain(other.into_iter().flat_map(|other| other.property(name))).collect();
    first(&both, depth + 1).or_else(|| first(&mine, depth + 1))
}

/// The plainest value of a schema.
fn first(all: &All<'_>, depth: usize) -> Option<Value> {
    if depth > DEEPEST || !spend() {
        return None;
    }
    union(all).alternatives.iter().find_map(|flat| {
        if flat.values.is_some() || !flat.types.within(Types::OBJECT) {
            return of_flat(flat, depth).into_iter().next();
        }
        object(flat, None, depth).map(Value::Object)
    })
}

/// A name that neither side declares, and both accept as a name if that can be.
pub fn fresh(flat: &Flat<'_>, other: Option<&Flat<'_>>, number: usize) -> Option<String> {
    if is_closed(flat) && flat.declared_patterns().is_empty() {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for node in &flat.names {
        names.extend(samples(&vec![*node], &Vec::new(), 0).iter().filter_map(|name| name.as_str().map(str::to_owned)));
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
        flat.names.iter().all(|node| super::confirm::accepts(&vec![*node], &Value::from(name)) == Some(true))
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
