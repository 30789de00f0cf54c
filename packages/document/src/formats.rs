//! Formats: which restrict a value, and a validator that asserts them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::json::Json;
use jsonschema::{Draft, Retrieve, ValidationOptions, Validator};
use serde_json::{Number, Value, json};

/// Formats that restrict texts: those of JSON Schema, and OpenAPI's `byte`, `base64url` and `url`.
const FORMATS: [&str; 22] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "url",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "byte",
    "base64url",
];

/// Whether a format restricts texts.
pub fn is_asserted(format: &str) -> bool {
    FORMATS.contains(&format)
}

/// Whether a text is one of a format; of one that restricts nothing each is.
pub(crate) fn holds(format: &str, text: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Option<Validator>>> = RefCell::default();
    }
    // There are as many as are listed above.
    !is_asserted(format)
        || KNOWN.with_borrow_mut(|known| {
            let compiled = || options().build(&json!({ "format": format })).ok();
            let validator = known.entry(format.to_owned()).or_insert_with(compiled);
            validator.as_ref().is_none_or(|validator| validator.is_valid(&Value::from(text)))
        })
}

/// A validator's options for JSON Schema 2020-12 with every format asserted, OpenAPI's own among them.
#[must_use]
pub fn options<'i>() -> ValidationOptions<'i> {
    options_for()
}

/// The same for values in another representation.
pub(crate) fn options_for<'i, F: Json>() -> ValidationOptions<'i, Arc<dyn Retrieve>, F> {
    let alphabet = |text: &str, other: [char; 2]| {
        text.chars().all(|letter| letter.is_ascii_alphanumeric() || other.contains(&letter) || letter == '=')
    };
    jsonschema::options_for()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("byte", move |text: &str| text.len().is_multiple_of(4) && alphabet(text, ['+', '/']))
        .with_format("base64url", move |text: &str| alphabet(text, ['-', '_']))
        .with_format("url", |text: &str| text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty()))
}

/// The bounds that a format of numbers means: OpenAPI's `int32` and `int64`.
#[must_use]
pub fn range(format: &str) -> Option<(Number, Number)> {
    match format {
        "int32" => Some((Number::from(i32::MIN), Number::from(i32::MAX))),
        "int64" => Some((Number::from(i64::MIN), Number::from(i64::MAX))),
        _ => None,
    }
}
