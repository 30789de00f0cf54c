//! A schema with all it refers to, as one JSON Schema 2020-12 that stands alone.
//!
//! Only keywords that a validator knows are written, and only where their values have the form they need: documents of
//! real APIs have both wrong. What OpenAPI adds becomes JSON Schema: `discriminator` chooses the alternative, `int32` and
//! `int64` are ranges, and properties that do not go this way are neither demanded nor looked at.
//!
//! For one value it can be written smaller: only what a validator would look at, references written out. A schema of a
//! large document reaches most of it, and a validator of that for each of its operations would be a great deal to keep.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::dialect::LONGEST_CHAIN;
use crate::document::Document;
use crate::formats;
use crate::pattern;
use crate::schema::View;

/// The most schemas that are written out for one value.
const MOST_WRITTEN: usize = 20_000;

/// Which patterns are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patterns {
    /// All: whether they can be read is seen when they are compiled.
    All,
    /// Those that can be read: each of them is compiled to see that.
    Readable,
}

impl Patterns {
    /// A pattern as it is written.
    fn written(self, pattern: &str) -> Option<String> {
        let written = pattern::translated(pattern);
        (self == Self::All || pattern::is_held(&written)).then(|| written.into_owned())
    }
}

/// Writes it.
pub fn bundle(document: &Document, schema: &Value, view: View, patterns: Patterns) -> Value {
    let mut bundle = Bundle { document, view, patterns, known: HashMap::new(), left: Vec::new(), room: usize::MAX };
    let root = bundle.schema(schema, &BTreeSet::new(), None, 0);
    let mut definitions = Map::new();
    while let Some((number, reference, hidden)) = bundle.left.pop() {
        let target = document.target(reference);
        let written = target.map_or(Value::Bool(true), |target| bundle.schema(target, &hidden, None, 0));
        definitions.insert(number.to_string(), written);
    }
    match root {
        Value::Object(mut root) => {
            if !definitions.is_empty() {
                root.insert("$defs".to_owned(), Value::Object(definitions));
            }
            Value::Object(root)
        }
        other => other,
    }
}

/// What is looked at for one value; nothing if even that is too much.
pub fn for_value(document: &Document, schema: &Value, view: View, patterns: Patterns, value: &Value) -> Option<Value> {
    let mut bundle = Bundle { document, view, patterns, known: HashMap::new(), left: Vec::new(), room: MOST_WRITTEN };
    let written = bundle.schema(schema, &BTreeSet::new(), Some(&[value]), 0);
    (bundle.room > 0).then_some(written)
}

/// Whether a schema reaches more than so many others.
pub fn reaches_more_than(document: &Document, schema: &Value, most: usize) -> bool {
    let mut known = HashSet::new();
    let mut left = vec![schema];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref")
                    && known.insert(reference.as_str())
                {
                    if known.len() > most {
                        return true;
                    }
                    left.extend(document.target(reference));
                }
                left.extend(map.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    false
}

/// Properties that do not go this way, as they are declared around one object.
type Hidden<'a> = BTreeSet<&'a str>;

struct Bundle<'a> {
    document: &'a Document,
    view: View,
    patterns: Patterns,
    known: HashMap<(&'a str, Hidden<'a>), usize>,
    left: Vec<(usize, &'a str, Hidden<'a>)>,
    /// How many schemas may still be written.
    room: usize,
}

/// The values that a schema is written for; none when it is written for all.
type For<'v> = Option<&'v [&'v Value]>;

impl<'a> Bundle<'a> {
    /// What a reference leads to: by reference, or written out for the values.
    fn reference(&mut self, reference: &'a str, hidden: &Hidden<'a>, values: For<'_>, steps: usize) -> Value {
        if values.is_some() {
            let target = self.document.target(reference);
            return target.map_or(Value::Bool(true), |target| self.schema(target, hidden, values, steps + 1));
        }
        let next = self.known.len();
        let number = *self.known.entry((reference, hidden.clone())).or_insert(next);
        if number == next {
            self.left.push((number, reference, hidden.clone()));
        }
        json!({ "$ref": format!("#/$defs/{number}") })
    }

    fn names(&mut self, schema: &'a Value, values: For<'_>) -> Value {
        let names: Option<Vec<Value>> = values.map(|values| {
            let maps = values.iter().filter_map(|value| value.as_object());
            maps.flat_map(|map| map.keys().cloned().map(Value::String)).collect()
        });
        let names: Option<Vec<&Value>> = names.as_ref().map(|names| names.iter().collect());
        self.schema(schema, &BTreeSet::new(), names.as_deref(), 0)
    }

    /// `steps` counts the schemas that were entered without going into the value.
    fn schema(&mut self, schema: &'a Value, hidden: &Hidden<'a>, values: For<'_>, steps: usize) -> Value {
        let Value::Object(map) = schema else { return Value::Bool(schema != &Value::Bool(false)) };
        self.room = self.room.saturating_sub(1);
        if self.room == 0 || values.is_some() && steps > LONGEST_CHAIN {
            self.room = 0;
            return Value::Bool(true);
        }
        let mut hidden = hidden.clone();
        self.hide(schema, &mut hidden, 0);
        let none = BTreeSet::new();
        let mut out = Map::new();
        let mut all = Vec::new();
        let mapping = self.discriminated(map, &hidden, values, steps);
        let of =
            |name: &str| values.map(|values| values.iter().filter_map(|value| value.get(name)).collect::<Vec<_>>());
        let members: Option<Vec<&Value>> =
            values.map(|values| values.iter().filter_map(|value| value.as_object()).flat_map(Map::values).collect());
        let entries: Option<Vec<&Value>> =
            values.map(|values| values.iter().filter_map(|value| value.as_array()).flatten().collect());
        let unasked = |inner: &Option<Vec<&Value>>| inner.as_ref().is_some_and(Vec::is_empty);
        for (key, value) in map {
            let written = match (key.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    let written = self.reference(reference, &hidden, values, steps);
                    match written.get("$ref") {
                        Some(reference) => reference.clone(),
                        None => {
                            all.push(written);
                            continue;
                        }
                    }
                }
                ("type", _) => match types(value) {
                    Some(types) => types,
                    None => continue,
                },
                ("enum", Value::Array(_)) | ("const", _) => value.clone(),
                ("uniqueItems", Value::Bool(_)) => value.clone(),
                ("minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum", Value::Number(_)) => value.clone(),
                ("multipleOf", Value::Number(step)) if step.as_f64().is_some_and(|step| step > 0.0) => value.clone(),
                (
                    "minLength" | "maxLength" | "minItems" | "maxItems" | "minContains" | "maxContains"
                    | "minProperties" | "maxProperties",
                    Value::Number(count),
                ) if count.as_u64().is_some() => value.clone(),
                ("pattern", Value::String(pattern)) => match self.patterns.written(pattern) {
                    Some(pattern) => Value::String(pattern),
                    None => continue,
                },
                ("format", Value::String(name)) => {
                    if let Some((low, high)) = formats::range(name) {
                        all.push(json!({ "minimum": low, "maximum": high }));
                    }
                    if !formats::is_asserted(name) {
                        continue;
                    }
                    value.clone()
                }
                ("required", Value::Array(names)) => {
                    let mut seen = BTreeSet::new();
                    let wanted = |name: &&Value| {
                        name.as_str().is_some_and(|name| !hidden.contains(name) && seen.insert(name.to_owned()))
                    };
                    Value::Array(names.iter().filter(wanted).cloned().collect())
                }
                ("dependentRequired", Value::Object(_)) => value.clone(),
                ("properties", Value::Object(properties)) => {
                    let mut written = Map::new();
                    for (name, schema) in properties {
                        let inner = of(name);
                        if unasked(&inner) {
                            continue;
                        }
                        let free = hidden.contains(name.as_str());
                        let inner =
                            if free { Value::Bool(true) } else { self.schema(schema, &none, inner.as_deref(), 0) };
                        written.insert(name.clone(), inner);
                    }
                    Value::Object(written)
                }
                ("patternProperties", Value::Object(patterns)) => {
                    let inner = members.as_deref();
                    let each = patterns.iter();
                    let readable = each.filter_map(|(name, schema)| Some((self.patterns.written(name)?, schema)));
                    let readable: Vec<_> = readable.collect();
                    Value::Object(
                        readable
                            .into_iter()
                            .map(|(name, schema)| (name, self.schema(schema, &none, inner, 0)))
                            .collect(),
                    )
                }
                ("dependentSchemas", Value::Object(schemas)) => {
                    let each = schemas.iter();
                    let write = |(name, schema): (&String, &'a Value)| {
                        (name.clone(), self.schema(schema, &hidden, values, steps + 1))
                    };
                    Value::Object(each.map(write).collect())
                }
                ("additionalProperties" | "unevaluatedProperties", Value::Object(_) | Value::Bool(_)) => {
                    // What a pattern would have named is none of the others, and nobody knows what it named.
                    let named = map.get("patternProperties").and_then(Value::as_object);
                    let lost =
                        named.is_some_and(|named| named.keys().any(|name| self.patterns.written(name).is_none()));
                    if unasked(&members) || lost {
                        continue;
                    }
                    self.schema(value, &none, members.as_deref(), 0)
                }
                ("propertyNames", Value::Object(_) | Value::Bool(_)) => self.names(value, values),
                ("items" | "unevaluatedItems", Value::Object(_) | Value::Bool(_)) => {
                    if unasked(&entries) {
                        continue;
                    }
                    self.schema(value, &none, entries.as_deref(), 0)
                }
                ("contains", Value::Object(_) | Value::Bool(_)) => self.schema(value, &none, entries.as_deref(), 0),
                ("prefixItems", Value::Array(items)) if !items.is_empty() => {
                    let entries = entries.as_deref();
                    Value::Array(items.iter().map(|item| self.schema(item, &none, entries, 0)).collect())
                }
                ("not" | "if" | "then" | "else", Value::Object(_) | Value::Bool(_)) => {
                    self.schema(value, &hidden, values, steps + 1)
                }
                ("allOf", Value::Array(parts)) => {
                    all.extend(parts.iter().map(|part| self.schema(part, &hidden, values, steps + 1)));
                    continue;
                }
                ("oneOf" | "anyOf", Value::Array(parts)) if !parts.is_empty() => {
                    if mapping.is_some() {
                        continue;
                    }
                    Value::Array(parts.iter().map(|part| self.schema(part, &hidden, values, steps + 1)).collect())
                }
                _ => continue,
            };
            out.insert(key.clone(), written);
        }
        all.extend(mapping.into_iter().flatten());
        if !all.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all));
        }
        Value::Object(out)
    }

    /// What a discriminator says: the property is there, has one of the known values, and its value chooses the schema.
    fn discriminated(
        &mut self,
        map: &'a Map<String, Value>,
        hidden: &Hidden<'a>,
        of: For<'_>,
        steps: usize,
    ) -> Option<Vec<Value>> {
        let (property, choices) = discriminated(map)?;
        let values: Vec<&str> = choices.iter().map(|(value, _)| *value).collect();
        let mut all = vec![json!({ "required": [property], "properties": { property: { "enum": values } } })];
        for (value, reference) in choices {
            let is_chosen = |one: &&Value| one.get(property).and_then(Value::as_str) == Some(value);
            if of.is_some_and(|all| !all.iter().any(is_chosen)) {
                continue;
            }
            let chosen = self.reference(reference, hidden, of, steps);
            all.push(json!({
                "if": { "required": [property], "properties": { property: { "const": value } } },
                "then": chosen,
            }));
        }
        Some(all)
    }

    fn hide(&self, schema: &'a Value, hidden: &mut Hidden<'a>, depth: usize) {
        let Some(keyword) = self.view.hidden() else { return };
        if depth > LONGEST_CHAIN / 8 {
            return;
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let all = properties.iter().filter(|(_, schema)| is_hidden(self.document, schema, keyword));
            hidden.extend(all.map(|(name, _)| name.as_str()));
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|to| self.document.target(to)) {
            self.hide(target, hidden, depth + 1);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.hide(part, hidden, depth + 1);
        }
    }
}

/// Whether a property with this schema has the keyword, itself or where it leads.
pub fn is_hidden<'a>(document: &'a Document, mut schema: &'a Value, keyword: &str) -> bool {
    for _ in 0..LONGEST_CHAIN {
        if schema.get(keyword) == Some(&Value::Bool(true)) {
            return true;
        }
        match schema.get("$ref").and_then(Value::as_str).and_then(|to| document.target(to)) {
            Some(target) => schema = target,
            None => return false,
        }
    }
    false
}

/// The property of a discriminator, and for each of its values the reference it chooses; none where the alternatives are
/// not all references, which OpenAPI demands.
pub fn discriminated(map: &Map<String, Value>) -> Option<(&str, Vec<(&str, &str)>)> {
    let discriminator = map.get("discriminator")?;
    let property = discriminator.get("propertyName")?.as_str()?;
    let parts = map.get("oneOf").or_else(|| map.get("anyOf"))?.as_array()?;
    let references: Vec<&str> =
        parts.iter().map(|part| part.get("$ref").and_then(Value::as_str)).collect::<Option<_>>()?;
    let mut choices: Vec<(&str, &str)> = Vec::new();
    let mut mapped = BTreeSet::new();
    for (value, target) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
        let target = target.as_str()?;
        // A reference, or the name of a schema.
        let reference = references
            .iter()
            .find(|reference| **reference == target || reference.rsplit('/').next() == Some(target))?;
        mapped.insert(*reference);
        choices.push((value, reference));
    }
    for reference in references.iter().filter(|reference| !mapped.contains(**reference)) {
        choices.push((reference.rsplit('/').next()?, reference));
    }
    (!choices.is_empty()).then_some((property, choices))
}

/// The types that exist, of those that are named.
fn types(value: &Value) -> Option<Value> {
    let known = |name: &Value| {
        matches!(name.as_str(), Some("string" | "number" | "integer" | "boolean" | "object" | "array" | "null"))
    };
    match value {
        Value::String(_) => known(value).then(|| value.clone()),
        Value::Array(names) => {
            let mut all: Vec<Value> = names.iter().filter(|name| known(name)).cloned().collect();
            all.dedup();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        _ => None,
    }
}
