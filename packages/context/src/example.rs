//! Examples: one plain instance of a JSON Schema, the same every time.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value, json};

/// An instance that `schema`, a whole document, accepts.
pub fn example(schema: &Value) -> Value {
    of(schema, schema, "", 0)
}

/// Deeper than any type of ours; of a type that holds itself, optional parts are left out from there on.
const DEEPEST: usize = 12;

fn of(root: &Value, schema: &Value, name: &str, depth: usize) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let found = target.strip_prefix('#').and_then(|target| root.pointer(target));
        return match found {
            Some(found) if depth < 2 * DEEPEST => of(root, found, name, depth + 1),
            _ => Value::Null,
        };
    }
    if let Some(only) = schema.get("const").or_else(|| schema["enum"].as_array().and_then(|all| all.first())) {
        return only.clone();
    }
    if schema.get("properties").is_none()
        && let Some(branches) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array())
    {
        let first = branches.iter().find(|branch| branch["type"] != "null").or_else(|| branches.first());
        return first.map_or(Value::Null, |first| of(root, first, name, depth + 1));
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => object(root, schema, depth),
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or(0).max(u64::from(depth < DEEPEST));
            let most = schema["maxItems"].as_u64().unwrap_or(least);
            let item = || schema.get("items").map_or(json!("anything"), |items| of(root, items, name, depth + 1));
            (0..least.min(most)).map(|_| item()).collect()
        }
        "string" => json!(string(schema, name)),
        "integer" => {
            let low = schema["minimum"].as_i64().unwrap_or(0);
            json!(schema["maximum"].as_i64().map_or(low.max(1), |high| low.max(1).min(high)))
        }
        "number" => {
            let low = schema["minimum"].as_f64().unwrap_or(0.0);
            json!(schema["maximum"].as_f64().map_or(low.max(1.0), |high| low.max(1.0).min(high)))
        }
        "boolean" => json!(true),
        "null" => Value::Null,
        _ if schema.get("properties").is_some() => object(root, schema, depth),
        _ => json!({}),
    }
}

fn object(root: &Value, schema: &Value, depth: usize) -> Value {
    let names = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let mut required = names(&schema["required"]);
    let mut forbidden = Vec::new();
    // Of properties that exclude each other, those of the first alternative.
    for (place, branch) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
        if place == 0 { &mut required } else { &mut forbidden }.extend(names(&branch["required"]));
    }
    forbidden.retain(|name| !required.contains(name));
    let mut fields = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let wanted = required.contains(name) || (depth < DEEPEST && !forbidden.contains(name));
        if wanted {
            fields.insert(name.clone(), of(root, property, name, depth + 1));
        }
    }
    Value::Object(fields)
}

fn string(schema: &Value, name: &str) -> String {
    match schema["format"].as_str() {
        Some("date-time") => return "2026-11-21T08:00:00Z".to_owned(),
        Some("date") => return "2026-11-21".to_owned(),
        Some("email") => return "asha@acme.example".to_owned(),
        Some("uri" | "url") => return "https://acme.example/".to_owned(),
        Some("uuid") => return "550e8400-e29b-41d4-a716-446655440001".to_owned(),
        _ => {}
    }
    let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0)).unwrap_or_default();
    let most = schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    if let Some(pattern) = schema["pattern"].as_str() {
        let mut text = String::new();
        if let Ok(hir) = regex_syntax::parse(pattern) {
            spell(&hir, least, &mut text);
        }
        return text;
    }
    let word = if name.is_empty() { "text" } else { name };
    let text: String = word.chars().cycle().take(word.chars().count().max(least).min(most)).collect();
    text
}

/// The plainest text a pattern accepts.
fn spell(hir: &Hir, least: usize, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.push(letter(class)),
        HirKind::Capture(capture) => spell(&capture.sub, least, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| spell(part, least, text)),
        HirKind::Alternation(parts) => parts.iter().take(1).for_each(|part| spell(part, least, text)),
        HirKind::Repetition(repetition) => {
            let wanted = u32::try_from(least.saturating_sub(text.chars().count())).unwrap_or(u32::MAX);
            let most = repetition.max.unwrap_or(u32::MAX);
            // A few letters more than none read like a word.
            const WORD: u32 = 6;
            let times = repetition.min.max(wanted.max(WORD).min(most)).min(most);
            (0..times).for_each(|_| spell(&repetition.sub, 0, text));
        }
    }
}

/// A plain letter of a class.
fn letter(class: &Class) -> char {
    const PLAIN: [char; 5] = ['a', 'A', '1', '0', '-'];
    match class {
        Class::Unicode(class) => {
            let holds =
                |letter: &char| class.ranges().iter().any(|range| range.start() <= *letter && *letter <= range.end());
            let first = class.ranges().first().map_or('a', |range| range.start());
            PLAIN.into_iter().find(holds).unwrap_or(first)
        }
        Class::Bytes(class) => class.ranges().first().map_or('a', |range| char::from(range.start())),
    }
}
