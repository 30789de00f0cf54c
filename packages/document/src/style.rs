//! Values that are written as text: what a schema expects of a text, and which value of JSON it means.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::dialect::LONGEST_CHAIN;
use crate::document::Document;
use crate::generate::kind;

/// What was written, before anybody knows its types.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, Raw)>),
    /// A part that was JSON itself.
    Json(Value),
}

/// Which values of JSON a schema expects: all of its alternatives together.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    text: bool,
    number: bool,
    boolean: bool,
    null: bool,
    /// Its entries.
    list: Option<Box<Shape>>,
    /// Its properties.
    map: Option<BTreeMap<String, Shape>>,
    /// Its other properties.
    other: Option<Box<Shape>>,
}

impl Shape {
    pub fn of(document: &Document, schema: &Value) -> Self {
        let mut shape = Self::default();
        let mut left = 5_000;
        shape.add(document, schema, 0, 0, &mut left);
        shape
    }

    pub fn is_list(&self) -> bool {
        self.list.is_some()
    }

    pub fn is_map(&self) -> bool {
        self.map.is_some()
    }

    /// Whether a single text can be one of its values.
    pub fn is_scalar(&self) -> bool {
        self.text || self.number || self.boolean || self.null || !self.is_list() && !self.is_map()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.map.iter().flatten().map(|(name, _)| name.as_str())
    }

    pub fn is_open(&self) -> bool {
        self.other.is_some()
    }

    pub fn property(&self, name: &str) -> Option<&Self> {
        self.map.as_ref().and_then(|map| map.get(name)).or(self.other.as_deref())
    }

    /// `depth` counts the ways into the value, `steps` those that stay where it is.
    fn add(&mut self, document: &Document, schema: &Value, depth: usize, steps: usize, left: &mut usize) {
        const DEEPEST: usize = 8;
        *left = left.saturating_sub(1);
        if depth > DEEPEST || steps > LONGEST_CHAIN || *left == 0 {
            self.text = true;
            return;
        }
        let Value::Object(map) = schema else { return };
        if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|to| document.target(to)) {
            self.add(document, target, depth, steps + 1, left);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for part in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.add(document, part, depth, steps + 1, left);
            }
        }
        match map.get("type") {
            Some(Value::String(name)) => self.kind(name),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).for_each(|name| self.kind(name)),
            _ => {
                let values = map.get("enum").and_then(Value::as_array).into_iter().flatten().chain(map.get("const"));
                values.for_each(|value| self.kind(kind(value)));
            }
        }
        if let Some(items) = map.get("items") {
            self.list.get_or_insert_default().add(document, items, depth + 1, 0, left);
        }
        if let Some(Value::Object(properties)) = map.get("properties") {
            let known = self.map.get_or_insert_default();
            for (name, schema) in properties {
                known.entry(name.clone()).or_default().add(document, schema, depth + 1, 0, left);
            }
        }
        match map.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(schema) => {
                self.map.get_or_insert_default();
                self.other.get_or_insert_default().add(document, schema, depth + 1, 0, left);
            }
            None if self.map.is_some() => {
                self.other.get_or_insert_default();
            }
            None => {}
        }
    }

    fn kind(&mut self, name: &str) {
        match name {
            "string" => self.text = true,
            "integer" | "number" => self.number = true,
            "boolean" => self.boolean = true,
            "null" => self.null = true,
            "array" => {
                self.list.get_or_insert_default();
            }
            "object" => {
                self.map.get_or_insert_default();
            }
            _ => {}
        }
    }

    /// The value that was meant. Where a text and something else can be, `texts` says which is preferred.
    pub fn value(&self, raw: &Raw, texts: bool) -> Value {
        match raw {
            Raw::Json(value) => value.clone(),
            Raw::Text(text) if self.is_list() && !(self.text && texts) => {
                let entry =
                    self.list.as_ref().map_or_else(|| Value::from(text.as_str()), |list| list.scalar(text, texts));
                Value::Array(vec![entry])
            }
            Raw::Text(text) => self.scalar(text, texts),
            Raw::List(entries) => {
                let any = Self::default();
                let inner = self.list.as_deref().unwrap_or(&any);
                Value::Array(entries.iter().map(|entry| inner.value(entry, texts)).collect())
            }
            Raw::Map(entries) if self.is_list() && entries.iter().all(|(key, _)| key.parse::<usize>().is_ok()) => {
                let list = entries.iter().map(|(_, entry)| entry.clone()).collect();
                self.value(&Raw::List(list), texts)
            }
            Raw::Map(entries) => {
                let any = Self::default();
                let mut map = Map::new();
                for (key, entry) in entries {
                    map.insert(key.clone(), self.property(key).unwrap_or(&any).value(entry, texts));
                }
                Value::Object(map)
            }
        }
    }

    fn scalar(&self, text: &str, texts: bool) -> Value {
        if self.text && texts {
            return Value::from(text);
        }
        let number = || {
            let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            whole.ok().or_else(|| text.parse::<f64>().ok().filter(|_| plain).and_then(Number::from_f64))
        };
        match text {
            "true" | "false" if self.boolean => Value::Bool(text == "true"),
            "null" | "" if self.null && !self.text => Value::Null,
            _ => match number().filter(|_| self.number) {
                Some(number) => Value::Number(number),
                None => Value::from(text),
            },
        }
    }
}

/// Puts what stands under `a[b][c]` or `a[]` where it belongs; `path` is what stands between the brackets.
pub fn place(entries: &mut Vec<(String, Raw)>, path: &[&str], value: Raw) {
    const DEEPEST: usize = 32;
    let Some((first, rest)) = path.split_first() else { return };
    if path.len() > DEEPEST {
        return;
    }
    let key = if first.is_empty() { entries.len().to_string() } else { (*first).to_owned() };
    let at = entries.iter().position(|(known, _)| *known == key);
    if rest.is_empty() {
        match at.and_then(|at| entries.get_mut(at)) {
            // Twice the same key: a list.
            Some((_, Raw::List(list))) => list.push(value),
            Some((_, before)) => {
                let first = std::mem::replace(before, Raw::List(Vec::new()));
                *before = Raw::List(vec![first, value]);
            }
            None => entries.push((key, value)),
        }
        return;
    }
    let at = at.unwrap_or_else(|| {
        entries.push((key, Raw::Map(Vec::new())));
        entries.len() - 1
    });
    if let Some((_, entry)) = entries.get_mut(at) {
        if !matches!(entry, Raw::Map(_)) {
            *entry = Raw::Map(Vec::new());
        }
        if let Raw::Map(inner) = entry {
            place(inner, rest, value);
        }
    }
}

/// `a[b][c]` as `a`, `b`, `c`.
pub fn brackets(key: &str) -> Vec<&str> {
    let Some((first, rest)) = key.split_once('[') else { return vec![key] };
    let mut all = vec![first];
    all.extend(rest.trim_end_matches(']').split("]["));
    all
}
