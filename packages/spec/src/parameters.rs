//! Parameters: the properties of a request's path, query and header fields, one by one.

use serde_json::{Map, Value, json};

use crate::Contract;

/// The name of the shared parameter of operations that honour a key.
pub(crate) const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// The parameters that several operations share, for `components.parameters`.
pub(crate) fn components(contract: &Contract) -> Map<String, Value> {
    let honoured = contract.operations.iter().any(|operation| operation.declaration.idempotent);
    let parameter = || {
        json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Makes the request take effect once: the same key with the same request is given the first \
                            answer again.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        })
    };
    honoured.then(|| (IDEMPOTENCY_KEY.to_owned(), parameter())).into_iter().collect()
}

/// One parameter per property of `part`, whose place is `location`: `path`, `query` or `header`. Credentials are no
/// parameters in OpenAPI: they stand under `security`.
pub(crate) fn of_part(mut part: Value, location: &str) -> Vec<Value> {
    let Value::Object(properties) = part["properties"].take() else { return Vec::new() };
    let required: Vec<&str> = part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = properties.into_iter().filter(|(name, _)| !(location == "header" && name == AUTHORIZATION));
    let mut parameters: Vec<_> = properties
        .map(|(name, schema)| {
            let mut schema = without_null(schema);
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let mut parameter = Map::new();
            parameter.insert("in".into(), location.into());
            parameter.insert("required".into(), (location == "path" || required.contains(&name.as_str())).into());
            parameter.insert("name".into(), name.into());
            parameter.extend(description.map(|description| ("description".to_owned(), description)));
            parameter.insert("schema".into(), schema);
            Value::Object(parameter)
        })
        .collect();
    parameters.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
    parameters
}

/// Whether this part reads credentials itself.
pub(crate) fn reads_credentials(headers: &Value) -> bool {
    headers["properties"].get(AUTHORIZATION).is_some()
}

const AUTHORIZATION: &str = "authorization";

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
