//! What is expected of an answer, and what an answer would be that is as expected.
//!
//! A value is expected as it stands, a mapping field by field, a list item by item. A mapping with keys that begin with
//! `$` is a matcher; several in one mapping hold together:
//!
//! | matcher | accepts |
//! | --- | --- |
//! | `$like: X` | what has the form of X: the same fields (and more), the same types; other keys beside it are matched as they say |
//! | `$type: string` | `string`, `number`, `integer`, `boolean`, `array`, `object` or `null` |
//! | `$pattern: ^BK-` | a text that the pattern finds something in |
//! | `$contains: [X, …]` | a list that has an item for each |
//! | `$each: X` | a list of such items, also an empty one |
//! | `$length: 2` | a list or a text of so many |
//! | `$atLeast: 1`, `$atMost: 9` | a number, or a text (a time, say) in the order of texts |
//! | `$near: X`, `$within: 5` | a number, or a time in seconds, that near |
//! | `$oneOf: [X, …]` | one of them |
//! | `$not: X` | anything else |
//! | `$absent: true` | that there is no such field |
//! | `$any: true` | anything |
//! | `$example: X` | nothing by itself: what an example shows where the matchers alone do not say it |

use fancy_regex::Regex;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::scope::{Scope, Unresolved, plain};
use crate::yaml::{Content, Key, Node};

/// Where an answer is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// `/body/data/status`, `/status`, `/headers/etag`
    pub pointer: String,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, found {}", self.pointer, self.expected, self.found)
    }
}

/// The matchers there are.
pub const MATCHERS: &[&str] = &[
    "$absent",
    "$any",
    "$atLeast",
    "$atMost",
    "$contains",
    "$each",
    "$example",
    "$from",
    "$length",
    "$like",
    "$near",
    "$not",
    "$oneOf",
    "$pattern",
    "$type",
    "$within",
    "$without",
];

/// Holds a value against what is expected of it, and says everything that differs.
///
/// # Errors
///
/// What is expected refers to nothing, or a matcher is none.
pub fn differences(
    expected: &Node,
    exact: bool,
    found: &Value,
    scope: &Scope<'_>,
) -> Result<Vec<Mismatch>, Unresolved> {
    let mut judge = Judge { scope, exact, mismatches: Vec::new() };
    judge.node(expected, Some(found), "")?;
    Ok(judge.mismatches)
}

/// A value that is as expected.
///
/// # Errors
///
/// A reference that means nothing, or a matcher that needs an `$example` beside it.
pub fn example(expected: &Node, scope: &Scope<'_>) -> Result<Value, Unresolved> {
    match &expected.content {
        Content::Scalar(_) => scope.value(expected),
        Content::List(items) => items.iter().map(|item| example(item, scope)).collect(),
        Content::Map(fields) => {
            let matcher = |name: &str| expected.get(name);
            if let Some(given) = matcher("$example") {
                return scope.value(given);
            }
            if let Some(like) = matcher("$like") {
                let mut value = scope.value(like)?;
                if let Value::Object(object) = &mut value {
                    overlay(object, fields, scope)?;
                }
                return Ok(value);
            }
            if matcher("$from").is_some() {
                return scope.value(expected);
            }
            // Of several matchers the one that says a value shows it.
            let says = |key: &&(Key, Node)| {
                !matches!(key.0.text.as_str(), "$length" | "$not" | "$pattern" | "$type" | "$within")
            };
            let mut matchers = fields.iter().filter(|(key, _)| key.text.starts_with('$'));
            let first = matchers.clone().find(says).or_else(|| matchers.next());
            let Some((first, value)) = first else {
                let mut object = Map::new();
                overlay(&mut object, fields, scope)?;
                return Ok(object.into());
            };
            match first.text.as_str() {
                "$contains" => match &value.content {
                    Content::List(items) => items.iter().map(|item| example(item, scope)).collect(),
                    _ => Ok(json!([example(value, scope)?])),
                },
                "$each" => Ok(json!([example(value, scope)?])),
                "$atLeast" | "$atMost" | "$near" => example(value, scope),
                "$oneOf" => match &value.content {
                    Content::List(items) if !items.is_empty() => {
                        items.first().map_or(Ok(Value::Null), |one| example(one, scope))
                    }
                    _ => refused(value, "$oneOf is no list of values"),
                },
                "$type" => match value.text() {
                    Some("boolean") => Ok(true.into()),
                    Some("null") => Ok(Value::Null),
                    Some("array") => Ok(json!([])),
                    Some("object") => Ok(json!({})),
                    _ => refused(value, "this says no value: add $example: … beside it, or write $like: …"),
                },
                "$any" => Ok(Value::Null),
                _ => refused(value, "this says no value: add $example: … beside it, or write $like: …"),
            }
        }
    }
}

/// Whether a field is expected to be absent.
fn is_absent(node: &Node) -> bool {
    node.get("$absent").is_some()
}

/// Lays the fields of a mapping over a value, mapping into mapping.
fn overlay(object: &mut Map<String, Value>, fields: &[(Key, Node)], scope: &Scope<'_>) -> Result<(), Unresolved> {
    for (key, node) in fields.iter().filter(|(key, _)| !key.text.starts_with('$')) {
        if is_absent(node) {
            object.remove(&key.text);
            continue;
        }
        let plain_fields = node.fields().filter(|fields| !fields.iter().any(|(key, _)| key.text.starts_with('$')));
        match (plain_fields, object.get_mut(&key.text)) {
            (Some(inner), Some(Value::Object(known))) => overlay(known, inner, scope)?,
            _ => {
                object.insert(key.text.clone(), example(node, scope)?);
            }
        }
    }
    Ok(())
}

fn refused<T>(node: &Node, what: &str) -> Result<T, Unresolved> {
    Err(Unresolved { line: node.line, what: what.to_owned() })
}

struct Judge<'a> {
    scope: &'a Scope<'a>,
    exact: bool,
    mismatches: Vec<Mismatch>,
}

impl Judge<'_> {
    fn differs(&mut self, pointer: &str, expected: impl Into<String>, found: Option<&Value>) {
        let found = found.map_or_else(|| "nothing".to_owned(), short);
        self.mismatches.push(Mismatch { pointer: pointer.to_owned(), expected: expected.into(), found });
    }

    fn node(&mut self, expected: &Node, found: Option<&Value>, pointer: &str) -> Result<(), Unresolved> {
        match &expected.content {
            Content::Map(fields) if fields.iter().any(|(key, _)| key.text.starts_with('$')) => {
                self.matcher(expected, fields, found, pointer)
            }
            Content::Map(fields) => {
                let Some(Value::Object(object)) = found else {
                    self.differs(pointer, "an object", found);
                    return Ok(());
                };
                self.fields(fields, object, pointer)?;
                if self.exact {
                    for name in object.keys().filter(|name| !fields.iter().any(|(key, _)| key.text == **name)) {
                        self.differs(&format!("{pointer}/{name}"), "no such field", object.get(name));
                    }
                }
                Ok(())
            }
            Content::List(items) => {
                let Some(Value::Array(values)) = found else {
                    self.differs(pointer, "a list", found);
                    return Ok(());
                };
                if values.len() != items.len() {
                    self.differs(pointer, format!("{} items", items.len()), found);
                }
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    self.node(item, Some(value), &format!("{pointer}/{index}"))?;
                }
                Ok(())
            }
            Content::Scalar(_) => {
                let value = self.scope.value(expected)?;
                self.value(&value, found, pointer);
                Ok(())
            }
        }
    }

    fn fields(&mut self, fields: &[(Key, Node)], object: &Map<String, Value>, pointer: &str) -> Result<(), Unresolved> {
        for (key, node) in fields.iter().filter(|(key, _)| !key.text.starts_with('$')) {
            self.node(node, object.get(&key.text), &format!("{pointer}/{}", key.text))?;
        }
        Ok(())
    }

    /// A resolved value: mappings field by field, numbers by value.
    fn value(&mut self, expected: &Value, found: Option<&Value>, pointer: &str) {
        match (expected, found) {
            (Value::Object(fields), Some(Value::Object(object))) => {
                for (name, value) in fields {
                    self.value(value, object.get(name), &format!("{pointer}/{name}"));
                }
            }
            (Value::Array(items), Some(Value::Array(values))) if items.len() == values.len() => {
                for (index, (item, value)) in items.iter().zip(values).enumerate() {
                    self.value(item, Some(value), &format!("{pointer}/{index}"));
                }
            }
            (Value::Number(number), Some(Value::Number(other))) if number.as_f64() == other.as_f64() => {}
            _ if Some(expected) == found => {}
            _ => self.differs(pointer, short(expected), found),
        }
    }

    fn matcher(
        &mut self,
        whole: &Node,
        fields: &[(Key, Node)],
        found: Option<&Value>,
        pointer: &str,
    ) -> Result<(), Unresolved> {
        if is_absent(whole) {
            if found.is_some() {
                self.differs(pointer, "no such field", found);
            }
            return Ok(());
        }
        if whole.get("$from").is_some() {
            let value = self.scope.value(whole)?;
            self.value(&value, found, pointer);
            return Ok(());
        }
        let Some(value) = found else {
            self.differs(pointer, short(&whole.json()), None);
            return Ok(());
        };
        for (key, node) in fields.iter().filter(|(key, _)| key.text.starts_with('$')) {
            self.one(&key.text, node, whole, value, pointer)?;
        }
        let plain = fields.iter().any(|(key, _)| !key.text.starts_with('$'));
        match value {
            Value::Object(object) if plain => self.fields(fields, object, pointer),
            _ if plain => {
                self.differs(pointer, "an object", found);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn one(&mut self, name: &str, node: &Node, whole: &Node, found: &Value, pointer: &str) -> Result<(), Unresolved> {
        let holds = match name {
            "$like" => {
                let example = self.scope.value(node)?;
                let named: Vec<&str> = whole.fields().into_iter().flatten().map(|(key, _)| key.text.as_str()).collect();
                self.like(&example, found, pointer, &named);
                true
            }
            "$type" => is_type(node.text().unwrap_or_default(), found),
            "$pattern" => {
                let pattern = self.scope.text(node)?;
                let Ok(regex) = Regex::new(&pattern) else {
                    return refused(node, "this is no pattern");
                };
                found.as_str().is_some_and(|text| regex.is_match(text).unwrap_or(false))
            }
            "$contains" => {
                let items = match &node.content {
                    Content::List(items) => items.as_slice(),
                    _ => std::slice::from_ref(node),
                };
                let values = found.as_array().map(Vec::as_slice).unwrap_or_default();
                for item in items {
                    let mut fits = false;
                    for value in values {
                        fits = fits || differences(item, self.exact, value, self.scope)?.is_empty();
                    }
                    if !fits {
                        let wanted =
                            example(item, self.scope).map_or_else(|_| short(&item.json()), |value| short(&value));
                        self.differs(pointer, format!("an item like {wanted}"), Some(found));
                    }
                }
                true
            }
            "$each" => {
                for (index, value) in found.as_array().into_iter().flatten().enumerate() {
                    self.node(node, Some(value), &format!("{pointer}/{index}"))?;
                }
                found.is_array()
            }
            "$length" => {
                let length = match found {
                    Value::Array(items) => items.len(),
                    Value::String(text) => text.chars().count(),
                    _ => usize::MAX,
                };
                self.scope.value(node)?.as_u64() == u64::try_from(length).ok()
            }
            "$atLeast" => ordered(found, &self.scope.value(node)?).is_some_and(std::cmp::Ordering::is_ge),
            "$atMost" => ordered(found, &self.scope.value(node)?).is_some_and(std::cmp::Ordering::is_le),
            "$near" => {
                let wanted = self.scope.value(node)?;
                let within = whole.get("$within").map(|node| self.scope.value(node)).transpose()?;
                let within = within.and_then(|within| within.as_f64()).unwrap_or(1.0);
                matches!((number(found), number(&wanted)), (Some(a), Some(b)) if (a - b).abs() <= within)
            }
            "$oneOf" => {
                let Content::List(items) = &node.content else { return refused(node, "$oneOf is no list of values") };
                let mut fits = false;
                for item in items {
                    fits = fits || differences(item, self.exact, found, self.scope)?.is_empty();
                }
                fits
            }
            "$not" => !differences(node, self.exact, found, self.scope)?.is_empty(),
            "$any" | "$example" | "$within" => true,
            _ => return refused(node, &format!("there is no matcher {name}: there are {}", MATCHERS.join(", "))),
        };
        if !holds {
            let said = self.scope.value(node).map_or_else(|_| short(&node.json()), |value| plain(&value));
            self.differs(pointer, format!("{} {said}", name.trim_start_matches('$')), Some(found));
        }
        Ok(())
    }

    /// Whether a value has the form of an example: its fields and its types.
    fn like(&mut self, example: &Value, found: &Value, pointer: &str, passed_over: &[&str]) {
        match (example, found) {
            (Value::Object(fields), Value::Object(object)) => {
                for (name, value) in fields.iter().filter(|(name, _)| !passed_over.contains(&name.as_str())) {
                    let pointer = format!("{pointer}/{name}");
                    match object.get(name) {
                        Some(found) => self.like(value, found, &pointer, &[]),
                        None => self.differs(&pointer, format!("something like {}", short(value)), None),
                    }
                }
            }
            (Value::Array(items), Value::Array(values)) => {
                if let Some(item) = items.first() {
                    for (index, value) in values.iter().enumerate() {
                        self.like(item, value, &format!("{pointer}/{index}"), &[]);
                    }
                }
            }
            _ if type_name(example) == type_name(found) => {}
            _ => self.differs(pointer, format!("something like {}", short(example)), Some(found)),
        }
    }
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        name => type_name(value) == name,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn ordered(found: &Value, wanted: &Value) -> Option<std::cmp::Ordering> {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => found.as_f64()?.partial_cmp(&wanted.as_f64()?),
        (Value::String(found), Value::Number(wanted)) => found.parse::<f64>().ok()?.partial_cmp(&wanted.as_f64()?),
        (Value::String(found), Value::String(wanted)) => Some(found.cmp(wanted)),
        _ => None,
    }
}

/// A number, or a time as seconds.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            Some(time.unix_timestamp_nanos() as f64 / 1e9)
        }
        _ => None,
    }
}

/// A value for a message: whole when it is short.
fn short(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
