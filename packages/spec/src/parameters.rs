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
        .map(|(name, mut schema)| {
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
