//! Keyword by keyword: where one conjunction says more than another, and values that show it.

mod objects;

use std::cmp::Ordering;

use ahash::HashSet;
use serde_json::Value;

use super::flat::{Flat, Types, equal};
use super::number::{Bound, divides, float, number};
use super::witness::{fresh, list, object, of_flat, samples};
use super::{text, union};

/// A keyword by which the receiver accepts less than the sender may send.
pub struct Narrowing<'f, 'a> {
    /// The rule if the receiver is the new side, and if it is the old one.
    pub rules: (&'static str, &'static str),
    /// The same in sentences.
    pub said: (String, String),
    /// Where it stands: one of these keywords…
    pub keys: &'static [&'static str],
    /// …or the declaration of a property.
    pub name: Option<&'a str>,
    /// Whether it shows at the property, for who only reads; otherwise at the object.
    pub at_property: bool,
    /// Whether nothing is refused for it: only the declaration changed.
    pub harmless: bool,
    values: Box<dyn Fn() -> Vec<Value> + 'f>,
}

impl Narrowing<'_, '_> {
    /// Values that the sender may send and the receiver may refuse.
    pub fn values(&self) -> Vec<Value> {
        (self.values)()
    }
}

/// All of them.
pub fn narrowed<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>) -> Vec<Narrowing<'f, 'a>> {
    let mut all = Vec::new();
    kinds(sender, receiver, &mut all);
    let types = sender.types.and(receiver.types);
    if types.has(Types::NUMBER) {
        numbers(sender, receiver, &mut all);
    }
    if types.has(Types::STRING) {
        texts(sender, receiver, &mut all);
    }
    if types.has(Types::ARRAY) {
        lists(sender, receiver, &mut all);
    }
    if types.has(Types::OBJECT) {
        objects::narrowed(sender, receiver, &mut all);
    }
    if receiver.opaque || receiver.nots.len() > sender.nots.len() {
        let said = || "a value is judged by conditions that changed".to_owned();
        all.push(Narrowing {
            rules: ("condition-tightened", "condition-loosened"),
            said: (said(), said()),
            keys: &["not", "if", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"],
            name: None,
            at_property: false,
            harmless: false,
            values: Box::new(move || odd(sender, receiver)),
        });
    }
    all
}

fn bound<'f, 'a>(
    rules: (&'static str, &'static str),
    keys: &'static [&'static str],
    said: (String, String),
    values: impl Fn() -> Vec<Value> + 'f,
) -> Narrowing<'f, 'a> {
    let key = keys[0];
    let (sender, receiver) = said;
    let said = (format!("`{key}` was {sender} and is {receiver}"), format!("`{key}` was {receiver} and is {sender}"));
    Narrowing { rules, said, keys, name: None, at_property: false, harmless: false, values: Box::new(values) }
}

fn kinds<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>, all: &mut Vec<Narrowing<'f, 'a>>) {
    // Between two lists, the values tell it all.
    let listed_both = sender.values.is_some() && receiver.values.is_some();
    let lost = if listed_both { Types(0) } else { sender.types.without(receiver.types) };
    for (types, rules) in [
        (lost.without(Types::NULL), ("type-removed", "type-added")),
        (lost.and(Types::NULL), ("null-removed", "null-added")),
    ] {
        if types.is_empty() {
            continue;
        }
        let said = (sender.types.names(), receiver.types.names());
        let of_type = move || {
            let mut part = sender.clone();
            part.types = types;
            if let Some(values) = &mut part.values {
                values.retain(|value| Types::of(value).within(types));
            }
            of_flat(&part, 0)
        };
        all.push(bound(rules, &["type", "nullable", "enum", "const"], said, of_type));
    }
    let Some(wanted) = &receiver.values else { return };
    let (sent, accepted) = (sender.values.as_ref(), wanted.clone());
    let gone: Option<Vec<&Value>> = sent.map(|sent| {
        let known: HashSet<String> = wanted.iter().map(|value| written(value)).collect();
        let kept = |value: &&Value| {
            let part = value.is_array() || value.is_object();
            known.contains(&written(value)) || part && wanted.iter().any(|other| equal(value, other))
        };
        sent.iter().copied().filter(|value| !kept(value)).collect()
    });
    match gone {
        Some(gone) if gone.is_empty() => {}
        Some(gone) => {
            let names = listed(&gone);
            let said = (format!("{names} is no longer allowed"), format!("{names} is allowed"));
            let values = gone.into_iter().cloned().collect::<Vec<_>>();
            all.push(Narrowing {
                rules: ("enum-value-removed", "enum-value-added"),
                said,
                keys: &["enum", "const"],
                name: None,
                at_property: false,
                harmless: false,
                values: Box::new(move || values.clone()),
            });
        }
        None => {
            let names = listed(wanted);
            let said = (format!("only {names} is allowed"), format!("not only {names} is allowed"));
            let other = move || {
                let mut values = of_flat(sender, 0);
                if sender.types.has(Types::STRING) {
                    values.extend(text::odd_texts(sender).into_iter().map(Value::String));
                }
                values.extend([2, 3, 5, 7].map(Value::from).into_iter().filter(|_| sender.types.has(Types::WHOLE)));
                values.retain(|value| !accepted.iter().any(|known| equal(known, value)));
                values
            };
            all.push(Narrowing {
                rules: ("enum-added", "enum-removed"),
                said,
                keys: &["enum", "const"],
                name: None,
                at_property: false,
                harmless: false,
                values: Box::new(other),
            });
        }
    }
}

/// A value as a text that equal numbers share.
fn written(value: &Value) -> String {
    match value.as_f64().and_then(number) {
        Some(whole) if !value.is_u64() && !value.is_i64() => whole.to_string(),
        _ => value.to_string(),
    }
}

fn listed(values: &[&Value]) -> String {
    const MOST: usize = 5;
    let mut said: Vec<String> = values.iter().take(MOST).map(|value| format!("`{value}`")).collect();
    if values.len() > MOST {
        said.push(format!("{} more", values.len() - MOST));
    }
    said.join(", ")
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "not set".to_owned(), |value| value.to_string())
}

fn numbers<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>, all: &mut Vec<Narrowing<'f, 'a>>) {
    let said = |bound: &Option<Bound>| {
        or_none(bound.as_ref().map(|bound| {
            if bound.exclusive { format!("{} (exclusive)", bound.limit) } else { bound.limit.to_string() }
        }))
    };
    for (low, rules, keys) in [
        (true, ("minimum-tightened", "minimum-loosened"), &["minimum", "exclusiveMinimum", "format"]),
        (false, ("maximum-tightened", "maximum-loosened"), &["maximum", "exclusiveMaximum", "format"]),
    ] {
        let pick = |flat: &'f Flat<'a>| if low { &flat.low } else { &flat.high };
        let (given, wanted) = (pick(sender), pick(receiver));
        let stricter = if low { Ordering::Greater } else { Ordering::Less };
        let Some(limit) = wanted else { continue };
        if given.as_ref().is_some_and(|given| given.within(limit, stricter)) {
            continue;
        }
        let beyond = move || {
            // The sender's numbers on the wrong side of the limit.
            let mut part = sender.clone();
            part.types = part.types.and(Types::NUMBER);
            let edge = Bound { limit: limit.limit.clone(), exclusive: !limit.exclusive };
            if low {
                part.high = Some(edge);
            } else {
                part.low = Some(edge);
            }
            let mut values = Vec::new();
            if let Some(whole) = limit.limit.as_i128() {
                let beyond = whole + if low { -1 } else { 1 };
                let beyond = if limit.exclusive { whole } else { beyond };
                values.extend(serde_json::Number::from_i128(beyond).map(Value::Number));
            } else {
                let limit = float(&limit.limit);
                let step = if low { -1.0 } else { 1.0 };
                values.extend(
                    [limit, limit + step * limit.abs() * 0.1].into_iter().filter_map(number).map(Value::Number),
                );
            }
            values.extend(of_flat(&part, 0));
            values.extend(given.as_ref().map(|given| Value::Number(given.limit.clone())));
            values
        };
        all.push(bound(rules, keys, (said(given), said(wanted)), beyond));
    }
    let whole = !sender.types.has(Types::FRACTION);
    let missing = |coarse: &&f64| {
        !(whole && divides(**coarse, 1.0) || sender.multiples.iter().any(|fine| divides(**coarse, *fine)))
    };
    if receiver.multiples.iter().any(|coarse| missing(&coarse)) {
        let said = |flat: &Flat<'_>| {
            let all: Vec<String> = flat.multiples.iter().map(f64::to_string).collect();
            if all.is_empty() { "not set".to_owned() } else { all.join(" and ") }
        };
        let uneven = move || {
            let mut part = sender.clone();
            part.types = part.types.and(Types::NUMBER);
            let mut values = of_flat(&part, 0);
            let steps = [1.0, 2.0, 3.0, 5.0, 7.0, 11.0, 0.5, 0.25];
            let base = sender.low.as_ref().map_or(0.0, |low| float(&low.limit));
            let fine = sender.multiples.first().copied().unwrap_or(1.0);
            let multiples = steps.into_iter().flat_map(|step| [base + step, (base / fine).ceil() * fine + step * fine]);
            values.extend(multiples.filter_map(number).map(Value::Number));
            values
        };
        let rules = ("multiple-of-tightened", "multiple-of-loosened");
        all.push(bound(rules, &["multipleOf"], (said(sender), said(receiver)), uneven));
    }
}

fn texts<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>, all: &mut Vec<Narrowing<'f, 'a>>) {
    let part = move |min: Option<u64>, max: Option<u64>| {
        let mut part = sender.clone();
        part.types = Types::STRING;
        part.min_length = min.map_or(part.min_length, |min| part.min_length.max(min));
        part.max_length = max.or(part.max_length);
        of_flat(&part, 0)
    };
    if receiver.min_length > sender.min_length {
        let said = (sender.min_length.to_string(), receiver.min_length.to_string());
        let shorter = move || part(None, Some(receiver.min_length - 1));
        all.push(bound(("min-length-tightened", "min-length-loosened"), &["minLength"], said, shorter));
    }
    if let Some(most) = receiver.max_length
        && sender.max_length.is_none_or(|sends| sends > most)
    {
        let said = (or_none(sender.max_length), most.to_string());
        let longer = move || {
            let mut values = part(Some(most.saturating_add(1)), None);
            let shortest = u64::max(sender.min_length, most.saturating_add(1));
            if sender.formats.is_empty() && sender.patterns.is_empty() && shortest < 100_000 {
                values.insert(0, Value::String("a".repeat(shortest as usize)));
            }
            values
        };
        all.push(bound(("max-length-tightened", "max-length-loosened"), &["maxLength"], said, longer));
    }
    let odd = move || {
        let mut part = sender.clone();
        part.types = Types::STRING;
        let mut values: Vec<Value> = of_flat(&part, 0);
        values.extend(text::odd_texts(&part).into_iter().map(Value::String));
        values
    };
    let quoted = |all: &[&str]| {
        if all.is_empty() { "not set".to_owned() } else { format!("`{}`", all.join("` and `")) }
    };
    let missing = |wanted: &[&str], given: &[&str]| wanted.iter().any(|wanted| !given.contains(wanted));
    if missing(&receiver.patterns, &sender.patterns) {
        let said = (quoted(&sender.patterns), quoted(&receiver.patterns));
        all.push(bound(("pattern-tightened", "pattern-loosened"), &["pattern"], said, odd));
    }
    if missing(&receiver.formats, &sender.formats) {
        let said = (quoted(&sender.formats), quoted(&receiver.formats));
        all.push(bound(("format-tightened", "format-loosened"), &["format"], said, odd));
    }
}

fn lists<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>, all: &mut Vec<Narrowing<'f, 'a>>) {
    if receiver.min_items > sender.min_items {
        let said = (sender.min_items.to_string(), receiver.min_items.to_string());
        let shorter = move || {
            let counts = [receiver.min_items - 1, sender.min_items];
            counts.into_iter().filter_map(|count| list(sender, count, 0)).collect()
        };
        all.push(bound(("min-items-tightened", "min-items-loosened"), &["minItems"], said, shorter));
    }
    if let Some(most) = receiver.max_items
        && sender.max_items.is_none_or(|sends| sends > most)
    {
        let said = (or_none(sender.max_items), most.to_string());
        let longer = move || list(sender, sender.min_items.max(most.saturating_add(1)), 0).into_iter().collect();
        all.push(bound(("max-items-tightened", "max-items-loosened"), &["maxItems"], said, longer));
    }
    if receiver.unique && !sender.unique {
        let said = ("not set".to_owned(), "set".to_owned());
        let twice = move || {
            let first = samples(&sender.item(0), &sender.item(1), 1).into_iter().next();
            let mut all = Vec::new();
            for count in [sender.min_items.max(2), sender.min_items.max(2) + 1] {
                if let (Some(first), Some(Value::Array(mut items))) = (&first, list(sender, count, 0)) {
                    items[0] = first.clone();
                    items[1] = first.clone();
                    all.push(Value::Array(items));
                }
            }
            all
        };
        all.push(bound(("unique-items-tightened", "unique-items-loosened"), &["uniqueItems"], said, twice));
    }
    if receiver.contains.len() > sender.contains.len() {
        let said = ("not set".to_owned(), "set".to_owned());
        let without = move || {
            let counts = [sender.min_items, sender.min_items + 1];
            counts.into_iter().filter_map(|count| list(sender, count, 0)).collect()
        };
        all.push(bound(("contains-tightened", "contains-loosened"), &["contains"], said, without));
    }
}

/// Values for conditions that are not understood: everything that is quickly made.
fn odd(sender: &Flat<'_>, receiver: &Flat<'_>) -> Vec<Value> {
    let mut all = of_flat(sender, 0);
    if sender.types.has(Types::STRING) {
        all.extend(text::odd_texts(sender).into_iter().map(Value::String));
    }
    if sender.types.has(Types::NUMBER) {
        all.extend([-1, 0, 1, 2, 3, 10, 100].map(Value::from));
    }
    for node in &receiver.nots {
        let mut both = sender.nodes.iter().take(1).cloned().collect::<Vec<_>>();
        both.push(*node);
        all.extend(union::union(&both).alternatives.iter().take(4).flat_map(|flat| of_flat(flat, 1)));
    }
    if sender.types.has(Types::OBJECT)
        && let Some(base) = object(sender, None, 0)
    {
        let names = sender.declared().into_iter().map(str::to_owned).chain(fresh(sender, None, 0));
        let mut whole = base.clone();
        for name in names.take(20) {
            for value in samples(&sender.property(&name), &Vec::new(), 1).into_iter().take(3) {
                let mut map = base.clone();
                map.insert(name.clone(), value.clone());
                whole.insert(name.clone(), value);
                all.push(Value::Object(map));
            }
        }
        all.push(Value::Object(whole));
    }
    if sender.types.has(Types::ARRAY) {
        all.extend((0..3).filter_map(|more| list(sender, sender.min_items + more, 0)));
    }
    all.truncate(120);
    all
}
