//! Names of places in a document (`$anchor`, `$dynamicAnchor`, `$id: '#name'`): references by them become references by
//! JSON pointer. A `$dynamicRef` leads where its only anchor is; of several, which one it is depends on who asks.

use std::collections::HashMap;

use serde_json::Value;

use crate::dialect::is_content;
use crate::path::Path;

/// Rewrites the references, in place.
pub fn resolve(root: &mut Value, text: &str) {
    // Hardly any document has names.
    if !["Anchor", "$anchor", "$id"].iter().any(|word| text.contains(word)) {
        return;
    }
    let mut known = HashMap::new();
    collect(root, &Path::At(""), &mut known);
    if !known.is_empty() {
        rewrite(root, &known);
    }
}

/// The pointer of each name; none of one that several places have.
fn collect(value: &Value, at: &Path<'_>, known: &mut HashMap<String, Option<String>>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &Path::Index(at, index), known);
            }
        }
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            let of_id = text("$id").and_then(|id| id.strip_prefix('#'));
            for name in [text("$anchor"), text("$dynamicAnchor"), of_id].into_iter().flatten() {
                known
                    .entry(name.to_owned())
                    .and_modify(|pointer| *pointer = None)
                    .or_insert_with(|| Some(at.pointer()));
            }
            for (key, value) in map.iter().filter(|(key, _)| !is_content(key)) {
                collect(value, &Path::Key(at, key), known);
            }
        }
        _ => {}
    }
}

fn rewrite(value: &mut Value, known: &HashMap<String, Option<String>>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, known)),
        Value::Object(map) => {
            for key in ["$dynamicRef", "$ref"] {
                let name = map.get(key).and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
                if let Some(Some(pointer)) = name.and_then(|name| known.get(name)) {
                    let pointer = Value::from(format!("#{pointer}"));
                    map.remove(key);
                    map.insert("$ref".to_owned(), pointer);
                }
            }
            for (_, value) in map.iter_mut().filter(|(key, _)| !is_content(key)) {
                rewrite(value, known);
            }
        }
        _ => {}
    }
}
