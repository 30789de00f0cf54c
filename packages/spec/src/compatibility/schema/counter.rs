//! Values that a sender may send and a receiver may well refuse: parts in the smallest whole, and what is excluded.

use serde_json::Value;

use super::flat::{Flat, Types};
use super::keywords;
use super::node::All;
use super::union::{exact, union};
use super::witness::{DEEPEST, Step, fresh, list, object, of_flat, spend};

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
    if depth > 4 || !spend() {
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
