//! Schemas as a choice: `anyOf`, `oneOf` and conditions spread out, so that each alternative is one conjunction.

use super::flat::{Flat, Types, equal};
use super::node::{All, Node};

/// The most alternatives that are looked at.
const MOST: usize = 256;

/// The alternatives of a schema.
#[derive(Clone)]
pub struct Union<'a> {
    pub alternatives: Vec<Flat<'a>>,
    /// Whether an alternative may accept what the schema refuses (a `oneOf` whose branches may meet).
    pub loose: bool,
}

/// Spreads schemas out, for a sender: perhaps an alternative says more than the schema accepts.
pub fn union<'a>(all: &All<'a>) -> Union<'a> {
    spread_out(all, false)
}

/// Spreads schemas out, for a receiver: whether alternatives may meet matters.
pub fn exact<'a>(all: &All<'a>) -> Union<'a> {
    spread_out(all, true)
}

fn spread_out<'a>(all: &All<'a>, exact: bool) -> Union<'a> {
    let mut open = vec![Flat::of(all)];
    let mut alternatives = Vec::new();
    let mut loose = false;
    while let Some(mut flat) = open.pop() {
        if flat.is_impossible() {
            continue;
        }
        if open.len() + alternatives.len() > MOST {
            // Too many: the rest of the choice is not understood.
            flat.opaque = true;
            alternatives.push(flat);
            continue;
        }
        if let Some(branches) = flat.any.pop() {
            open.extend(branches.iter().rev().map(|branch| with(&flat, branch)));
        } else if let Some(branches) = flat.one.pop() {
            loose |= exact && !apart(&flat, &branches);
            open.extend(branches.iter().rev().map(|branch| with(&flat, branch)));
        } else if let Some(condition) = flat.conditions.pop() {
            let mut met = with(&flat, &condition.test);
            if let Some(then) = &condition.then {
                met.take(then);
            }
            let mut unmet = flat;
            unmet.nots.push(condition.test);
            if let Some(otherwise) = &condition.otherwise {
                unmet.take(otherwise);
            }
            open.push(unmet);
            open.push(met);
        } else {
            alternatives.push(flat);
        }
    }
    Union { alternatives: folded(alternatives), loose }
}

fn with<'a>(flat: &Flat<'a>, branch: &Node<'a>) -> Flat<'a> {
    let mut flat = flat.clone();
    flat.take(branch);
    flat
}

/// Whether no value satisfies two of these branches.
fn apart(around: &Flat<'_>, branches: &[Node<'_>]) -> bool {
    let each: Vec<Vec<Flat<'_>>> = branches
        .iter()
        .map(|branch| {
            let mut flat = around.clone();
            (flat.any, flat.one, flat.conditions) = Default::default();
            flat.take(branch);
            flat.one.iter().flatten().next().is_none().then(|| spread(flat)).unwrap_or_default()
        })
        .collect();
    each.iter().enumerate().all(|(number, left)| {
        !left.is_empty()
            && each[number + 1..]
                .iter()
                .all(|right| left.iter().all(|left| right.iter().all(|right| disjoint(left, right, 3))))
    })
}

/// The alternatives of `anyOf` alone, a few.
fn spread(flat: Flat<'_>) -> Vec<Flat<'_>> {
    let mut open = vec![flat];
    let mut done = Vec::new();
    while let Some(mut flat) = open.pop() {
        match flat.any.pop() {
            Some(branches) if open.len() + done.len() < MOST => {
                open.extend(branches.iter().map(|branch| with(&flat, branch)));
            }
            _ => done.push(flat),
        }
    }
    done
}

/// Whether it is certain that no value satisfies both.
pub fn disjoint(left: &Flat<'_>, right: &Flat<'_>, depth: usize) -> bool {
    let types = left.types.and(right.types);
    if types.is_empty() || left.is_impossible() || right.is_impossible() {
        return true;
    }
    if let (Some(lefts), Some(rights)) = (&left.values, &right.values) {
        return !lefts.iter().any(|left| rights.iter().any(|right| equal(left, right)));
    }
    let beyond = |low: &Option<super::number::Bound>, high: &Option<super::number::Bound>| match (low, high) {
        (Some(low), Some(high)) => match super::number::order(&low.limit, &high.limit) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => low.exclusive || high.exclusive,
            std::cmp::Ordering::Less => false,
        },
        _ => false,
    };
    if types.within(Types::NUMBER) {
        return beyond(&left.low, &right.high) || beyond(&right.low, &left.high);
    }
    if types == Types::STRING {
        return left.max_length.is_some_and(|most| most < right.min_length)
            || right.max_length.is_some_and(|most| most < left.min_length);
    }
    if types == Types::ARRAY {
        return left.max_items.is_some_and(|most| most < right.min_items)
            || right.max_items.is_some_and(|most| most < left.min_items);
    }
    if types != Types::OBJECT || depth == 0 {
        return false;
    }
    // A property that one side requires and the other cannot have in that way.
    left.required.union(&right.required).any(|name| {
        let (lefts, rights) = (union(&left.property(name)).alternatives, union(&right.property(name)).alternatives);
        lefts.iter().all(|left| rights.iter().all(|right| disjoint(left, right, depth - 1)))
    })
}

/// Alternatives that differ only in a plain type or in listed values become one, as `type: [string, null]` is.
fn folded(mut alternatives: Vec<Flat<'_>>) -> Vec<Flat<'_>> {
    let mut kept: Vec<Flat<'_>> = Vec::with_capacity(alternatives.len());
    // Plain types last, so that they find somebody to join.
    alternatives.sort_by_key(says_only_types);
    for flat in alternatives {
        let listed = |flat: &Flat<'_>| flat.values.is_some() && says_only_values(flat);
        if says_only_types(&flat)
            && let Some(other) = kept.iter_mut().find(|other| {
                !other.types.has(flat.types)
                    && other.values.is_none()
                    && other.nots.is_empty()
                    && !other.opaque
                    && silent_on(other, flat.types)
            })
        {
            other.types = other.types.or(flat.types);
            other.nodes.extend(flat.nodes);
        } else if listed(&flat)
            && let Some(other) = kept.iter_mut().find(|other| listed(other))
        {
            let more = flat.values.into_iter().flatten();
            let values = other.values.get_or_insert_default();
            for value in more {
                if !values.iter().any(|known| equal(known, value)) {
                    values.push(value);
                }
            }
            other.types = other.types.or(flat.types);
            other.nodes.extend(flat.nodes);
        } else {
            kept.push(flat);
        }
    }
    kept
}

fn says_only_types(flat: &Flat<'_>) -> bool {
    flat.values.is_none() && says_only_values(flat)
}

/// Nothing about values of its types, besides which are listed.
fn says_only_values(flat: &Flat<'_>) -> bool {
    !flat.opaque && flat.nots.is_empty() && silent_on(flat, flat.types)
}

/// Whether no keyword restricts values of these types, besides listing them.
pub fn silent_on(flat: &Flat<'_>, types: Types) -> bool {
    let numbers = flat.low.is_none() && flat.high.is_none() && flat.multiples.is_empty();
    let texts =
        flat.min_length == 0 && flat.max_length.is_none() && flat.patterns.is_empty() && flat.formats.is_empty();
    let lists = flat.min_items == 0
        && flat.max_items.is_none()
        && !flat.unique
        && flat.entries.is_empty()
        && flat.contains.is_empty();
    let objects = flat.properties.is_empty()
        && flat.names.is_empty()
        && flat.required.is_empty()
        && flat.needs.is_empty()
        && flat.min_properties == 0
        && flat.max_properties.is_none();
    (numbers || !types.has(Types::NUMBER))
        && (texts || !types.has(Types::STRING))
        && (lists || !types.has(Types::ARRAY))
        && (objects || !types.has(Types::OBJECT))
}
