//! Values of expressions and JSON, one turned into the other. What is undefined is left out.

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Number, Value as Json};

/// A JSON value as expressions see it.
pub fn of_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Value::from(value),
            (None, Some(value)) => Value::from(value),
            (None, None) => Value::from(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(of_json).collect(),
        Json::Object(fields) => Value::from_pairs(fields.iter().map(|(key, field)| (key.as_str(), of_json(field)))),
    }
}

/// A value of an expression as JSON.
pub fn to_json(value: &Value) -> Json {
    match value.kind() {
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value).map_or(Json::Null, Json::Number),
        ValueKind::String => Json::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => Json::Array(items(value).iter().map(to_json).collect()),
        ValueKind::Map => Json::Object(fields(value).into_iter().map(|(key, field)| (key, to_json(&field))).collect()),
        _ => Json::Null,
    }
}

/// The fields of an object that are defined, in their order; none of anything else.
pub fn fields(value: &Value) -> Vec<(String, Value)> {
    if value.kind() != ValueKind::Map {
        return Vec::new();
    }
    let keys = value.try_iter().into_iter().flatten();
    keys.filter_map(|key| Some((key.to_string(), value.get_item(&key).ok()?)))
        .filter(|(_, field)| !field.is_undefined())
        .collect()
}

/// The items of a list; none of anything else.
pub fn items(value: &Value) -> Vec<Value> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.try_iter().into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// An object of these fields; what is undefined is left out.
pub fn object(pairs: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::from_pairs(pairs.into_iter().filter(|(_, field)| !field.is_undefined()))
}

/// The fields of `over` laid over those of `under`, objects within objects too.
pub fn overlay(under: &Value, over: &Value) -> Value {
    if under.kind() != ValueKind::Map || over.kind() != ValueKind::Map {
        return over.clone();
    }
    let mut both = fields(under);
    for (key, field) in fields(over) {
        match both.iter_mut().find(|(known, _)| *known == key) {
            Some((_, below)) => *below = overlay(below, &field),
            None => both.push((key, field)),
        }
    }
    object(both)
}

/// The fields of both objects; where they share a key, those of `over`.
pub fn with(under: &Value, over: &Value) -> Value {
    let mut both = fields(under);
    for (key, field) in fields(over) {
        match both.iter_mut().find(|(known, _)| *known == key) {
            Some((_, below)) => *below = field,
            None => both.push((key, field)),
        }
    }
    object(both)
}

fn number(value: &Value) -> Option<Number> {
    if value.is_integer() {
        let whole = i128::try_from(value.clone()).ok()?;
        return i64::try_from(whole).map(Number::from).or_else(|_| u64::try_from(whole).map(Number::from)).ok();
    }
    Number::from_f64(f64::try_from(value.clone()).ok()?)
}

/// A body of JSON.
pub fn bytes(value: &Value) -> Vec<u8> {
    to_json(value).to_string().into_bytes()
}
