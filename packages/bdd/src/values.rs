//! The Lambda function of the state machines: computes what the Amazon States Language cannot, and judges what its
//! choices cannot, from the very text of the dataset.

use dataset::{Dataset, LogIn, Node, Scope, Setting, differences};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Answers a payload at `now` (milliseconds since 1970). With `values`, each of them resolved; with `expected`, whether
/// `found` is as expected, and where not.
///
/// # Errors
///
/// What is wrong with the payload.
pub fn answer(dataset: &Dataset, payload: &Value, now: i64) -> Result<Value, String> {
    let text = |name: &str| payload.pointer(name).and_then(Value::as_str).map(str::to_owned);
    let began = text("/began").and_then(|began| OffsetDateTime::parse(&began, &Rfc3339).ok());
    let began = began.ok_or("the payload does not say when the flow began")?.unix_timestamp().saturating_mul(1000);
    let platform = text("/platform/email").zip(text("/platform/password"));
    let setting = Setting {
        run: text("/run").ok_or("the payload does not say the name of the run")?,
        enver: text("/enver").ok_or("the payload does not say the enver")?,
        platform: platform.map(|(email, password)| LogIn { email, password }),
    };
    let nothing = Map::new();
    let saved = payload["saved"].as_object().unwrap_or(&nothing);
    let scope = Scope { entities: &dataset.entities, saved, setting: &setting, began, now };
    let node = |value: &Value| Node::of(value.clone(), 1);
    match (payload["values"].as_object(), payload.get("expected")) {
        (Some(values), _) => {
            let resolved: Result<Map<String, Value>, String> = values
                .iter()
                .map(|(name, value)| Ok((name.clone(), scope.value(&node(value)).map_err(|why| why.what)?)))
                .collect();
            resolved.map(Value::Object)
        }
        (None, Some(expected)) => {
            let exact = payload["exact"].as_bool().unwrap_or(false);
            let found = payload.get("found").unwrap_or(&Value::Null);
            let differing = differences(&node(expected), exact, found, &scope).map_err(|why| why.what)?;
            let mut mismatches: Vec<String> = differing.iter().map(ToString::to_string).collect();
            if let Some(headers) = payload.get("headers") {
                // Step Functions gives every field as a list.
                let fields = payload["foundHeaders"].as_object().into_iter().flatten();
                let found: Map<String, Value> =
                    fields.map(|(name, values)| (name.to_ascii_lowercase(), values[0].clone())).collect();
                let differing = differences(&node(headers), false, &found.into(), &scope).map_err(|why| why.what)?;
                mismatches.extend(differing.iter().map(ToString::to_string));
            }
            Ok(json!({ "matches": mismatches.is_empty(), "mismatches": mismatches }))
        }
        (None, None) => Err("the payload asks for nothing: it has neither values nor expected".to_owned()),
    }
}
