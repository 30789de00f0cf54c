//! Shapes: a JSON Schema as JSON in which every value says what may stand there.

use serde_json::{Map, Value, json};

/// The shape of what `schema`, a whole document, accepts. Names that end with `?` may be left out.
pub fn shape(schema: &Value) -> Value {
    of(schema, schema, 0)
}

/// Deeper than any type of ours; a type that holds itself ends there.
const DEEPEST: usize = 12;

fn of(root: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or(target);
        return match target.strip_prefix('#').and_then(|target| root.pointer(target)) {
            Some(found) if depth < DEEPEST => of(root, found, depth + 1),
            _ => json!(name),
        };
    }
    if let Some(only) = schema.get("const") {
        return json!(format!("always {}", plain(only)));
    }
    if let Some(several) = schema["enum"].as_array() {
        let names: Vec<String> = several.iter().map(plain).collect();
        return json!(format!("one of {}", names.join(", ")));
    }
    if let Some(branches) = branches(schema) {
        let (nulls, others): (Vec<&Value>, Vec<&Value>) = branches.iter().partition(|branch| branch["type"] == "null");
        let others = flat(root, others);
        let or_null = if nulls.is_empty() { "" } else { ", or null" };
        if others.len() > 1 && others.iter().all(|branch| branch.get("const").is_some()) {
            let names: Vec<String> = others.iter().map(|branch| plain(&branch["const"])).collect();
            return json!(format!("one of {}{or_null}", names.join(", ")));
        }
        let mut shapes: Vec<Value> = others.iter().map(|branch| of(root, branch, depth + 1)).collect();
        shapes.dedup();
        return match (&mut shapes[..], nulls.is_empty()) {
            ([Value::String(one)], false) => json!(format!("{one}, or null")),
            ([only], _) => only.take(),
            (several, _) if several.iter().all(Value::is_string) => {
                json!(several.iter().map(plain).collect::<Vec<_>>().join("; or "))
            }
            (several, _) => json!({ "one of": several.to_vec() }),
        };
    }
    let (kind, or_null) = match &schema["type"] {
        Value::Array(kinds) => {
            let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null");
            (kind, kinds.iter().any(|kind| kind == "null"))
        }
        kind => (kind.as_str().unwrap_or_default(), false),
    };
    let or_null = if or_null { ", or null" } else { "" };
    match kind {
        "object" => object(root, schema, depth),
        "array" => match schema.get("items") {
            Some(items) => json!([of(root, items, depth + 1)]),
            None => json!(["anything"]),
        },
        "string" => json!(format!("{}{or_null}", string(schema))),
        "integer" | "number" => json!(format!("{kind}{}{or_null}", bounds(schema, "minimum", "maximum", ""))),
        "boolean" => json!(format!("true or false{or_null}")),
        "null" => json!("null"),
        _ if schema.get("properties").is_some() => object(root, schema, depth),
        _ => json!("any JSON"),
    }
}

/// The alternatives, with those of an only alternative in its place.
fn flat<'a>(root: &'a Value, alternatives: Vec<&'a Value>) -> Vec<&'a Value> {
    let [only] = alternatives[..] else { return alternatives };
    let target = only["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    let only = target.and_then(|target| root.pointer(target)).unwrap_or(only);
    branches(only).map_or(alternatives, |inner| inner.iter().collect())
}

/// Alternatives; `oneOf` beside properties only narrows what the properties say.
fn branches(schema: &Value) -> Option<&Vec<Value>> {
    let is_whole = schema.get("properties").is_none();
    schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()).filter(|_| is_whole)
}

fn object(root: &Value, schema: &Value, depth: usize) -> Value {
    let required = |name: &str| schema["required"].as_array().into_iter().flatten().any(|other| other == name);
    let mut fields = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required(name) { "" } else { "?" };
        fields.insert(format!("{name}{mark}"), of(root, property, depth + 1));
    }
    match schema.get("additionalProperties") {
        Some(more @ Value::Object(_)) => drop(fields.insert("any name".to_owned(), of(root, more, depth + 1))),
        Some(Value::Bool(true)) => drop(fields.insert("any name".to_owned(), json!("any JSON"))),
        _ => {}
    }
    Value::Object(fields)
}

fn string(schema: &Value) -> String {
    if let Some(format) = schema["format"].as_str() {
        return format!("string, {format}");
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        return format!("string like {pattern}");
    }
    format!("string{}", bounds(schema, "minLength", "maxLength", " characters"))
}

fn bounds(schema: &Value, low: &str, high: &str, of: &str) -> String {
    match (schema.get(low), schema.get(high)) {
        (Some(low), Some(high)) => format!(", {low} to {high}{of}"),
        (Some(low), None) => format!(", at least {low}{of}"),
        (None, Some(high)) => format!(", at most {high}{of}"),
        (None, None) => String::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
