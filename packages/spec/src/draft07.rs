//! Schemas for readers of JSON Schema draft 7: there, what stands beside a `$ref` is not read.

use serde_json::{Value, json};

/// Puts a `$ref` that has neighbours into an `allOf`, everywhere in a schema.
pub(crate) fn lower(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match (name.as_str(), field) {
                    ("const" | "default" | "enum" | "examples", _) => {}
                    ("properties" | "patternProperties", Value::Object(named)) => named.values_mut().for_each(lower),
                    (_, field) => lower(field),
                }
            }
            if fields.len() > 1 && fields.get("$ref").is_some_and(Value::is_string) {
                let target = fields.remove("$ref");
                fields.insert("allOf".into(), json!([{ "$ref": target }]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lower),
        _ => {}
    }
}
