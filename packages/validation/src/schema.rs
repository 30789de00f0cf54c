//! The published schema of a type, and what a value does against it.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use crate::{Issue, Part};

/// The JSON Schema (draft 2020-12) of one request part or answer, compiled when it is first needed.
pub struct Schema {
    document: Value,
    validator: OnceLock<Option<jsonschema::Validator>>,
}

impl Schema {
    /// What a `T` looks like when it is read: the schema of a request.
    pub fn of_request<T: JsonSchema + ?Sized>() -> Self {
        Self::new(SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>().into())
    }

    /// What a `T` looks like when it is read from a path, a query or header fields, where nothing can be null.
    pub fn of_parameters<T: JsonSchema + ?Sized>() -> Self {
        let mut document = Self::of_request::<T>().document;
        if let Some(Value::Object(properties)) = document.get_mut("properties") {
            properties.values_mut().for_each(|schema| *schema = without_null(schema.take()));
        }
        Self::new(document)
    }

    /// What a `T` looks like when it is written: the schema of an answer.
    pub fn of_answer<T: JsonSchema + ?Sized>() -> Self {
        Self::of_answer_with(|generator| generator.subschema_for::<T>())
    }

    /// An answer's schema that is built around other types.
    pub fn of_answer_with(build: impl FnOnce(&mut SchemaGenerator) -> schemars::Schema) -> Self {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut document: Value = build(&mut generator).into();
        let definitions = generator.take_definitions(true);
        if let (Some(object), false) = (document.as_object_mut(), definitions.is_empty()) {
            object.insert("$defs".into(), Value::Object(definitions));
        }
        Self::new(document)
    }

    /// A schema from its document.
    pub fn new(document: Value) -> Self {
        Self { document, validator: OnceLock::new() }
    }

    /// The document itself.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The document itself, for whoever keeps it.
    pub fn into_document(self) -> Value {
        self.document
    }

    /// Everything that is wrong with `value`, in the order of the places. Empty when nothing is.
    pub fn issues(&self, part: Part, value: &Value) -> Vec<Issue> {
        let validator = self.validator.get_or_init(|| {
            jsonschema::draft202012::options().should_validate_formats(true).build(&self.document).ok()
        });
        let Some(validator) = validator else {
            return vec![Issue {
                part,
                pointer: String::new(),
                rule: "schema".into(),
                message: "the schema of this operation cannot be compiled".into(),
            }];
        };
        let mut issues: Vec<Issue> = validator.iter_errors(value).flat_map(|error| named(part, &error)).collect();
        issues.sort();
        issues.dedup();
        issues
    }

    /// How the schema of property `name` reads a bare word, as query strings and header fields hold them.
    pub(crate) fn coerce(&self, name: &str, word: &str) -> Value {
        let property = self.resolve(&self.document["properties"][name]);
        let is = |kind: &str| match &property["type"] {
            Value::String(one) => one == kind,
            Value::Array(several) => several.iter().any(|one| one == kind),
            _ => false,
        };
        let number = || serde_json::from_str(word).ok().filter(Value::is_number);
        match word {
            "true" | "false" if is("boolean") => (word == "true").into(),
            _ if is("integer") || is("number") => number().unwrap_or_else(|| word.into()),
            _ => word.into(),
        }
    }

    /// Follows `$ref` and the one non-null branch of an optional type.
    fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        const DEPTH: usize = 8;
        for _ in 0..DEPTH {
            let next = if let Some(pointer) = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
                self.document.pointer(pointer)
            } else {
                schema["anyOf"].as_array().and_then(|any| any.iter().find(|branch| branch["type"] != "null"))
            };
            match next {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }
}

/// The schema without `null`: a parameter is there or it is not.
fn without_null(schema: Value) -> Value {
    let Value::Object(mut fields) = schema else { return schema };
    let is_null = |branch: &Value| branch["type"] == "null";
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(kinds)) = fields.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            fields.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(branches)) = fields.get_mut("anyOf") {
        branches.retain(|branch| !is_null(branch));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            fields.remove("anyOf");
            // What stands beside the choice says more about this place than the type itself does.
            for (name, value) in only {
                fields.entry(name).or_insert(value);
            }
        }
    }
    Value::Object(fields)
}

/// One error of the engine as issues that point at the very field: a missing or unknown field is named itself, not
/// the object around it.
fn named(part: Part, error: &jsonschema::ValidationError<'_>) -> Vec<Issue> {
    let at = error.instance_path().to_string();
    let issue =
        |pointer: String, message: String| Issue { part, pointer, rule: error.kind().keyword().to_owned(), message };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![issue(format!("{at}/{}", escaped(name)), "is required".into())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| issue(format!("{at}/{}", escaped(name)), "is not a known field".into()))
            .collect(),
        // Masked: a value may be a password, or a megabyte.
        _ => vec![issue(at, error.masked_with("the value").to_string())],
    }
}

fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
