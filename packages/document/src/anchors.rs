//! Names of places in a document (`$anchor`, `$dynamicAnchor`, `$id: '#name'`): references by them become references by
//! JSON pointer. A `$dynamicRef` leads where its only anchor is; of several, which one it is depends on who asks.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::dialect::{has_names, is_content, is_named};
use crate::path::Path;

/// How long all pointers are together that are written: names of a document may be as long as it is itself. References
/// behind that lead nowhere.
const MOST_WRITTEN: usize = 16 << 20;

/// Rewrites the references, in place.
pub fn resolve(root: &mut Value, text: &str) {
    // Hardly any document has names.
    if !["Anchor", "$anchor", "$id"].iter().any(|word| text.contains(word)) {
        return;
    }
    let mut names = Names::default();
    names.ask(root, &Path::At(""));
    if names.known.is_empty() {
        return;
    }
    names.collect(root, &Path::At(""));
    names.rewrite(root, false);
}

/// The names that are referred to, and the pointer of each; none of one that no place or that several places have.
#[derive(Default)]
struct Names {
    known: HashMap<String, Pointer>,
    written: usize,
}

#[derive(Default)]
enum Pointer {
    #[default]
    Nowhere,
    At(String),
    Several,
}

impl Names {
    fn ask(&mut self, value: &Value, at: &Path<'_>) {
        members(value, at, &mut |value, at| {
            for key in ["$dynamicRef", "$ref"] {
                let name = value.get(key).and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
                if let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with('/')) {
                    self.known.entry(name.to_owned()).or_default();
                }
            }
            self.ask(value, at);
        });
    }

    fn collect(&mut self, value: &Value, at: &Path<'_>) {
        members(value, at, &mut |value, at| {
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            let of_id = text("$id").and_then(|id| id.strip_prefix('#'));
            for name in [text("$anchor"), text("$dynamicAnchor"), of_id].into_iter().flatten() {
                if let Some(known) = self.known.get_mut(name) {
                    *known = match known {
                        Pointer::Nowhere if self.written <= MOST_WRITTEN => Pointer::At(at.pointer()),
                        _ => Pointer::Several,
                    };
                    if let Pointer::At(pointer) = known {
                        self.written += pointer.len();
                    }
                }
            }
            self.collect(value, at);
        });
    }

    fn rewrite(&mut self, value: &mut Value, named: bool) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.rewrite(item, false)),
            Value::Object(map) => {
                for key in ["$dynamicRef", "$ref"] {
                    let name = map.get(key).and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
                    let Some(Pointer::At(pointer)) = name.and_then(|name| self.known.get(name)) else { continue };
                    self.written += pointer.len();
                    if self.written > MOST_WRITTEN {
                        return;
                    }
                    let pointer = Value::from(format!("#{pointer}"));
                    map.remove(key);
                    if !map.contains_key("$ref") {
                        map.insert("$ref".to_owned(), pointer);
                    } else if let Some(all) = map.entry("allOf").or_insert_with(|| json!([])).as_array_mut() {
                        all.push(json!({ "$ref": pointer }));
                    }
                }
                for (key, value) in map.iter_mut().filter(|(key, _)| named || !is_content(key)) {
                    self.rewrite(value, !named && has_names(key));
                }
            }
            _ => {}
        }
    }
}

/// Every member of a value that means something.
fn members(value: &Value, at: &Path<'_>, each: &mut dyn FnMut(&Value, &Path<'_>)) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| each(item, &Path::Index(at, index)));
        }
        Value::Object(map) => {
            let named = is_named(at);
            for (key, value) in map.iter().filter(|(key, _)| named || !is_content(key)) {
                each(value, &Path::Key(at, key));
            }
        }
        _ => {}
    }
}
