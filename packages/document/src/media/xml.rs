//! Values as XML, as a schema's `xml` objects tell: names, attributes, wrapped lists.

use bytes::Bytes;
use serde_json::Value;

use crate::document::Document;
use crate::merged::Merged;
use crate::parameter::scalar;
use crate::schema::Schema;

/// Writes a value.
pub fn write(schema: Option<&Schema>, value: &Value) -> Bytes {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    match schema {
        Some(schema) => {
            let document = schema.document();
            let reference = schema.value().get("$ref").and_then(Value::as_str);
            let usual = reference.and_then(|to| to.rsplit('/').next()).unwrap_or("root");
            element(document, &[schema.value()], usual, value, &mut out, 0);
        }
        None => element_of_text("root", &scalar(value), &mut out),
    }
    Bytes::from(out)
}

fn element(document: &Document, schemas: &[&Value], usual: &str, value: &Value, out: &mut String, depth: usize) {
    const DEEPEST: usize = 64;
    let mut merged = Merged::default();
    schemas.iter().for_each(|schema| merged.add(document, schema));
    let said = |keyword: &str| {
        schemas
            .iter()
            .find_map(|schema| document.resolve(schema).0.get("xml").and_then(|xml| xml.get(keyword)).cloned())
    };
    let name = said("name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_else(|| usual.to_owned());
    let name: String = name.chars().filter(|letter| letter.is_alphanumeric() || "_-.:".contains(*letter)).collect();
    match value {
        _ if depth > DEEPEST => {}
        Value::Object(map) => {
            out.push_str(&format!("<{name}"));
            let attribute = |key: &str| {
                merged.property(key).iter().any(|schema| {
                    let xml = document.resolve(schema).0.get("xml");
                    xml.and_then(|xml| xml.get("attribute")) == Some(&Value::Bool(true))
                })
            };
            for (key, value) in map.iter().filter(|(key, _)| attribute(key)) {
                out.push_str(&format!(" {key}=\"{}\"", escaped(&scalar(value))));
            }
            out.push('>');
            for (key, value) in map.iter().filter(|(key, _)| !attribute(key)) {
                element(document, &merged.property(key), key, value, out, depth + 1);
            }
            out.push_str(&format!("</{name}>"));
        }
        Value::Array(items) => {
            let wrapped = said("wrapped") == Some(Value::Bool(true)) || depth == 0;
            if wrapped {
                out.push_str(&format!("<{name}>"));
            }
            let usual = if depth == 0 { "item" } else { &name };
            for item in items {
                element(document, &merged.items, usual, item, out, depth + 1);
            }
            if wrapped {
                out.push_str(&format!("</{name}>"));
            }
        }
        other => element_of_text(&name, &scalar(other), out),
    }
}

fn element_of_text(name: &str, text: &str, out: &mut String) {
    out.push_str(&format!("<{name}>{}</{name}>", escaped(text)));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
