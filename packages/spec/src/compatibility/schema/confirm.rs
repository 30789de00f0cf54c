//! The independent verdict: whether a value satisfies a schema, by the `jsonschema` crate.
//!
//! A schema of a real document reaches hundreds of others. The validator is given only what it would look at for the one
//! value: `properties` that the value has, `items` if it has entries. What is left out could not have been asked.

use std::collections::BTreeSet;

use document::formats::{self, is_asserted};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::node::{All, Node};
use super::number;

/// The most schemas that are written out for one value.
const MOST_SCHEMAS: usize = 20_000;

/// A validator for values no larger than these; none if the schema cannot be judged.
pub fn judge(all: &All<'_>, values: &[&Value]) -> Option<Validator> {
    let mut writer = Writer { left: MOST_SCHEMAS };
    let hidden = BTreeSet::new();
    let parts: Option<Vec<Value>> = all.iter().map(|node| writer.schema(node, values, &hidden, 0)).collect();
    let mut parts = parts?;
    let schema = if parts.len() == 1 { parts.remove(0) } else { json!({ "allOf": parts }) };
    formats::options().build(&schema).ok()
}

/// Whether a schema accepts a value.
pub fn accepts(all: &All<'_>, value: &Value) -> Option<bool> {
    Some(judge(all, &[value])?.is_valid(value))
}

/// Why a schema refuses a value: in whose words, and that it is about this place in it.
pub fn refuses(all: &All<'_>, value: &Value, at: &str) -> Option<String> {
    let validator = judge(all, &[value])?;
    let mut errors = validator.iter_errors(value).map(|error| {
        let (place, text) = (error.instance_path().to_string(), error.to_string());
        // Errors of a choice stand where the choice is, above what made it fail.
        let whole = ["/anyOf", "/oneOf", "/not", "/else", "/then", "/if", "/allOf"];
        let schema = error.schema_path().to_string();
        let about = place.starts_with(at) || at.starts_with(&place) && whole.iter().any(|word| schema.ends_with(word));
        (about, text)
    });
    errors.find(|(about, _)| *about).map(|(_, text)| shortened(text))
}

fn shortened(text: String) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

struct Writer {
    left: usize,
}

impl Writer {
    /// The part of a schema that these values are held against. `hidden` are properties that do not go this way; `depth`
    /// counts the schemas that were entered without going into the value.
    fn schema(&mut self, node: &Node<'_>, values: &[&Value], hidden: &BTreeSet<&str>, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth > super::LONGEST_CHAIN {
            return None;
        }
        let Value::Object(map) = node.value else { return node.value.is_boolean().then(|| node.value.clone()) };
        let mut hidden = hidden.clone();
        names_that_are_hidden(node, &mut hidden, 0);
        let mut out = Map::new();
        let mut all = Vec::new();
        if let Some(target) = node.target() {
            all.push(self.schema(&target, values, &hidden, depth + 1)?);
        }
        for (key, value) in map {
            let inside = node.with(value);
            let written = match key.as_str() {
                "type" | "enum" | "const" | "multipleOf" | "minimum" | "maximum" | "exclusiveMinimum"
                | "exclusiveMaximum" | "minLength" | "maxLength" | "pattern" | "minItems" | "maxItems"
                | "uniqueItems" | "minContains" | "maxContains" | "minProperties" | "maxProperties"
                | "dependentRequired" => value.clone(),
                "format" => {
                    let name = value.as_str().unwrap_or_default();
                    if let Some((low, high)) = number::range(name) {
                        all.push(json!({ "minimum": low, "maximum": high }));
                    }
                    if !is_asserted(name) {
                        continue;
                    }
                    value.clone()
                }
                "required" => {
                    let names = value.as_array().into_iter().flatten();
                    let named = |name: &&Value| !name.as_str().is_some_and(|name| hidden.contains(name));
                    Value::Array(names.filter(named).cloned().collect())
                }
                "properties" => {
                    let mut properties = Map::new();
                    for (name, schema) in value.as_object().into_iter().flatten() {
                        let inner: Vec<&Value> = values.iter().filter_map(|value| value.get(name)).collect();
                        if inner.is_empty() {
                            continue;
                        }
                        let written = if hidden.contains(name.as_str()) {
                            Value::Bool(!node.view.sends)
                        } else {
                            self.schema(&node.with(schema), &inner, &BTreeSet::new(), 0)?
                        };
                        properties.insert(name.clone(), written);
                    }
                    Value::Object(properties)
                }
                "patternProperties" => {
                    let inner = members(values);
                    let mut patterns = Map::new();
                    for (pattern, schema) in value.as_object().into_iter().flatten().filter(|_| !inner.is_empty()) {
                        let node = node.with(schema);
                        patterns.insert(pattern.clone(), self.schema(&node, &inner, &BTreeSet::new(), 0)?);
                    }
                    Value::Object(patterns)
                }
                "dependentSchemas" => {
                    let mut schemas = Map::new();
                    for (name, schema) in value.as_object().into_iter().flatten() {
                        if values.iter().any(|value| value.get(name).is_some()) {
                            let node = node.with(schema);
                            schemas.insert(name.clone(), self.schema(&node, values, &hidden, depth + 1)?);
                        }
                    }
                    Value::Object(schemas)
                }
                "additionalProperties" | "unevaluatedProperties" => {
                    let inner = members(values);
                    if inner.is_empty() {
                        continue;
                    }
                    self.schema(&inside, &inner, &BTreeSet::new(), 0)?
                }
                "propertyNames" => {
                    let names: Vec<Value> = values
                        .iter()
                        .filter_map(|value| value.as_object())
                        .flat_map(|map| map.keys().cloned().map(Value::String))
                        .collect();
                    self.schema(&inside, &names.iter().collect::<Vec<_>>(), &BTreeSet::new(), 0)?
                }
                "items" | "contains" | "unevaluatedItems" => {
                    let inner: Vec<&Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
                    if inner.is_empty() && key != "contains" {
                        continue;
                    }
                    self.schema(&inside, &inner, &BTreeSet::new(), 0)?
                }
                "prefixItems" => {
                    let mut items = Vec::new();
                    for (index, node) in node.list(key).iter().enumerate() {
                        let inner: Vec<&Value> = values.iter().filter_map(|value| value.get(index)).collect();
                        let skipped = inner.is_empty();
                        items.push(if skipped {
                            Value::Bool(true)
                        } else {
                            self.schema(node, &inner, &BTreeSet::new(), 0)?
                        });
                    }
                    Value::Array(items)
                }
                "allOf" | "anyOf" | "oneOf" => {
                    let list = node.list(key);
                    let written: Option<Vec<Value>> =
                        list.iter().map(|node| self.schema(node, values, &hidden, depth + 1)).collect();
                    if key == "allOf" {
                        all.extend(written?);
                        continue;
                    }
                    Value::Array(written?)
                }
                "not" | "if" | "then" | "else" => self.schema(&inside, values, &hidden, depth + 1)?,
                "$dynamicRef" | "$recursiveRef" => return None,
                _ => continue,
            };
            out.insert(key.clone(), written);
        }
        if !all.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all));
        }
        Some(Value::Object(out))
    }
}

fn members<'v>(values: &[&'v Value]) -> Vec<&'v Value> {
    values.iter().filter_map(|value| value.as_object()).flat_map(Map::values).collect()
}

/// Properties that do not go this way, wherever in one object's schemas they are declared.
fn names_that_are_hidden<'a>(node: &Node<'a>, hidden: &mut BTreeSet<&'a str>, depth: usize) {
    if node.view.hidden.is_none() || depth > super::LONGEST_CHAIN / 8 {
        return;
    }
    if let Some(Value::Object(properties)) = node.value.get("properties") {
        let all = properties.iter().filter(|(_, schema)| node.with(schema).is_hidden());
        hidden.extend(all.map(|(name, _)| name.as_str()));
    }
    let parts = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| node.list(key));
    for part in node.target().into_iter().chain(parts) {
        names_that_are_hidden(&part, hidden, depth + 1);
    }
}
