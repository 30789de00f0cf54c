//! The second opinion on whole schemas: the set algebra of the `jsonschema` crate, for compositions that keywords alone
//! do not decide.

use std::collections::BTreeMap;

use jsonschema::Draft;
use jsonschema::canonical::{self, CanonicalSchema, Containment, Satisfiability};
use serde_json::{Map, Value, json};

use super::node::{All, Node};
use super::number;

/// The largest schemas that are handed over, in schemas: the algebra may take long over larger ones.
const MOST_SCHEMAS: usize = 150;

/// Whether the receiver accepts all that the sender may send; false also if the algebra cannot say.
pub fn contains(receiver: &All<'_>, sender: &All<'_>) -> bool {
    let (Some(sender), Some(receiver)) = (canonical(sender), canonical(receiver)) else { return false };
    receiver.covers(&sender).ok() == Some(Containment::Yes)
        || sender.subtract(&receiver).is_ok_and(|difference| difference.satisfiability() == Satisfiability::No)
}

fn canonical(all: &All<'_>) -> Option<CanonicalSchema> {
    let mut writer = Writer { left: MOST_SCHEMAS, definitions: BTreeMap::new() };
    let parts: Option<Vec<Value>> = all.iter().map(|node| writer.schema(node)).collect();
    let mut schema = Map::new();
    schema.insert("allOf".to_owned(), Value::Array(parts?));
    schema.insert("$defs".to_owned(), Value::Object(writer.definitions.into_iter().collect()));
    canonical::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .offline()
        .canonicalize(&Value::Object(schema))
        .ok()
}

struct Writer {
    left: usize,
    definitions: BTreeMap<String, Value>,
}

impl Writer {
    /// The schema without annotations, its references led to `$defs`.
    fn schema(&mut self, node: &Node<'_>) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let Value::Object(map) = node.value else { return Some(node.value.clone()) };
        // Properties that go one way only are not in the algebra's language.
        if node.view.hidden.is_some_and(|keyword| map.get(keyword) == Some(&Value::Bool(true))) {
            return None;
        }
        let mut out = Map::new();
        for (key, value) in map {
            let written = match key.as_str() {
                "$ref" => {
                    let name = format!("s{:x}", std::ptr::from_ref(node.target()?.value) as usize);
                    if !self.definitions.contains_key(&name) {
                        self.definitions.insert(name.clone(), Value::Bool(true));
                        let target = self.schema(&node.target()?)?;
                        self.definitions.insert(name.clone(), target);
                    }
                    Value::String(format!("#/$defs/{name}"))
                }
                "properties" | "patternProperties" | "dependentSchemas" => {
                    let mut inner = Map::new();
                    for (name, schema) in value.as_object()? {
                        inner.insert(name.clone(), self.schema(&node.with(schema))?);
                    }
                    Value::Object(inner)
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    Value::Array(node.list(key).iter().map(|node| self.schema(node)).collect::<Option<_>>()?)
                }
                "items"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "additionalProperties"
                | "propertyNames"
                | "unevaluatedProperties"
                | "unevaluatedItems" => self.schema(&node.with(value))?,
                "format" => {
                    let name = value.as_str()?;
                    if let Some((low, high)) = number::range(name) {
                        let range = json!({ "minimum": low, "maximum": high });
                        let all = out.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
                        if let Value::Array(all) = all {
                            all.push(range);
                        }
                        continue;
                    }
                    if !document::formats::is_asserted(name) {
                        continue;
                    }
                    // These three are ours; the algebra would take them for annotations on both sides.
                    if matches!(name, "byte" | "base64url" | "url") {
                        return None;
                    }
                    value.clone()
                }
                "type" | "enum" | "const" | "multipleOf" | "minimum" | "maximum" | "exclusiveMinimum"
                | "exclusiveMaximum" | "minLength" | "maxLength" | "pattern" | "minItems" | "maxItems"
                | "uniqueItems" | "minContains" | "maxContains" | "minProperties" | "maxProperties"
                | "dependentRequired" | "required" => value.clone(),
                "$dynamicRef" | "$recursiveRef" => return None,
                _ => continue,
            };
            match (out.get_mut(key), written) {
                (Some(Value::Array(before)), Value::Array(more)) if key == "allOf" => before.extend(more),
                (_, written) => {
                    out.insert(key.clone(), written);
                }
            }
        }
        Some(Value::Object(out))
    }
}
