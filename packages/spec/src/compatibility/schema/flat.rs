//! What schemas that must hold together say about a value, keyword by keyword: references followed, `allOf` merged.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::node::{All, At, Node};
use super::number::{self, Bound};
pub use super::types::Types;

/// What one schema says about properties; `additionalProperties` looks at its neighbours only.
#[derive(Clone)]
pub struct Properties<'a> {
    pub node: Node<'a>,
    pub named: Option<&'a Map<String, Value>>,
    pub patterns: Option<&'a Map<String, Value>>,
    pub others: Option<&'a Value>,
}

/// What one schema says about entries of a list.
#[derive(Clone)]
pub struct Entries<'a> {
    pub first: Vec<Node<'a>>,
    pub rest: Option<Node<'a>>,
}

/// One conjunction of keywords.
#[derive(Clone)]
pub struct Flat<'a> {
    pub types: Types,
    pub values: Option<Vec<&'a Value>>,
    pub low: Option<Bound>,
    pub high: Option<Bound>,
    pub multiples: Vec<f64>,
    pub min_length: u64,
    pub max_length: Option<u64>,
    pub patterns: Vec<&'a str>,
    pub formats: Vec<&'a str>,
    pub min_items: u64,
    pub max_items: Option<u64>,
    pub unique: bool,
    pub entries: Vec<Entries<'a>>,
    pub contains: Vec<Node<'a>>,
    pub properties: Vec<Properties<'a>>,
    pub names: Vec<Node<'a>>,
    pub required: BTreeSet<&'a str>,
    pub needs: Vec<(&'a str, BTreeSet<&'a str>)>,
    pub min_properties: u64,
    pub max_properties: Option<u64>,
    pub any: Vec<Vec<Node<'a>>>,
    pub one: Vec<Vec<Node<'a>>>,
    pub nots: Vec<Node<'a>>,
    pub conditions: Vec<Condition<'a>>,
    /// Keywords that are not understood here: the schema may accept less than the rest says.
    pub opaque: bool,
    pub examples: Vec<&'a Value>,
    /// The schemas this was made of.
    pub nodes: Vec<Node<'a>>,
}

/// `if`, `then`, `else`.
#[derive(Clone)]
pub struct Condition<'a> {
    pub test: Node<'a>,
    pub then: Option<Node<'a>>,
    pub otherwise: Option<Node<'a>>,
}

impl Default for Flat<'_> {
    fn default() -> Self {
        Self {
            types: Types::ALL,
            values: None,
            low: None,
            high: None,
            multiples: Vec::new(),
            min_length: 0,
            max_length: None,
            patterns: Vec::new(),
            formats: Vec::new(),
            min_items: 0,
            max_items: None,
            unique: false,
            entries: Vec::new(),
            contains: Vec::new(),
            properties: Vec::new(),
            names: Vec::new(),
            required: BTreeSet::new(),
            needs: Vec::new(),
            min_properties: 0,
            max_properties: None,
            any: Vec::new(),
            one: Vec::new(),
            nots: Vec::new(),
            conditions: Vec::new(),
            opaque: false,
            examples: Vec::new(),
            nodes: Vec::new(),
        }
    }
}

impl<'a> Flat<'a> {
    pub fn of(all: &All<'a>) -> Self {
        let mut flat = Self::default();
        all.iter().for_each(|node| flat.take(node));
        flat
    }

    /// Adds what a schema says.
    pub fn take(&mut self, node: &Node<'a>) {
        self.absorb(node, 0);
        self.settle();
    }

    fn absorb(&mut self, node: &Node<'a>, depth: usize) {
        let map = match node.value {
            Value::Bool(false) => {
                self.types = Types(0);
                self.nodes.push(*node);
                return;
            }
            Value::Object(map) => map,
            _ => return,
        };
        if depth > super::LONGEST_CHAIN {
            // A schema that leads to itself without going into the value says nothing that could be followed.
            self.opaque = true;
            return;
        }
        if let Some(target) = node.target() {
            self.absorb(&target, depth + 1);
        }
        self.nodes.push(*node);
        for part in node.list("allOf") {
            self.absorb(&part, depth + 1);
        }
        let whole = |key: &str| map.get(key).and_then(Value::as_f64).map(|value| value.max(0.0).ceil() as u64);
        let most = |key: &str| map.get(key).and_then(Value::as_f64).map(|value| value.max(0.0).floor() as u64);
        for (key, value) in map {
            match key.as_str() {
                "type" => self.types = self.types.and(Types::stated(value)),
                "enum" => self.only(value.as_array().into_iter().flatten().collect()),
                "const" => self.only(vec![value]),
                "minimum" => self.at_least(value, false),
                "exclusiveMinimum" => self.at_least(value, true),
                "maximum" => self.at_most(value, false),
                "exclusiveMaximum" => self.at_most(value, true),
                "multipleOf" => self.multiples.extend(value.as_f64().filter(|value| *value > 0.0)),
                "minLength" => self.min_length = self.min_length.max(whole(key).unwrap_or(0)),
                "maxLength" => self.max_length = least(self.max_length, most(key)),
                "pattern" => self.patterns.extend(value.as_str()),
                "format" => {
                    if let Some((low, high)) = value.as_str().and_then(number::range) {
                        self.at_least(&Value::Number(low), false);
                        self.at_most(&Value::Number(high), false);
                    } else {
                        self.formats.extend(value.as_str().filter(|name| document::formats::is_asserted(name)));
                    }
                }
                "minItems" => self.min_items = self.min_items.max(whole(key).unwrap_or(0)),
                "maxItems" => self.max_items = least(self.max_items, most(key)),
                "uniqueItems" => self.unique |= value == &Value::Bool(true),
                // With a least number of 0 it asks for nothing.
                "contains" if whole("minContains") == Some(0) => {}
                "contains" => self.contains.push(node.with(value)),
                "minContains" | "maxContains" => self.opaque |= map.contains_key("contains"),
                "propertyNames" => self.names.push(node.with(value)),
                "required" => self.required.extend(value.as_array().into_iter().flatten().filter_map(Value::as_str)),
                "dependentRequired" => {
                    for (name, needs) in value.as_object().into_iter().flatten() {
                        let needs = needs.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                        self.needs.push((name, needs));
                    }
                }
                "minProperties" => self.min_properties = self.min_properties.max(whole(key).unwrap_or(0)),
                "maxProperties" => self.max_properties = least(self.max_properties, most(key)),
                "anyOf" => self.any.push(node.list(key)),
                "oneOf" => self.one.push(node.list(key)),
                "not" => self.nots.push(node.with(value)),
                "if" => {
                    let branch = |key: &str| map.get(key).map(|value| node.with(value));
                    let (then, otherwise) = (branch("then"), branch("else"));
                    if then.is_some() || otherwise.is_some() {
                        self.conditions.push(Condition { test: node.with(value), then, otherwise });
                    }
                }
                "dependentSchemas" | "unevaluatedProperties" | "unevaluatedItems" | "$dynamicRef" | "$recursiveRef" => {
                    self.opaque = true;
                }
                "example" | "default" => self.examples.push(value),
                "examples" => self.examples.extend(value.as_array().into_iter().flatten()),
                _ => {}
            }
        }
        if map.contains_key("items") || map.contains_key("prefixItems") {
            let rest = map.get("items").map(|rest| node.with(rest));
            self.entries.push(Entries { first: node.list("prefixItems"), rest });
        }
        let object = |key: &str| map.get(key).and_then(Value::as_object);
        let (named, patterns) = (object("properties"), object("patternProperties"));
        let others = map.get("additionalProperties").filter(|others| !accepts_all(others));
        if named.is_some() || patterns.is_some() || others.is_some() {
            self.properties.push(Properties { node: *node, named, patterns, others });
        }
    }

    fn only(&mut self, values: Vec<&'a Value>) {
        self.values = Some(match self.values.take() {
            None => values,
            Some(before) => before.into_iter().filter(|value| values.iter().any(|other| equal(value, other))).collect(),
        });
    }

    fn at_least(&mut self, value: &Value, exclusive: bool) {
        let Value::Number(limit) = value else { return };
        let bound = Bound { limit: limit.clone(), exclusive };
        if self.low.as_ref().is_none_or(|low| bound.within(low, Ordering::Greater)) {
            self.low = Some(bound);
        }
    }

    fn at_most(&mut self, value: &Value, exclusive: bool) {
        let Value::Number(limit) = value else { return };
        let bound = Bound { limit: limit.clone(), exclusive };
        if self.high.as_ref().is_none_or(|high| bound.within(high, Ordering::Less)) {
            self.high = Some(bound);
        }
    }

    /// Leaves out what cannot be, and properties that do not go this way.
    fn settle(&mut self) {
        if let Some(values) = &mut self.values {
            values.retain(|value| Types::of(value).within(self.types));
            let types = values.iter().fold(Types(0), |all, value| all.or(Types::of(value)));
            self.types = self.types.and(types);
        }
        let hidden: Vec<&str> = self.required.iter().copied().filter(|name| self.is_hidden(name)).collect();
        for name in hidden {
            self.required.remove(name);
        }
    }

    pub fn is_hidden(&self, name: &str) -> bool {
        let one_way = self.nodes.first().is_some_and(|node| node.view.hidden.is_some());
        one_way
            && self.properties.iter().any(|part| {
                part.named.and_then(|named| named.get(name)).is_some_and(|value| part.node.with(value).is_hidden())
            })
    }

    /// Whether nothing can satisfy this.
    pub fn is_impossible(&self) -> bool {
        self.types.is_empty() || self.values.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether the property is spoken of by name or by pattern.
    pub fn declares(&self, name: &str) -> bool {
        self.properties.iter().any(|part| {
            part.named.is_some_and(|named| named.contains_key(name))
                || part
                    .patterns
                    .is_some_and(|patterns| patterns.keys().any(|pattern| super::text::matches(pattern, name)))
        })
    }

    /// The names that are declared.
    pub fn declared(&self) -> BTreeSet<&'a str> {
        self.properties
            .iter()
            .filter_map(|part| part.named)
            .flat_map(|named| named.keys().map(String::as_str))
            .collect()
    }

    /// The patterns of names that are declared.
    pub fn declared_patterns(&self) -> BTreeSet<&'a str> {
        let maps = self.properties.iter().filter_map(|part| part.patterns);
        maps.flat_map(|patterns| patterns.keys().map(String::as_str)).collect()
    }

    /// What a property of this name must satisfy.
    pub fn property(&self, name: &str) -> All<'a> {
        if self.is_hidden(name) {
            return if self.nodes.first().is_some_and(|node| node.view.sends) {
                vec![self.never()]
            } else {
                Vec::new()
            };
        }
        let mut all = Vec::new();
        for part in &self.properties {
            let mut met = false;
            if let Some(value) = part.named.and_then(|named| named.get(name)) {
                all.push(part.node.with(value));
                met = true;
            }
            for (pattern, value) in part.patterns.into_iter().flatten() {
                if super::text::matches(pattern, name) {
                    all.push(part.node.with(value));
                    met = true;
                }
            }
            if let (false, Some(others)) = (met, part.others) {
                all.push(part.node.with(others));
            }
        }
        all
    }

    /// What a property must satisfy whose name nobody speaks of.
    pub fn others(&self) -> All<'a> {
        let part = |part: &Properties<'a>| Some(part.node.with(part.others?));
        self.properties.iter().filter_map(part).collect()
    }

    /// What an entry of a list must satisfy.
    pub fn item(&self, index: usize) -> All<'a> {
        self.entries.iter().filter_map(|entries| entries.first.get(index).or(entries.rest.as_ref()).cloned()).collect()
    }

    /// How many entries are spoken of one by one.
    pub fn tuple(&self) -> usize {
        self.entries.iter().map(|entries| entries.first.len()).max().unwrap_or(0)
    }

    /// The schema that refuses all.
    fn never(&self) -> Node<'a> {
        const NOTHING: &Value = &Value::Bool(false);
        self.nodes[0].with(NOTHING)
    }

    /// Where a keyword stands, or else the schema.
    pub fn place(&self, keywords: &[&'static str]) -> Option<At<'a>> {
        let at = |node: &Node<'a>, keys: Vec<&'a str>| At { side: node.side(), value: node.value, keys };
        for keyword in keywords {
            if let Some(node) = self.nodes.iter().find(|node| node.value.get(keyword).is_some()) {
                return Some(at(node, vec![keyword]));
            }
        }
        self.nodes.last().map(|node| at(node, Vec::new()))
    }
}

/// `{}` and `true`, and what has only annotations.
pub fn accepts_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(accepts) => *accepts,
        Value::Object(map) => map.keys().all(|key| says_nothing(key)),
        _ => false,
    }
}

/// Whether a keyword accepts every value.
pub fn says_nothing(keyword: &str) -> bool {
    const ANNOTATIONS: [&str; 9] =
        ["title", "description", "example", "examples", "default", "deprecated", "$comment", "readOnly", "writeOnly"];
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

/// Equality as JSON Schema means it: `1.0` is 1.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => number::order(left, right) == Ordering::Equal,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}

fn least(left: Option<u64>, right: Option<u64>) -> Option<u64> {
    left.into_iter().chain(right).min()
}

/// A bound on a number that is a whole one anyway, rounded inwards.
pub fn whole_bound(bound: &Bound, low: bool) -> Number {
    let limit = number::float(&bound.limit);
    match bound.limit.as_i128() {
        Some(whole) => {
            let step = i128::from(bound.exclusive) * if low { 1 } else { -1 };
            Number::from_i128(whole + step).unwrap_or_else(|| bound.limit.clone())
        }
        None => number::number(if low { limit.ceil() } else { limit.floor() }).unwrap_or_else(|| bound.limit.clone()),
    }
}
