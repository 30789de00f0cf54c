//! OpenAPI 3.1.0 of a service: what a caller must send and may be answered.

use std::collections::BTreeSet;

use operation::{Declaration, Lifecycle, Stability, Transition};
use serde_json::{Map, Value, json};

use crate::components::{Components, Handle, Shelf, Side};
use crate::halves::{both, mapped};
use crate::names::pascal_case;
use crate::responses::{self, Errors};
use crate::{Contract, OperationContract, headers, parameters, security};

/// The document of a service. Callers take the base URL from the producer, so `servers[0].url` is empty; nothing in it
/// depends on the enver, so that equal digests mean equal contracts.
pub fn document(contract: &Contract) -> Value {
    let mut errors = Errors::default();
    let codes = mapped(contract.operations.iter().collect(), responses::codes);
    codes.iter().for_each(|codes| errors.note(codes));
    let names = errors.names();
    // What stands in answers and what stands in schemas know nothing of each other but these names.
    let ((parts, components), answers) = both(
        || {
            let mut shelf = Shelf::default();
            let parts: Vec<Parts> = contract.operations.iter().map(|it| Parts::shelve(it, &mut shelf)).collect();
            (parts, shelf.settle(&names))
        },
        || contract.operations.iter().zip(codes).map(|(it, codes)| errors.of(it, codes)).collect::<Vec<_>>(),
    );
    let operations = contract.operations.iter().zip(&parts).zip(answers).collect();
    let operations = mapped(operations, |((operation, parts), answers)| {
        (operation.declaration, published(operation, parts, answers, &components))
    });

    let mut schemas = components.schemas();
    schemas.extend(errors.schemas());
    let shared = errors.into_shared_responses();
    let own = operations.iter().filter_map(|(_, published)| published["responses"].as_object()).flat_map(Map::values);
    let headers = headers::components(own.chain(shared.values()));
    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for (facts, published) in operations {
        let path = paths.entry(facts.path).or_insert_with(|| json!({}));
        path[facts.method.name().to_ascii_lowercase()] = published.into();
        tags.insert(tag(facts.path));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": contract.service,
            "version": version(contract),
            "description": ABOUT,
        },
        "servers": [{ "url": "" }],
        "tags": tags.iter().map(|tag| described(tag)).collect::<Vec<_>>(),
        "components": {
            "headers": headers,
            "parameters": parameters::components(contract),
            "securitySchemes": security::schemes(contract.operations.iter()),
        },
    });
    // What is large is moved in: `json!` would copy it.
    document["components"]["responses"] = shared.into();
    document["components"]["schemas"] = schemas.into();
    document["paths"] = paths.into();
    document
}

/// An operation under its path and method.
fn published(
    operation: &OperationContract,
    parts: &Parts,
    mut answers: Map<String, Value>,
    components: &Components<'_>,
) -> Map<String, Value> {
    let facts = operation.declaration;
    let mut published = facts_of(facts);
    published.insert("tags".into(), json!([tag(facts.path)]));
    published.insert("security".into(), security::requirement(operation));
    let mut listed: Vec<Value> = [(parts.path, "path"), (parts.query, "query"), (parts.headers, "header")]
        .into_iter()
        .flat_map(|(part, location)| parameters::of_part(components.inline(part), location))
        .collect();
    // OpenAPI has no word for it; everybody else refuses what is not listed.
    let query = components.inline(parts.query);
    if query["properties"].is_object() && query["additionalProperties"] != false {
        published.insert("x-unlisted-parameters".into(), "ignored".into());
    }
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
    if let Some(answer) = parts.answer {
        answers[&facts.success.to_string()]["content"] = responses::json_of(components.schema(answer));
    }
    published.insert("responses".into(), answers.into());
    published
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
    fn shelve<'a>(operation: &'a OperationContract, shelf: &mut Shelf<'a>) -> Self {
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
    if let Some(life) = &facts.lifecycle {
        set("x-lifecycle", lifecycle(life));
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

/// What an operation does in the life of a record.
fn lifecycle(life: &Lifecycle) -> Value {
    let step = |step: &Transition| match step.from {
        Some(from) => json!({ "from": from, "to": step.to }),
        None => json!({ "to": step.to }),
    };
    let mut published =
        json!({ "action": life.action, "transitions": life.transitions().map(step).collect::<Vec<_>>() });
    if let Some(refusal) = life.refusal {
        published["refusal"] = refusal.code.into();
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
