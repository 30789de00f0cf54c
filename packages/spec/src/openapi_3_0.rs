//! OpenAPI 3.0.3 of a service, for what reads nothing newer: API Gateway's import, and generators of clients.
//!
//! It is made from the 3.1 document. What 3.0 cannot say is said as nearly as it can, and always more widely: a caller
//! that keeps to this document keeps to the newer one's types, and the service enforces the newer one.

use serde_json::{Map, Value, json};

use crate::halves::both;

/// The 3.0.3 form of a document of ours.
pub fn document(newer: &Value) -> Value {
    let lowered = |name: &str| {
        let mut part = newer[name].clone();
        lower_schemas(&mut part);
        part
    };
    // These two are nearly all of it, and each about half.
    let (paths, components) = both(|| lowered("paths"), || lowered("components"));
    let others = newer.as_object().into_iter().flatten().filter(|(name, _)| *name != "paths" && *name != "components");
    let mut document: Map<String, Value> = others.map(|(name, field)| (name.clone(), field.clone())).collect();
    document.extend(
        [("openapi", "3.0.3".into()), ("paths", paths), ("components", components)]
            .map(|(name, field)| (name.to_owned(), field)),
    );
    document.into()
}

/// Finds the schemas of a document: under `schema`, and in the components.
fn lower_schemas(place: &mut Value) {
    match place {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match (name.as_str(), field) {
                    ("schema", field) => lower(field),
                    ("schemas", Value::Object(named)) => named.values_mut().for_each(lower),
                    // What is shown is anybody's value.
                    ("examples", _) => {}
                    (_, field) => lower_schemas(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lower_schemas),
        _ => {}
    }
}

/// What a schema of 3.0 may hold. Other keywords only narrow, so leaving them out widens.
const KEYWORDS: [&str; 33] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
];
const MORE_KEYWORDS: [&str; 3] = ["uniqueItems", "writeOnly", "xml"];

/// One schema of draft 2020-12 as 3.0 writes it.
fn lower(schema: &mut Value) {
    if let Some(always) = schema.as_bool() {
        *schema = if always { json!({}) } else { json!({ "not": {} }) };
        return;
    }
    let Some(fields) = schema.as_object_mut() else { return };
    for name in ["items", "not", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(name).filter(|inner| inner.is_object()) {
            lower(inner);
        }
    }
    for name in ["allOf", "anyOf", "oneOf"] {
        fields.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(lower);
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(lower);
    }
    constant(fields);
    null_in_type(fields);
    bound(fields, "minimum", "exclusiveMinimum");
    bound(fields, "maximum", "exclusiveMaximum");
    if let Some(Value::Array(examples)) = fields.remove("examples") {
        fields.extend(examples.into_iter().next().map(|example| ("example".to_owned(), example)));
    }
    fields.retain(|name, _| {
        KEYWORDS.contains(&name.as_str()) || MORE_KEYWORDS.contains(&name.as_str()) || name.starts_with("x-")
    });
    if fields.len() > 1
        && let Some(target) = fields.remove("$ref")
    {
        fields.insert("allOf".into(), json!([{ "$ref": target }]));
    }
}

/// `const` is an `enum` of one.
fn constant(fields: &mut Map<String, Value>) {
    let Some(value) = fields.remove("const") else { return };
    if value.is_string() {
        fields.entry("type").or_insert_with(|| "string".into());
    }
    fields.insert("enum".into(), json!([value]));
}

/// `null` among the types is `nullable`, which counts only beside one type.
fn null_in_type(fields: &mut Map<String, Value>) {
    let Some(kind) = fields.get_mut("type") else { return };
    let mut kinds: Vec<Value> = match kind.take() {
        Value::Array(kinds) => kinds,
        one => vec![one],
    };
    let before = kinds.len();
    kinds.retain(|kind| kind != "null");
    let nullable = kinds.len() < before;
    match kinds.as_slice() {
        [only] => *kind = only.clone(),
        [] => {
            *kind = "string".into();
            fields.insert("enum".into(), json!([null]));
        }
        several => {
            let branches = several.iter().map(|kind| json!({ "type": kind, "nullable": nullable })).collect();
            fields.remove("type");
            fields.insert("anyOf".into(), branches);
            return;
        }
    }
    if nullable {
        fields.insert("nullable".into(), true.into());
    }
}

/// A bound that is itself excluded is a bound and a flag.
fn bound(fields: &mut Map<String, Value>, inclusive: &str, exclusive: &str) {
    if let Some(limit) = fields.get(exclusive).filter(|limit| limit.is_number()).cloned() {
        fields.insert(exclusive.to_owned(), true.into());
        fields.insert(inclusive.to_owned(), limit);
    }
}
