//! Holds values against the schemas of published documents, wholly or as far as they go.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The schemas of one document, with their validators once they were needed.
#[derive(Debug)]
pub struct Schemas {
    components: Value,
    partial: Value,
    validators: RefCell<HashMap<(String, bool), Rc<Validator>>>,
}

impl Schemas {
    /// Of an OpenAPI or AsyncAPI document.
    pub fn of(document: &Value) -> Self {
        let components = document.get("components").cloned().unwrap_or_else(|| json!({}));
        let partial = relaxed(&components);
        Self { components, partial, validators: RefCell::default() }
    }

    /// What is wrong with a value, each with its place. With `partial`, what is missing is not.
    pub fn issues(&self, schema: &Value, value: &Value, partial: bool) -> Vec<String> {
        let validator = match self.validator(schema, partial) {
            Ok(validator) => validator,
            Err(why) => return vec![why],
        };
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    fn validator(&self, schema: &Value, partial: bool) -> Result<Rc<Validator>, String> {
        let key = (schema.to_string(), partial);
        if let Some(known) = self.validators.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let (components, schema) =
            if partial { (&self.partial, relaxed(schema)) } else { (&self.components, schema.clone()) };
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": components,
        });
        let made = jsonschema::draft202012::options().should_validate_formats(true).build(&whole);
        let made = Rc::new(made.map_err(|error| format!("the published schema is none: {error}"))?);
        self.validators.borrow_mut().insert(key, Rc::clone(&made));
        Ok(made)
    }
}

/// A schema that lets everything be absent. Of several forms any may fit then, not just one.
fn relaxed(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(relaxed).collect(),
        Value::Object(fields) => {
            let mut kept = Map::new();
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("required", Value::Array(_)) => {}
                    ("oneOf", Value::Array(_)) if !fields.contains_key("anyOf") => {
                        kept.insert("anyOf".to_owned(), relaxed(value));
                    }
                    ("const" | "enum" | "examples" | "example" | "default", _) => {
                        kept.insert(name.clone(), value.clone());
                    }
                    _ => {
                        kept.insert(name.clone(), relaxed(value));
                    }
                }
            }
            kept.into()
        }
        scalar => scalar.clone(),
    }
}
