//! Values that a schema most likely accepts. Nothing here decides anything: whoever asks holds them against the schema.

use fastrand::Rng;
use serde_json::{Map, Number, Value};

use crate::bundle::is_hidden;
use crate::document::Document;
use crate::merged::{Choice, Merged};
use crate::schema::View;
use crate::text;

/// How deep values go, and how deep with parts that nobody demands.
const DEEPEST: usize = 24;
const DEEPEST_OPTIONAL: usize = 6;
/// After so many values only what is demanded is made, and after so many nothing.
const MOST_OPTIONAL: usize = 400;
const MOST: usize = 4_000;
/// How often a reference leads into itself before a value is given up: not at all where nobody demands it.
const MOST_CIRCLES: usize = 4;

/// Makes values of one document's schemas.
pub struct Generator<'a> {
    document: &'a Document,
    view: View,
    rng: Rng,
    /// Short, plain and always the same instead of varied.
    plain: bool,
    /// Examples and defaults of the document are taken.
    stated: bool,
    /// Only what is demanded is made.
    frugal: bool,
    /// Alternatives that are open to anything are told apart by values that the others refuse.
    contrary: bool,
    made: usize,
    /// The references that lead to where we are.
    inside: Vec<&'a str>,
}

impl<'a> Generator<'a> {
    /// Seed 0 makes plain values.
    pub fn new(document: &'a Document, view: View, seed: u64) -> Self {
        let rng = Rng::with_seed(seed);
        Self {
            document,
            view,
            rng,
            plain: seed == 0,
            stated: false,
            frugal: false,
            contrary: false,
            made: 0,
            inside: Vec::new(),
        }
    }

    /// Takes what the document states, where it does.
    pub fn stated(self, stated: bool) -> Self {
        Self { stated, ..self }
    }

    /// How hard it was until now: later attempts leave out what nobody demands, and then contradict alternatives.
    pub fn attempt(self, number: u64) -> Self {
        Self { frugal: number % 3 == 1, contrary: number % 3 == 2, ..self }
    }

    /// A value of this schema.
    pub fn value(&mut self, schema: &'a Value) -> Option<Value> {
        self.of_all(&[schema], true, 0)
    }

    /// A value of all these schemas.
    fn of_all(&mut self, schemas: &[&'a Value], demanded: bool, depth: usize) -> Option<Value> {
        self.made += 1;
        if depth > DEEPEST || self.made > MOST {
            return None;
        }
        let mut merged = Merged::default();
        for schema in schemas {
            merged.add(self.document, schema);
        }
        let circles = if demanded { MOST_CIRCLES } else { 0 };
        for reference in &merged.through {
            if self.inside.iter().filter(|inside| inside == &reference).count() > circles {
                return None;
            }
        }
        self.chosen(merged, depth, 0)
    }

    /// Takes one alternative of every choice, the next where one comes to nothing.
    fn chosen(&mut self, mut merged: Merged<'a>, depth: usize, level: usize) -> Option<Value> {
        const MOST_LEVELS: usize = 24;
        if merged.empty || level > MOST_LEVELS || self.made > MOST {
            return None;
        }
        if self.stated
            && let Some(value) = self.as_stated(&merged)
        {
            return Some(value);
        }
        let Some(choice) = merged.choices.pop() else {
            if let Some(schema) = self.follows(&mut merged) {
                merged.add(self.document, schema);
                return self.chosen(merged, depth, level + 1);
            }
            let before = self.inside.len();
            self.inside.extend(merged.through.iter().copied());
            let value = self.of_merged(&merged, depth);
            self.inside.truncate(before);
            return value;
        };
        let Choice { alternatives, named, .. } = &choice;
        let first = if self.plain { 0 } else { self.rng.usize(..alternatives.len()) };
        // What can only be null says the least.
        let is_null = |schema: &&Value| schema.get("type").and_then(Value::as_str) == Some("null");
        let mut order: Vec<usize> = (0..alternatives.len()).map(|n| (first + n) % alternatives.len()).collect();
        order.sort_by_key(|n| self.plain && alternatives[*n].iter().any(is_null));
        for number in order {
            let mut tried = merged.clone();
            tried.choose(self.document, &choice, number);
            let circles = tried.through.iter().skip(merged.through.len());
            if circles.clone().any(|to| self.inside.iter().filter(|inside| inside == &to).count() > 1) {
                continue;
            }
            self.made += 1;
            if let Some(mut value) = self.chosen(tried, depth, level + 1) {
                if let (Some((property, names)), Some(map)) = (named, value.as_object_mut()) {
                    map.insert((*property).to_owned(), Value::from(names[number]));
                }
                return Some(value);
            }
        }
        None
    }

    /// What a property that will be there demands of the whole.
    fn follows(&self, merged: &mut Merged<'a>) -> Option<&'a Value> {
        let comes = |name: &str| {
            merged.required.contains(name)
                || !self.frugal && merged.properties.contains_key(name) && !merged.avoided.contains(name)
        };
        let at = merged.needs.iter().position(|(name, needs)| !needs.is_array() && comes(name))?;
        Some(merged.needs.swap_remove(at).1)
    }

    fn as_stated(&self, merged: &Merged<'a>) -> Option<Value> {
        let fits = |value: &&&Value| {
            merged.types.as_ref().is_none_or(|types| types.contains(kind(value)))
                && merged.values.as_ref().is_none_or(|values| values.contains(*value))
        };
        merged.stated.iter().find(fits).map(|value| (*value).clone())
    }

    fn of_merged(&mut self, merged: &Merged<'a>, depth: usize) -> Option<Value> {
        const ATTEMPTS: usize = 8;
        let plain = self.plain;
        let mut made = None;
        for _ in 0..ATTEMPTS {
            made = self.of_any(merged, depth);
            if made.as_ref().is_none_or(|value| !merged.refused.contains(&value)) {
                break;
            }
            // Others than the plain one.
            self.plain = false;
        }
        self.plain = plain;
        made
    }

    fn of_any(&mut self, merged: &Merged<'a>, depth: usize) -> Option<Value> {
        if let Some(values) = &merged.values {
            let fitting: Vec<&&Value> = values
                .iter()
                .filter(|value| merged.types.as_ref().is_none_or(|types| types.contains(kind(value))))
                .filter(|value| !merged.refused.contains(*value))
                .collect();
            return self.pick(&fitting).map(|value| (**value).clone());
        }
        let mut kinds = merged.kinds();
        if !self.plain && kinds.len() > 1 {
            let first = self.rng.usize(..kinds.len());
            kinds.rotate_left(first);
        }
        kinds.into_iter().find_map(|kind| match kind {
            "object" => self.object(merged, depth),
            "array" => self.array(merged, depth),
            "string" => text::text(merged, (!self.plain).then_some(&mut self.rng)).map(Value::String),
            "integer" => self.integer(merged),
            "number" => self.number(merged),
            "boolean" => Some(Value::Bool(self.plain || self.rng.bool())),
            _ => Some(Value::Null),
        })
    }

    fn object(&mut self, merged: &Merged<'a>, depth: usize) -> Option<Value> {
        let hidden = |schemas: &[&Value]| {
            let keyword = self.view.hidden();
            keyword.is_some_and(|keyword| schemas.iter().any(|schema| is_hidden(self.document, schema, keyword)))
        };
        let wanted: Vec<(&'a str, Vec<&'a Value>, bool)> = merged
            .properties
            .keys()
            .chain(merged.required.iter().filter(|name| !merged.properties.contains_key(*name)))
            .map(|name| (*name, merged.property(name), merged.required.contains(name)))
            .filter(|(_, schemas, _)| !hidden(schemas))
            .collect();
        let mut map = Map::new();
        // What is demanded comes first, so that it is never the part for which there is no room.
        for (name, schemas, _) in wanted.iter().filter(|(_, _, demanded)| *demanded) {
            map.insert((*name).to_owned(), self.of_all(schemas, true, depth + 1)?);
        }
        for (name, schemas, _) in wanted.iter().filter(|(_, _, demanded)| !demanded) {
            let room = merged.members.most.is_none_or(|most| (map.len() as u64) < most);
            let skipped = !self.plain && self.rng.u8(..4) == 0 && map.len() as u64 >= merged.members.least;
            let avoided = self.frugal || merged.avoided.contains(name);
            if !room || skipped || avoided || depth >= DEEPEST_OPTIONAL || self.made > MOST_OPTIONAL {
                continue;
            }
            if let Some(value) = self.of_all(schemas, false, depth + 1) {
                map.insert((*name).to_owned(), value);
            }
        }
        for (name, schema) in merged.contrary.iter().filter(|_| self.contrary) {
            if !merged.properties.contains_key(name) {
                let wrong = if is_text(self.document.resolve(schema).0) { Value::from(0) } else { Value::from("text") };
                map.insert((*name).to_owned(), wrong);
            }
        }
        self.demanded_by_others(merged, &mut map, depth);
        self.filled(merged, &mut map, depth);
        Some(Value::Object(map))
    }

    /// One property may demand others.
    fn demanded_by_others(&mut self, merged: &Merged<'a>, map: &mut Map<String, Value>, depth: usize) {
        const LONGEST_CHAIN: usize = 8;
        for _ in 0..LONGEST_CHAIN {
            let before = map.len();
            for (name, needs) in &merged.needs {
                if !map.contains_key(*name) {
                    continue;
                }
                for needed in needs.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if !map.contains_key(needed)
                        && let Some(value) = self.of_all(&merged.property(needed), true, depth + 1)
                    {
                        map.insert(needed.to_owned(), value);
                    }
                }
            }
            if map.len() == before {
                return;
            }
        }
    }

    /// Maps have entries: as many as are demanded, and one where entries are all there is.
    fn filled(&mut self, merged: &Merged<'a>, map: &mut Map<String, Value>, depth: usize) {
        const MOST_FILLED: u64 = 200;
        let described = merged.others.iter().any(|schema| schema.as_object().is_some_and(|map| !map.is_empty()));
        let usual = u64::from(
            merged.properties.is_empty()
                && (described || !merged.patterned.is_empty())
                && depth < DEEPEST_OPTIONAL
                && merged.members.most != Some(0),
        );
        let count = merged.members.least.min(MOST_FILLED).max(usual);
        let mut number = 0;
        while (map.len() as u64) < count && number < 2 * MOST_FILLED {
            number += 1;
            let name = if merged.names.is_empty() {
                merged
                    .patterned
                    .first()
                    .and_then(|(pattern, _)| text::of_pattern(pattern, number))
                    .unwrap_or_else(|| if number == 1 { "key".to_owned() } else { format!("key{number}") })
            } else {
                let mut names = Merged::default();
                merged.names.iter().for_each(|schema| names.add(self.document, schema));
                let listed = names.values.as_ref().and_then(|values| values.get(number as usize - 1)?.as_str());
                match listed.map(str::to_owned).or_else(|| text::text(&names, Some(&mut self.rng))) {
                    Some(name) => name,
                    None => return,
                }
            };
            if map.contains_key(&name) {
                continue;
            }
            match self.of_all(&merged.property(&name), count > usual, depth + 1) {
                Some(value) => map.insert(name, value),
                None => return,
            };
        }
    }

    fn array(&mut self, merged: &Merged<'a>, depth: usize) -> Option<Value> {
        const MOST_ITEMS: u64 = 1_000;
        let (least, most) = (merged.count.least.min(MOST_ITEMS), merged.count.most.unwrap_or(u64::MAX));
        let usual = if depth >= DEEPEST_OPTIONAL || self.made > MOST_OPTIONAL {
            0
        } else if self.plain {
            1
        } else {
            1 + self.rng.u64(..3)
        };
        let tuple = merged.prefix.iter().map(|prefix| prefix.len()).max().unwrap_or(0) as u64;
        let contained = merged.contains.iter().map(|contained| contained.least).max().unwrap_or(0).min(MOST_ITEMS);
        let is_limited = merged.contains.iter().any(|contained| contained.is_limited);
        let count = usual.max(tuple).max(contained).clamp(least, most.max(least));
        let mut items: Vec<Value> = Vec::new();
        for index in 0..count {
            let mut schemas: Vec<&'a Value> =
                merged.prefix.iter().filter_map(|prefix| prefix.get(index as usize)).collect();
            if schemas.is_empty() {
                schemas.clone_from(&merged.items);
            }
            let of_contains = merged.contains.iter().filter(|contained| index < contained.least);
            schemas.extend(of_contains.map(|contained| contained.schema));
            let demanded = index < least.max(contained);
            let plain = self.plain;
            // What is plain is the least likely to be one more of those.
            self.plain |= is_limited && index >= contained;
            let made = self.item(&schemas, &items, merged.unique, demanded, depth);
            self.plain = plain;
            match made {
                Some(value) => items.push(value),
                None if demanded => return None,
                None => break,
            }
        }
        Some(Value::Array(items))
    }

    fn item(
        &mut self,
        schemas: &[&'a Value],
        before: &[Value],
        unique: bool,
        demanded: bool,
        depth: usize,
    ) -> Option<Value> {
        let value = self.of_all(schemas, demanded, depth + 1)?;
        if !unique || !before.contains(&value) {
            return Some(value);
        }
        // Others than those before, which plain values are not.
        const ATTEMPTS: usize = 30;
        let (plain, stated) = (self.plain, self.stated);
        (self.plain, self.stated) = (false, false);
        let mut attempts = (0..ATTEMPTS).map(|_| self.of_all(schemas, demanded, depth + 1));
        let other = attempts.find_map(|value| value.filter(|value| !before.contains(value)));
        (self.plain, self.stated) = (plain, stated);
        other
    }

    fn integer(&mut self, merged: &Merged<'a>) -> Option<Value> {
        const SPAN: i128 = 1_000;
        let step = merged.steps.iter().copied().reduce(f64::max).unwrap_or(1.0);
        let step = if step.fract() == 0.0 { step } else { whole_step(step) };
        // A step that no integer can take leaves 0.
        let step = if step.fract() == 0.0 { step as i128 } else { i128::MAX };
        let least = merged.least.unwrap_or_else(|| merged.most.map_or(1, |most| most.min(1 + SPAN) - SPAN));
        let least = least.max(i64::MIN.into());
        let most = merged.most.unwrap_or(i128::MAX).min(u64::MAX.into());
        // Numbers that a person can read, where the bounds leave some.
        let low = if most >= 0 { least.max(-SPAN) } else { least };
        let high = most.min(low.max(1) + SPAN);
        let (from, mut to) = (-(-low).div_euclid(step), high.div_euclid(step));
        if from > to {
            // The span was ours: the next step lies beyond it.
            to = from;
        }
        let factor = if !self.plain {
            self.rng.i128(from..=to)
        } else if from <= 1 && 1 <= to {
            1
        } else {
            from
        };
        let value = factor.checked_mul(step).filter(|value| *value <= most)?;
        i64::try_from(value).map(Value::from).or_else(|_| u64::try_from(value).map(Value::from)).ok()
    }

    fn number(&mut self, merged: &Merged<'a>) -> Option<Value> {
        const SPAN: f64 = 1_000.0;
        let mut low = merged.low.unwrap_or_else(|| merged.high.map_or(1.0, |high| high.min(1.0 + SPAN) - SPAN));
        let mut high = merged.high.unwrap_or(low + SPAN).min(low.max(1.0) + SPAN);
        let step = merged.steps.iter().copied().reduce(f64::max);
        if let Some(step) = step {
            let mut from = (low / step).ceil();
            let mut to = (high / step).floor();
            if merged.exclusive_low && from * step <= low {
                from += 1.0;
            }
            if merged.exclusive_high && to * step >= high {
                to -= 1.0;
            }
            if from > to {
                if merged.high.is_some_and(|high| from * step > high) {
                    return None;
                }
                // The span was ours: the next step lies beyond it.
                to = from;
            }
            let zero_in_reach = from <= 1.0 && 1.0 <= to;
            let factor = if self.plain {
                if zero_in_reach { 1.0 } else { from }
            } else {
                from + (self.rng.f64() * (to - from + 1.0)).floor().min(to - from)
            };
            return number(factor * step);
        }
        if merged.exclusive_low {
            low += ((high - low) / 1e3).max(f64::EPSILON);
        }
        if merged.exclusive_high {
            high -= ((high - low) / 1e3).max(f64::EPSILON);
        }
        let value = if self.plain {
            if low <= 1.0 && 1.0 <= high { 1.0 } else { low }
        } else {
            low + self.rng.f64() * (high - low)
        };
        // Readable where that changes nothing.
        let rounded = (value * 100.0).round() / 100.0;
        number(if rounded > low && rounded < high { rounded } else { value })
    }

    fn pick<'v, T>(&mut self, all: &'v [T]) -> Option<&'v T> {
        match all.len() {
            0 => None,
            length if !self.plain => all.get(self.rng.usize(..length)),
            _ => all.first(),
        }
    }
}

fn is_text(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("string")
}

/// The smallest whole multiple of a step with decimals, if it is a small one.
fn whole_step(step: f64) -> f64 {
    (1..=1_000).map(|factor| step * f64::from(factor)).find(|value| value.fract() == 0.0).unwrap_or(step)
}

fn number(value: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Some(Value::Number(Number::from(value as i64)));
    }
    Number::from_f64(value).map(Value::Number)
}

/// The type of a value, as JSON Schema names it; whole numbers are integers.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|number| number.fract() != 0.0) => {
            "number"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
