//! Several schemas that hold for one value, as one: what a value is made from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use crate::bundle;
use crate::dialect::LONGEST_CHAIN;
use crate::document::Document;
use crate::formats;

/// The types of JSON, in the order in which they are preferred.
pub const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];

/// Alternatives of which one is still to be chosen.
#[derive(Clone)]
pub struct Choice<'a> {
    /// The schemas of each.
    pub alternatives: Vec<Vec<&'a Value>>,
    /// The property and value that say which was chosen, per alternative.
    pub named: Option<(&'a str, Vec<&'a str>)>,
    /// Only one may hold.
    pub only_one: bool,
}

/// What all of them say together.
#[derive(Clone, Default)]
pub struct Merged<'a> {
    /// None: any.
    pub types: Option<BTreeSet<&'a str>>,
    /// The values that are left of `enum` and `const`.
    pub values: Option<Vec<&'a Value>>,
    /// `example`, `examples` and `default`.
    pub stated: Vec<&'a Value>,
    pub properties: BTreeMap<&'a str, Vec<&'a Value>>,
    pub patterned: Vec<(&'a str, &'a Value)>,
    pub others: Vec<&'a Value>,
    pub names: Vec<&'a Value>,
    pub required: BTreeSet<&'a str>,
    pub needs: Vec<(&'a str, &'a Value)>,
    pub items: Vec<&'a Value>,
    pub prefix: Vec<&'a Vec<Value>>,
    pub contains: Vec<Contained<'a>>,
    pub unique: bool,
    pub patterns: Vec<&'a str>,
    pub formats: Vec<&'a str>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub exclusive_low: bool,
    pub exclusive_high: bool,
    pub steps: Vec<f64>,
    /// The smallest and the largest integer that the bounds leave, exactly: a float cannot say all of them.
    pub least: Option<i128>,
    pub most: Option<i128>,
    pub length: Range,
    pub count: Range,
    pub members: Range,
    pub choices: Vec<Choice<'a>>,
    /// What is forbidden as such.
    pub refused: Vec<&'a Value>,
    pub refused_types: BTreeSet<&'a str>,
    /// Properties that are forbidden, or by which alternatives are told apart that were not chosen.
    pub avoided: BTreeSet<&'a str>,
    /// Properties of alternatives that were not chosen: with a wrong value they tell them apart.
    pub contrary: BTreeMap<&'a str, &'a Value>,
    /// The references that led here.
    pub through: Vec<&'a str>,
    /// Nothing satisfies it.
    pub empty: bool,
}

/// What so many entries of a list are.
#[derive(Clone, Copy)]
pub struct Contained<'a> {
    pub schema: &'a Value,
    pub least: u64,
    /// Whether no more than some may be so.
    pub is_limited: bool,
}

/// So many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    pub least: u64,
    pub most: Option<u64>,
}

impl Range {
    fn take(&mut self, map: &Map<String, Value>, least: &str, most: &str) {
        let number = |key: &str| map.get(key).and_then(Value::as_u64);
        self.least = self.least.max(number(least).unwrap_or(0));
        self.most = [self.most, number(most)].into_iter().flatten().min();
    }
}

impl<'a> Merged<'a> {
    /// Adds one more schema that must hold.
    pub fn add(&mut self, document: &'a Document, schema: &'a Value) {
        self.absorb(document, schema, 0);
    }

    /// The types that a value may have, the preferred first.
    pub fn kinds(&self) -> Vec<&'static str> {
        if let Some(types) = &self.types {
            return TYPES
                .into_iter()
                .filter(|kind| types.contains(kind) && !self.refused_types.contains(kind))
                .collect();
        }
        if !self.refused_types.is_empty() {
            return TYPES.into_iter().filter(|kind| !self.refused_types.contains(kind)).collect();
        }
        // Nothing is said: what the keywords are about.
        if !self.properties.is_empty() || !self.required.is_empty() || !self.others.is_empty() {
            vec!["object"]
        } else if !self.items.is_empty() || !self.prefix.is_empty() {
            vec!["array"]
        } else if self.low.is_some() || self.high.is_some() || !self.steps.is_empty() {
            vec!["number"]
        } else if !self.patterns.is_empty() || !self.formats.is_empty() || self.length.least > 0 {
            vec!["string"]
        } else {
            vec!["string", "object"]
        }
    }

    /// The schemas of a property.
    pub fn property(&self, name: &str) -> Vec<&'a Value> {
        let mut all = self.properties.get(name).cloned().unwrap_or_default();
        let declared = !all.is_empty();
        let patterned: Vec<_> =
            self.patterned.iter().filter(|(pattern, _)| crate::pattern::matches(pattern, name)).collect();
        all.extend(patterned.iter().map(|(_, schema)| *schema));
        if !declared && patterned.is_empty() {
            all.extend(self.others.iter().copied());
        }
        all
    }

    /// Adds the alternative that was chosen.
    pub fn choose(&mut self, document: &'a Document, choice: &Choice<'a>, number: usize) {
        let Some(chosen) = choice.alternatives.get(number) else { return };
        chosen.iter().for_each(|schema| self.add(document, schema));
        if choice.only_one {
            let others = choice.alternatives.iter().enumerate().filter(|(other, _)| *other != number);
            let resolved: Vec<&Value> =
                others.flat_map(|(_, all)| all).map(|other| document.resolve(other).0).collect();
            let properties = resolved.iter().filter_map(|other| other.get("properties").and_then(Value::as_object));
            self.contrary.extend(properties.flatten().map(|(name, schema)| (name.as_str(), schema)));
            let required =
                resolved.iter().filter_map(|other| other.get("required").and_then(Value::as_array)).flatten();
            self.avoided.extend(required.filter_map(Value::as_str));
        }
    }

    fn absorb(&mut self, document: &'a Document, schema: &'a Value, depth: usize) {
        let Value::Object(map) = schema else {
            self.empty |= schema == &Value::Bool(false);
            return;
        };
        if depth > LONGEST_CHAIN {
            self.empty = true;
            return;
        }
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            if self.through.contains(&reference) && depth > 16 {
                return;
            }
            self.through.push(reference);
            if let Some(target) = document.target(reference) {
                self.absorb(document, target, depth + 1);
            }
        }
        for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.absorb(document, part, depth + 1);
        }
        self.simple(map);
        self.of_numbers(map);
        self.of_objects(map);
        self.of_choices(map);
        self.of_conditions(map);
        self.of_negations(map);
    }

    fn simple(&mut self, map: &'a Map<String, Value>) {
        if let Some(named) = map.get("type") {
            let mut types: BTreeSet<&str> = match named {
                Value::String(one) => BTreeSet::from([one.as_str()]),
                Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
                _ => BTreeSet::new(),
            };
            if types.contains("number") {
                types.insert("integer");
            }
            types.retain(|name| TYPES.contains(name));
            if !types.is_empty() {
                let both = match &self.types {
                    Some(before) => before.intersection(&types).copied().collect(),
                    None => types,
                };
                self.empty |= both.is_empty();
                self.types = Some(both);
            }
        }
        let allowed = match (map.get("const"), map.get("enum")) {
            (Some(value), _) => Some(vec![value]),
            (None, Some(Value::Array(values))) => Some(values.iter().collect::<Vec<_>>()),
            _ => None,
        };
        if let Some(allowed) = allowed {
            let left: Vec<&Value> = match &self.values {
                Some(before) => before.iter().copied().filter(|value| allowed.contains(value)).collect(),
                None => allowed,
            };
            self.empty |= left.is_empty();
            self.values = Some(left);
        }
        if let Some(value) = map.get("example") {
            self.stated.push(value);
        }
        match map.get("examples") {
            Some(Value::Array(values)) => self.stated.extend(values),
            Some(Value::Object(values)) => self.stated.extend(values.values().filter_map(|value| value.get("value"))),
            _ => {}
        }
        self.stated.extend(map.get("default"));
        self.patterns.extend(map.get("pattern").and_then(Value::as_str));
        self.formats.extend(map.get("format").and_then(Value::as_str));
        self.length.take(map, "minLength", "maxLength");
        self.count.take(map, "minItems", "maxItems");
        self.members.take(map, "minProperties", "maxProperties");
        self.unique |= map.get("uniqueItems") == Some(&Value::Bool(true));
        self.items.extend(map.get("items").filter(|items| !items.is_array()));
        self.prefix.extend(map.get("prefixItems").and_then(Value::as_array));
        self.contains.extend(map.get("contains").map(|schema| Contained {
            schema,
            least: map.get("minContains").and_then(Value::as_u64).unwrap_or(1),
            is_limited: map.contains_key("maxContains"),
        }));
    }

    fn of_numbers(&mut self, map: &'a Map<String, Value>) {
        let number = |key: &str| match map.get(key) {
            Some(Value::Number(number)) => Some(number.clone()),
            _ => None,
        };
        let range = map.get("format").and_then(Value::as_str).and_then(formats::range).unzip();
        for (limit, exclusive) in [(number("minimum"), false), (number("exclusiveMinimum"), true), (range.0, false)] {
            let Some(limit) = limit else { continue };
            self.least = self.least.max(Some(whole(&limit, f64::ceil, i128::from(exclusive))));
            if let Some(limit) = limit.as_f64()
                && self.low.is_none_or(|low| limit > low || limit == low && exclusive)
            {
                (self.low, self.exclusive_low) = (Some(limit), exclusive);
            }
        }
        for (limit, exclusive) in [(number("maximum"), false), (number("exclusiveMaximum"), true), (range.1, false)] {
            let Some(limit) = limit else { continue };
            let most = whole(&limit, f64::floor, -i128::from(exclusive));
            self.most = Some(self.most.map_or(most, |known| known.min(most)));
            if let Some(limit) = limit.as_f64()
                && self.high.is_none_or(|high| limit < high || limit == high && exclusive)
            {
                (self.high, self.exclusive_high) = (Some(limit), exclusive);
            }
        }
        let step = map.get("multipleOf").and_then(Value::as_f64);
        self.steps.extend(step.filter(|step| *step > 0.0));
    }

    fn of_objects(&mut self, map: &'a Map<String, Value>) {
        for (name, schema) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.properties.entry(name).or_default().push(schema);
        }
        let patterned = map.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        self.patterned.extend(patterned.map(|(pattern, schema)| (pattern.as_str(), schema)));
        self.others.extend(map.get("additionalProperties").or_else(|| map.get("unevaluatedProperties")));
        self.names.extend(map.get("propertyNames"));
        let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
        self.required.extend(required.filter_map(Value::as_str));
        for keyword in ["dependentRequired", "dependentSchemas"] {
            let needs = map.get(keyword).and_then(Value::as_object).into_iter().flatten();
            self.needs.extend(needs.map(|(name, needs)| (name.as_str(), needs)));
        }
    }

    fn of_choices(&mut self, map: &'a Map<String, Value>) {
        let mut named = bundle::discriminated(map);
        for keyword in ["oneOf", "anyOf"] {
            let Some(list) = map.get(keyword).and_then(Value::as_array).filter(|list| !list.is_empty()) else {
                continue;
            };
            let names = named.take().map(|(property, choices)| {
                let of = |alternative: &Value| {
                    let reference = alternative.get("$ref").and_then(Value::as_str).unwrap_or_default();
                    choices.iter().find(|(_, to)| *to == reference).map_or("", |(value, _)| *value)
                };
                (property, list.iter().map(of).collect())
            });
            let alternatives = list.iter().map(|alternative| vec![alternative]).collect();
            self.choices.push(Choice { alternatives, named: names, only_one: keyword == "oneOf" });
        }
    }
}

impl<'a> Merged<'a> {
    /// Either the condition holds and what follows from it, or what is said else; that the condition does not hold then is
    /// left to luck.
    fn of_conditions(&mut self, map: &'a Map<String, Value>) {
        const MOST_CHOICES: usize = 16;
        let Some(condition) = map.get("if").filter(|_| self.choices.len() < MOST_CHOICES) else { return };
        let follows = [Some(condition), map.get("then")].into_iter().flatten().collect();
        let otherwise = map.get("else").into_iter().collect();
        self.choices.push(Choice { alternatives: vec![follows, otherwise], named: None, only_one: false });
    }

    /// What is forbidden by one keyword; of several only one need be broken, and nobody says which.
    fn of_negations(&mut self, map: &'a Map<String, Value>) {
        let Some(Value::Object(not)) = map.get("not") else { return };
        let mut keywords = not.iter();
        let (Some((keyword, value)), None) = (keywords.next(), keywords.next()) else { return };
        match (keyword.as_str(), value) {
            ("const", value) => self.refused.push(value),
            ("enum", Value::Array(values)) => self.refused.extend(values),
            ("type", Value::String(name)) => self.refuse_type(name),
            ("type", Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).for_each(|name| self.refuse_type(name))
            }
            ("required", Value::Array(names)) => self.avoided.extend(names.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }

    fn refuse_type(&mut self, name: &'a str) {
        self.refused_types.insert(name);
        if name == "number" {
            self.refused_types.insert("integer");
        }
    }
}

/// The integer nearest to a bound within it; `beyond` is added where the bound itself is an integer and left out.
fn whole(limit: &Number, rounded: fn(f64) -> f64, beyond: i128) -> i128 {
    /// Far beyond every integer of JSON, and far from those where an `i128` ends.
    const FARTHEST: f64 = 1e30;
    let exact = limit.as_i64().map(i128::from).or_else(|| limit.as_u64().map(i128::from));
    exact.map_or_else(
        || {
            let limit = limit.as_f64().unwrap_or_default();
            rounded(limit).clamp(-FARTHEST, FARTHEST) as i128 + if limit.fract() == 0.0 { beyond } else { 0 }
        },
        |exact| exact + beyond,
    )
}
