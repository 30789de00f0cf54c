//! One dialect for all schemas: what documents say as OpenAPI 3.0 and older drafts do is rewritten to JSON Schema 2020-12.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::document::Kind;
use crate::path::Path;
use crate::pattern;

/// The longest chain of references to references.
pub const LONGEST_CHAIN: usize = 64;

/// Rewrites every schema of a document, in place; where things stand does not change.
pub fn translate(root: &mut Value, kind: Kind) {
    outside(root, kind, "");
}

/// Under these stand names that the document's author chose, and answers by status: `default` is one.
const NAMES: [&str; 8] =
    ["responses", "parameters", "headers", "requestBodies", "callbacks", "messages", "channels", "content"];

/// Looks for schemas in what is no schema.
fn outside(value: &mut Value, kind: Kind, above: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| outside(item, kind, "")),
        Value::Object(map) => {
            for (key, value) in map {
                match key.as_str() {
                    "example" | "examples" if !NAMES.contains(&above) => {}
                    "schema" => schema(value, kind),
                    "schemas" if above == "components" => each(value, kind),
                    "payload" if kind == Kind::AsyncApi2 => schema(value, kind),
                    // A message's headers are a schema; `components` and operations have none of that name there.
                    "headers" if kind == Kind::AsyncApi2 && above != "components" => schema(value, kind),
                    _ => outside(value, kind, key),
                }
            }
        }
        _ => {}
    }
}

fn each(value: &mut Value, kind: Kind) {
    if let Value::Object(map) = value {
        map.values_mut().for_each(|value| schema(value, kind));
    }
}

fn schema(value: &mut Value, kind: Kind) {
    let Value::Object(map) = value else { return };
    if let Some(reference) = map.get("$ref").filter(|reference| reference.is_string())
        && kind != Kind::OpenApi31
    {
        // What stands beside a reference is not looked at, by OpenAPI 3.0 as by draft 7.
        let reference = reference.clone();
        map.clear();
        map.insert("$ref".to_owned(), reference);
        return;
    }
    exclusive(map);
    tuple(map);
    match kind {
        Kind::OpenApi30 => nullable(map),
        Kind::AsyncApi2 => dependencies(map),
        Kind::OpenApi31 => {}
    }
    for (key, value) in map {
        match key.as_str() {
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => each(value, kind),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                if let Value::Array(items) = value {
                    items.iter_mut().for_each(|item| schema(item, kind));
                }
            }
            "items" | "not" | "additionalProperties" | "propertyNames" | "contains" | "if" | "then" | "else" => {
                schema(value, kind);
            }
            _ => {}
        }
    }
}

/// OpenAPI 3.0.3: `nullable` adds null to a type that is stated in the same schema, and to nothing else.
fn nullable(map: &mut Map<String, Value>) {
    if map.remove("nullable") == Some(Value::Bool(true))
        && let Some(Value::String(name)) = map.get("type")
    {
        let both = vec![Value::String(name.clone()), Value::String("null".to_owned())];
        map.insert("type".to_owned(), Value::Array(both));
    }
}

/// OpenAPI 3.0 says of a bound that it is exclusive; so do many documents of 3.1.
fn exclusive(map: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match map.get(flag) {
            Some(Value::Bool(true)) => match map.remove(bound) {
                Some(limit) => {
                    map.insert(flag.to_owned(), limit);
                }
                None => {
                    map.remove(flag);
                }
            },
            Some(Value::Bool(false)) => {
                map.remove(flag);
            }
            _ => {}
        }
    }
}

/// Draft 7 writes a tuple as a list of `items`; so do documents of OpenAPI, which has no tuples in 3.0.
fn tuple(map: &mut Map<String, Value>) {
    if map.get("items").is_some_and(Value::is_array) {
        let tuple = map.remove("items").unwrap_or_default();
        map.insert("prefixItems".to_owned(), tuple);
        if let Some(rest) = map.remove("additionalItems") {
            map.insert("items".to_owned(), rest);
        }
    }
}

fn dependencies(map: &mut Map<String, Value>) {
    if let Some(Value::Object(dependencies)) = map.remove("dependencies") {
        for (name, needs) in dependencies {
            let keyword = if needs.is_array() { "dependentRequired" } else { "dependentSchemas" };
            let all = map.entry(keyword).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(all) = all {
                all.insert(name, needs);
            }
        }
    }
}

/// What a local reference leads to.
pub fn lookup<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#').filter(|pointer| pointer.is_empty() || pointer.starts_with('/'))?;
    if pointer.contains(['~', '%']) {
        return root.pointer(pointer).or_else(|| root.pointer(&decoded(pointer)?));
    }
    // Nearly all of them, and asked for again and again.
    pointer.split('/').skip(1).try_fold(root, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A pointer in a fragment may be percent-encoded.
fn decoded(pointer: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Tells every reference that is not local, leads nowhere, or only to itself.
pub fn check_references(root: &Value, tell: &mut dyn FnMut(&Path<'_>, String)) {
    check(root, root, &Path::At(""), &mut HashSet::new(), tell);
}

/// Whether the author of the document chose the keys of the object that this leads to.
pub fn is_named(at: &Path<'_>) -> bool {
    at.key().is_some_and(has_names)
}

/// Whether the author of the document chose the keys of the object under this one.
pub fn has_names(key: &str) -> bool {
    const OF_SCHEMAS: [&str; 6] =
        ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas"];
    OF_SCHEMAS.contains(&key) || NAMES.contains(&key)
}

fn check<'a>(
    root: &'a Value,
    value: &'a Value,
    at: &Path<'_>,
    known: &mut HashSet<&'a str>,
    tell: &mut dyn FnMut(&Path<'_>, String),
) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check(root, item, &Path::Index(at, index), known, tell);
            }
        }
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref")
                && !known.contains(reference.as_str())
            {
                match leads_somewhere(root, reference) {
                    Ok(()) => drop(known.insert(reference)),
                    Err(why) => tell(&Path::Key(at, "$ref"), why),
                }
            }
            for (key, value) in map {
                if !(is_content(key) && !is_named(at) || key.starts_with("x-")) {
                    check(root, value, &Path::Key(at, key), known, tell);
                }
            }
        }
        _ => {}
    }
}

/// Where patterns stand that cannot be read, and why each cannot.
pub fn unread_patterns(root: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    patterns(root, &Path::At(""), &mut |at, pattern| {
        if let Some(why) = pattern::unreadable(pattern) {
            all.push((at.pointer(), format!("the pattern `{pattern}` cannot be read and is not held: {why}")));
        }
    });
    all
}

fn patterns(value: &Value, at: &Path<'_>, found: &mut dyn FnMut(&Path<'_>, &str)) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                patterns(item, &Path::Index(at, index), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let at_key = Path::Key(at, key);
                match (key.as_str(), value) {
                    ("pattern", Value::String(pattern)) => found(&at_key, pattern),
                    ("patternProperties", Value::Object(named)) if !is_named(at) => {
                        named.keys().for_each(|pattern| found(&Path::Key(&at_key, pattern), pattern));
                    }
                    _ => {}
                }
                if !(is_content(key) && !is_named(at) || key.starts_with("x-")) {
                    patterns(value, &at_key, found);
                }
            }
        }
        _ => {}
    }
}

/// Whether what stands under a keyword is a value, and nothing that means something itself.
pub fn is_content(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "const" | "enum")
}

fn leads_somewhere(root: &Value, reference: &str) -> Result<(), String> {
    let mut seen = vec![reference];
    let mut next = reference;
    loop {
        if !next.starts_with('#') {
            return Err(format!(
                "`{next}` leads out of the document, or to an `$id`, which is not followed. Bundle the documents into \
                 one with references like `#/components/schemas/Pet` first"
            ));
        }
        let Some(target) = lookup(root, next) else { return Err(format!("`{next}` leads to nothing")) };
        match target.get("$ref") {
            // A reference with siblings says something itself, but still leads where it leads.
            Some(Value::String(further)) => {
                if seen.contains(&further.as_str()) {
                    return Err(format!("`{reference}` leads only to itself: {} -> {further}", seen.join(" -> ")));
                }
                if seen.len() >= LONGEST_CHAIN {
                    return Err(format!(
                        "`{reference}` leads on and on: at most {LONGEST_CHAIN} references in a row are followed. Refer \
                         to what stands at their end"
                    ));
                }
                seen.push(further);
                next = further;
            }
            _ => return Ok(()),
        }
    }
}
