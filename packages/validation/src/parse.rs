//! From bytes to a typed request part, or to everything that is wrong with it.

use garde::Validate;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::strict::Strict;
use crate::{Issue, Json, Part, Rejection, Schema};

/// A type that is a contract: it parses, checks itself and publishes its schema.
pub trait Contract: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send + 'static {}

impl<T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send + 'static> Contract for T {}

/// The absence of a request part: no path parameters, no query, no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Parses a JSON body. Fails with [`Rejection::NotJson`] when it is not JSON, with every issue when it is.
pub fn parse_body<T: Contract>(schema: &Schema, bytes: &[u8]) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match T::deserialize(Strict(&mut json)).and_then(|value| json.end().map(|()| value)) {
        Ok(value) if value.validate().is_ok() => Ok(value),
        Err(error) if !error.is_data() => Err(not_json(&error)),
        _ => {
            let Json(mut value) = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
            integral(&mut value);
            settle(schema, Part::Body, value, Vec::new())
        }
    }
}

/// Parses a query string (`application/x-www-form-urlencoded`, without the question mark).
pub fn parse_query<T: Contract>(schema: &Schema, query: &str) -> Result<T, Rejection> {
    match serde_urlencoded::from_str::<T>(query) {
        Ok(value) if value.validate().is_ok() => Ok(value),
        _ => {
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
            from_words(schema, Part::Query, pairs.iter().map(|(name, word)| (name.as_str(), word.as_str())))
        }
    }
}

/// Parses a body in `application/x-www-form-urlencoded`. A field without a value counts as absent (RFC 6749, section
/// 3.1).
pub fn parse_form<T: Contract>(schema: &Schema, bytes: &[u8]) -> Result<T, Rejection> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).unwrap_or_default();
    let given: Vec<(&str, &str)> =
        pairs.iter().map(|(name, word)| (name.as_str(), word.as_str())).filter(|(_, word)| !word.is_empty()).collect();
    parse_fields(schema, Part::Body, &given)
}

/// Parses named words: path parameters or header fields.
pub fn parse_fields<T: Contract>(schema: &Schema, part: Part, fields: &[(&str, &str)]) -> Result<T, Rejection> {
    let words = MapDeserializer::<_, serde::de::value::Error>::new(fields.iter().copied());
    match T::deserialize(words) {
        Ok(value) if value.validate().is_ok() => Ok(value),
        _ => from_words(schema, part, fields.iter().copied()),
    }
}

fn from_words<'a, T: Contract>(
    schema: &Schema,
    part: Part,
    words: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<T, Rejection> {
    let (value, issues) = read_words(schema, part, words);
    settle(schema, part, value, issues)
}

/// Words as the schema reads them, and those that are given more than once.
pub(crate) fn read_words<'a>(
    schema: &Schema,
    part: Part,
    words: impl Iterator<Item = (&'a str, &'a str)>,
) -> (Value, Vec<Issue>) {
    let mut fields = Map::new();
    let mut issues = Vec::new();
    for (name, word) in words {
        if fields.insert(name.to_owned(), schema.coerce(name, word)).is_some() {
            issues.push(Issue {
                part,
                pointer: format!("/{name}"),
                rule: "uniqueItems".into(),
                message: "is given more than once".into(),
            });
        }
    }
    (Value::Object(fields), issues)
}

/// The slow path: the schema says everything that is wrong, and when it finds nothing the value is taken after all.
fn settle<T: Contract>(schema: &Schema, part: Part, value: Value, mut issues: Vec<Issue>) -> Result<T, Rejection> {
    issues.extend(schema.issues(part, &value));
    if !issues.is_empty() {
        return Err(Rejection::Issues(issues));
    }
    let refused = |pointer: String, message: String| {
        Rejection::Issues(vec![Issue { part, pointer, rule: "type".into(), message }])
    };
    let parsed = T::deserialize(value).map_err(|error| refused(String::new(), error.to_string()))?;
    match parsed.validate() {
        Ok(()) => Ok(parsed),
        Err(report) => Err(match report.iter().next() {
            Some((path, error)) => refused(format!("/{}", path.to_string().replace('.', "/")), error.to_string()),
            None => refused(String::new(), report.to_string()),
        }),
    }
}

/// JSON Schema knows one kind of number: `1.0` and `1e2` are integers. Serde's integers refuse them, so they are
/// rewritten, as far as a double holds integers exactly.
pub(crate) fn integral(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT) {
                *number = Number::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(integral),
        Value::Object(fields) => fields.values_mut().for_each(integral),
        _ => {}
    }
}

pub(crate) fn not_json(error: &serde_json::Error) -> Rejection {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    Rejection::NotJson { line: error.line(), column: error.column(), message }
}
