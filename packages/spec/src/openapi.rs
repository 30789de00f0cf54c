//! OpenAPI 3.1.0 of a service: what a caller must send and may be answered.

use std::collections::BTreeSet;

use operation::{Declaration, Stability};
use serde_json::{Map, Value, json};

use crate::components::{Handle, Shelf, Side};
use crate::names::pascal_case;
use crate::responses::Errors;
use crate::{Contract, OperationContract, headers, parameters, security};

/// The document of a service. Callers take the base URL from the producer, so `servers[0].url` is empty; nothing in it
/// depends on the enver, so that equal digests mean equal contracts.
pub fn document(contract: &Contract) -> Value {
    let mut shelf = Shelf::default();
    let mut errors = Errors::default();
    let parts: Vec<Parts> = contract.operations.iter().map(|operation| Parts::shelve(operation, &mut shelf)).collect();
    contract.operations.iter().for_each(|operation| errors.note(operation));
    let components = shelf.settle(&errors.names());

    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for (operation, parts) in contract.operations.iter().zip(&parts) {
        let facts = operation.declaration;
        let tag = tag(facts.path);
        let mut published = facts_of(facts);
        published.insert("tags".into(), json!([tag]));
        published.insert("security".into(), security::requirement(operation));
        let mut listed: Vec<Value> = [(parts.path, "path"), (parts.query, "query"), (parts.headers, "header")]
            .into_iter()
            .flat_map(|(part, location)| parameters::of_part(&components.inline(part), location))
            .collect();
        if facts.idempotent {
            listed.push(json!({ "$ref": format!("#/components/parameters/{}", parameters::IDEMPOTENCY_KEY) }));
        }
        if !listed.is_empty() {
            published.insert("parameters".into(), listed.into());
        }
        if let Some(body) = parts.body {
            let content = json!({ facts.dialect.media_type(): { "schema": components.schema(body) } });
            published.insert("requestBody".into(), json!({ "required": true, "content": content }));
        }
        let answer = parts.answer.map(|answer| components.schema(answer));
        published.insert("responses".into(), errors.of(operation, answer).into());
        let path = paths.entry(facts.path).or_insert_with(|| json!({}));
        path[facts.method.name().to_ascii_lowercase()] = published.into();
        tags.insert(tag);
    }

    let mut schemas = components.schemas;
    schemas.extend(errors.schemas());
    let shared = errors.shared_responses();
    let operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
    let own = operations.filter_map(|operation| operation["responses"].as_object()).flat_map(Map::values);
    let headers = headers::components(own.chain(shared.values()));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": contract.service,
            "version": version(contract),
            "description": ABOUT,
        },
        "servers": [{ "url": "" }],
        "tags": tags.iter().map(|tag| described(tag)).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "headers": headers,
            "parameters": parameters::components(contract),
            "responses": shared,
            "schemas": schemas,
            "securitySchemes": security::schemes(contract.operations.iter()),
        },
    })
}

const ABOUT: &str = "\
Success is `{\"data\": …}`, a list has `pagination` beside it. An error is `{\"error\": {\"message\", \"code\", \"details\"}}`; \
programs branch on `code`. Every answer has `X-Request-Id`. Paths begin at the root of the origin.";

/// The documents of one operation on the shelf.
struct Parts {
    path: Handle,
    query: Handle,
    headers: Handle,
    body: Option<Handle>,
    answer: Option<Handle>,
}

impl Parts {
    fn shelve(operation: &OperationContract, shelf: &mut Shelf) -> Self {
        let answer_name = format!("{}Answer", pascal_case(operation.declaration.id));
        Self {
            path: shelf.add_inline(&operation.path, Side::Request),
            query: shelf.add_inline(&operation.query, Side::Request),
            headers: shelf.add_inline(&operation.headers, Side::Request),
            body: operation.body.as_ref().map(|body| shelf.add(body, Side::Request, None)),
            answer: operation.answer.as_ref().map(|answer| match answer["$ref"].is_string() {
                // Somebody else's standard, without our envelope: the type itself.
                true => shelf.add_inline(answer, Side::Answer),
                false => shelf.add(answer, Side::Answer, Some(&answer_name)),
            }),
        }
    }
}

/// What a declaration says besides its types.
fn facts_of(facts: &Declaration) -> Map<String, Value> {
    let mut description = vec![security::callers(&facts.policy)];
    if !facts.emits.is_empty() {
        let events: Vec<_> = facts.emits.iter().map(|event| format!("`{}`", event.name)).collect();
        description.push(format!("Emits {}.", events.join(", ")));
    }
    if let Some(deprecation) = &facts.deprecated {
        description.push(format!(
            "Deprecated since {}; answers until {}. Instead: {}.",
            deprecation.since, deprecation.sunset, deprecation.instead
        ));
    }
    let mut published = Map::new();
    let mut set = |name: &str, value: Value| drop(published.insert(name.to_owned(), value));
    set("operationId", facts.id.into());
    set("summary", facts.summary.into());
    set("description", description.join(" ").into());
    set("x-policy", security::policy(&facts.policy));
    set("x-rate-limit", facts.policy.rate_limit.name().into());
    set("x-body-limit", facts.body_limit.into());
    if let Some(action) = facts.audit {
        set("x-audit", action.into());
    }
    if facts.idempotent {
        set("x-idempotent", true.into());
    }
    if !facts.emits.is_empty() {
        set("x-emits", facts.emits.iter().map(|event| event.name).collect());
    }
    if facts.stability == Stability::Experimental {
        set("x-stability", "experimental".into());
    }
    if let Some(deprecation) = &facts.deprecated {
        set("deprecated", true.into());
        set("x-deprecated-since", deprecation.since.into());
        set("x-sunset", deprecation.sunset.into());
        set("x-instead", deprecation.instead.into());
    }
    published
}

/// The resource of a path: the segment after the version, `bookings` of `/booking/v1/bookings/{bookingId}`.
fn tag(path: &str) -> &str {
    path.split('/').skip_while(|segment| !is_version(segment)).nth(1).unwrap_or("other")
}

fn described(tag: &str) -> Value {
    json!({ "name": tag, "description": format!("Everything about {}.", tag.replace('-', " ")) })
}

/// The newest version among the paths.
pub(crate) fn version(contract: &Contract) -> String {
    let segments = contract.operations.iter().flat_map(|operation| operation.declaration.path.split('/'));
    let newest =
        segments.filter(|segment| is_version(segment)).filter_map(|segment| segment[1..].parse::<u32>().ok()).max();
    newest.unwrap_or(1).to_string()
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
