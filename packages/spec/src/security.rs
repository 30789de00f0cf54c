//! Credentials: how a policy becomes `security`, `x-policy` and a sentence.

use std::collections::BTreeSet;

use operation::{Dialect, SERVICE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use policy::{Policy, Rule};
use serde_json::{Map, Value, json};

use crate::OperationContract;
use crate::parameters::reads_credentials;

/// The schemes that operations require, for `components.securitySchemes`.
pub(crate) fn schemes<'a>(operations: impl Iterator<Item = &'a OperationContract>) -> Map<String, Value> {
    let required: Vec<Value> = operations.map(requirement).collect();
    let alternatives = required.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_object);
    let used: BTreeSet<&String> = alternatives.flat_map(Map::keys).collect();
    used.into_iter().map(|name| (name.clone(), scheme(name))).collect()
}

fn scheme(name: &str) -> Value {
    let field = |name: &str, description: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": description });
    match name {
        BEARER => json!({
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token of the auth service, or an API key where the service takes one.",
        }),
        CLIENT => json!({
            "type": "http", "scheme": "basic",
            "description": "The id of a client and its secret (RFC 6749, section 2.3.1); both may stand in the body instead.",
        }),
        SERVICE => field(SERVICE_HEADER, "The name of the calling service."),
        TIMESTAMP => field(TIMESTAMP_HEADER, "When it was signed, in seconds since 1970."),
        _ => field(
            SIGNATURE_HEADER,
            "HMAC-SHA256, in base64, over timestamp, service, method, path and the digest of the body; good once.",
        ),
    }
}

const BEARER: &str = "bearer";
const CLIENT: &str = "client";
const SERVICE: &str = "service";
const SIGNATURE: &str = "serviceSignature";
const TIMESTAMP: &str = "serviceTimestamp";

/// What a caller must present. Alternatives stand side by side; the parts of one are all needed.
pub(crate) fn requirement(operation: &OperationContract) -> Value {
    let facts = operation.declaration;
    match (facts.dialect, facts.policy.rule) {
        (_, Rule::Internal) => json!([{ SERVICE: [], SIGNATURE: [], TIMESTAMP: [] }]),
        (Dialect::OAuth, _) if reads_credentials(&operation.headers) => json!([{ CLIENT: [] }, {}]),
        (Dialect::OAuth, _) | (_, Rule::Public) => json!([]),
        _ => json!([{ BEARER: [] }]),
    }
}

/// A policy as `x-policy`.
pub(crate) fn policy(policy: &Policy) -> Value {
    let mut published = json!({ "rule": policy.rule.name() });
    if let Rule::Roles(roles) = policy.rule {
        published["roles"] = roles.iter().map(|role| role.name()).collect();
    }
    if !policy.custom.is_empty() {
        published["custom"] = policy.custom.iter().copied().collect();
    }
    published
}

/// A policy as a sentence.
pub(crate) fn callers(policy: &Policy) -> String {
    let who = match policy.rule {
        Rule::Public => "For everybody".to_owned(),
        Rule::Authenticated => "For everybody who is logged in".to_owned(),
        Rule::Creator => "For the owner of the record".to_owned(),
        Rule::Roles(roles) => {
            let names: Vec<_> = roles.iter().map(|role| format!("`{}`", role.name())).collect();
            format!("For {}", names.join(", "))
        }
        Rule::Admin => "For administrators of the tenant or of the platform".to_owned(),
        Rule::OrgManagement => "For administrators of the tenant".to_owned(),
        Rule::PlatformOwner => "For administrators of the platform".to_owned(),
        Rule::Sensitive => "For everybody with a fresh log-in or a second factor".to_owned(),
        Rule::Internal => "For other services".to_owned(),
    };
    match policy.custom {
        [] => format!("{who}."),
        custom => format!("{who}; further rules: {}.", custom.join(", ")),
    }
}
