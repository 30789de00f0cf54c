//! Request parts of which only the schema is known, as a mock knows them: the same verdicts, without a type.

use serde_json::Value;

use crate::parse::{integral, not_json, read_words};
use crate::{Issue, Json, Part, Rejection, Schema};

/// A JSON body. Fails with [`Rejection::NotJson`] when it is not JSON, with every issue when it is.
pub fn check_body(schema: &Schema, bytes: &[u8]) -> Result<Value, Rejection> {
    let Json(mut value) = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    integral(&mut value);
    settled(schema, Part::Body, value, Vec::new())
}

/// A body in `application/x-www-form-urlencoded`; a field without a value counts as absent.
pub fn check_form(schema: &Schema, bytes: &[u8]) -> Result<Value, Rejection> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).unwrap_or_default();
    let given = pairs.iter().filter(|(_, word)| !word.is_empty());
    check_fields(schema, Part::Body, given.map(|(name, word)| (name.as_str(), word.as_str())))
}

/// A query string, without the question mark.
pub fn check_query(schema: &Schema, query: &str) -> Result<Value, Rejection> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    check_fields(schema, Part::Query, pairs.iter().map(|(name, word)| (name.as_str(), word.as_str())))
}

/// Named words: path parameters or header fields.
pub fn check_fields<'a>(
    schema: &Schema,
    part: Part,
    fields: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Value, Rejection> {
    let (value, issues) = read_words(schema, part, fields);
    settled(schema, part, value, issues)
}

fn settled(schema: &Schema, part: Part, value: Value, mut issues: Vec<Issue>) -> Result<Value, Rejection> {
    issues.extend(schema.issues(part, &value));
    if issues.is_empty() { Ok(value) } else { Err(Rejection::Issues(issues)) }
}
