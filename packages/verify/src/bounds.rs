//! Requests whose query says what the contract just still allows: the bounds of numbers and texts, each value of a list.

use document::{Location, Operation};
use serde_json::{Value, json};

use crate::draft::Draft;

/// A request for each bound of each parameter of the query, on top of one that keeps the contract; by what is at its bound.
pub fn at_bounds(operation: &Operation, plain: &Draft) -> Vec<(String, Draft)> {
    let mut all: Vec<(String, Draft)> = Vec::new();
    for (place, parameter) in operation.parameters.iter().enumerate() {
        if parameter.location != Location::Query {
            continue;
        }
        for (rule, value) in bounds(&parameter.schema.bundled()) {
            let mut draft = plain.clone();
            draft.parameters.insert(place, value);
            let keeps = draft.issues(operation).is_some_and(|issues| issues.is_empty());
            if keeps && !all.iter().any(|(_, known)| *known == draft) {
                all.push((format!("query /{} at its {rule}", parameter.name), draft));
            }
        }
    }
    all
}

/// Values that may be the last ones which a schema accepts, with the keyword that says so.
fn bounds(schema: &Value) -> Vec<(&'static str, Value)> {
    /// So many values of a list are asked for at most, and a text so long.
    const MOST: usize = 16;
    const LONGEST: u64 = 1_000;
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| schema.pointer(to.strip_prefix('#')?));
    let rules = target.unwrap_or(schema);
    let whole = |keyword: &str| rules.get(keyword).and_then(Value::as_i64);
    let text = |keyword: &str| {
        let length = rules.get(keyword).and_then(Value::as_u64).filter(|length| (1..=LONGEST).contains(length))?;
        Some(json!("a".repeat(usize::try_from(length).ok()?)))
    };
    let mut all = vec![
        ("minimum", rules.get("minimum").cloned()),
        ("maximum", rules.get("maximum").cloned()),
        ("exclusiveMinimum", whole("exclusiveMinimum").and_then(|least| least.checked_add(1)).map(Value::from)),
        ("exclusiveMaximum", whole("exclusiveMaximum").and_then(|most| most.checked_sub(1)).map(Value::from)),
        ("minLength", text("minLength")),
        ("maxLength", text("maxLength")),
    ];
    let listed = rules.get("enum").and_then(Value::as_array).into_iter().flatten().take(MOST);
    all.extend(listed.map(|value| ("enum", Some(value.clone()))));
    all.into_iter().filter_map(|(rule, value)| Some((rule, value?))).collect()
}
