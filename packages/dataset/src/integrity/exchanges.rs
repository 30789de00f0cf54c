//! One exchange against its operation: who calls, what is sent, answered, emitted and consumed.

use serde_json::{Map, Value};

use super::Contracts;
use crate::dataset::Dataset;
use crate::problem::{Place, Problem};
use crate::published::{Operation, Service, resolved};
use crate::rehearsal::Exchange;
use crate::request::Rendered;
use crate::schemas::Schemas;
use crate::step::{Body, Part, Step};

pub fn check(dataset: &Dataset, contracts: &Contracts<'_>, exchange: &Exchange, problems: &mut Vec<Problem>) {
    let step = exchange.step.as_ref();
    actor(dataset, contracts, step, problems);
    let Some(service) = contracts.published.services.get(&step.service) else {
        let known = contracts.published.services.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let what = format!("step {} goes to {}, which is no service", step.id, step.service);
        problems.push(step.place.problem("operation", what, format!("there are {known}")));
        return;
    };
    let Some(operation) = service.operations.get(&step.operation) else {
        let known = nearest(&step.operation, service.operations.keys());
        let what = format!("step {} calls {}, which is no operation of {}", step.id, step.operation, step.service);
        problems.push(step.place.problem("operation", what, known));
        return;
    };
    let (Some(http), Some(messages)) =
        (contracts.http.get(step.service.as_str()), contracts.messages.get(step.service.as_str()))
    else {
        return;
    };
    declared(step, operation, problems);
    if let Some(sent) = &exchange.sent
        && well_formed(step)
    {
        request(step, service, operation, http, sent, problems);
    }
    answer(exchange, service, operation, http, problems);
    emitted(contracts, exchange, service, operation, messages, problems);
}

/// Whether the request is meant to be as the contract says.
fn well_formed(step: &Step) -> bool {
    !matches!(step.expect.status, 400 | 405 | 413 | 415)
        && !matches!(step.send.body, Body::Raw(_))
        && !(matches!(&step.part, Part::Case { base, .. } if base.is_empty()))
}

fn actor(dataset: &Dataset, contracts: &Contracts<'_>, step: &Step, problems: &mut Vec<Problem>) {
    let known = matches!(step.actor.as_str(), "anonymous" | "platform")
        || contracts.published.services.contains_key(&step.actor)
        || dataset.entities.get("people", &step.actor).is_ok();
    if !known {
        let what = format!("step {} is {}'s, who is nobody", step.id, step.actor);
        problems.push(step.place.problem("actor", what, "name a key of people.yaml, anonymous, platform or a service"));
    }
}

fn declared(step: &Step, operation: &Operation, problems: &mut Vec<Problem>) {
    let place = Place { file: step.place.file.clone(), line: step.expect.line };
    let Some(codes) = operation.answers.get(&step.expect.status) else {
        let known: Vec<String> = operation.answers.keys().map(u16::to_string).collect();
        let what = format!("step {} expects {}, which {} does not declare", step.id, step.expect.status, operation.id);
        problems.push(place.problem("operation", what, format!("it declares {}", known.join(", "))));
        return;
    };
    for other in step.expect.also.iter().filter(|other| !operation.answers.contains_key(other)) {
        let what = format!("step {} lets {other} pass, which {} does not declare", step.id, operation.id);
        problems.push(place.problem("operation", what, "take it away"));
    }
    match &step.expect.code {
        Some(code) if !codes.contains(code) => {
            let known = codes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let what = format!(
                "step {} expects {} {code}, which {} does not declare",
                step.id, step.expect.status, operation.id
            );
            problems.push(place.problem("operation", what, format!("under this status it declares {known}")));
        }
        None if step.expect.status >= 400 => {
            let what = format!("step {} expects {} and no code", step.id, step.expect.status);
            problems.push(place.problem("operation", what, "say the code of the refusal"));
        }
        _ => {}
    }
}

fn request(
    step: &Step,
    service: &Service,
    operation: &Operation,
    schemas: &Schemas,
    sent: &Rendered,
    problems: &mut Vec<Problem>,
) {
    let mut add = |what: String| {
        problems.push(step.place.problem("request", format!("step {}: {what}", step.id), "correct what is sent"));
    };
    let parameters = operation.document["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parameters: Vec<&Value> = parameters.iter().map(|parameter| resolved(&service.openapi, parameter)).collect();
    for (place, values) in [("path", &sent.path), ("query", &sent.query), ("header", &sent.headers)] {
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == place) {
            let name = parameter["name"].as_str().unwrap_or_default();
            match value_of(values, name, place) {
                Some(value) => {
                    let schema = &parameter["schema"];
                    let issues = schemas.issues(schema, value, false);
                    let as_json = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
                    let fits = issues.is_empty()
                        || as_json.is_some_and(|value| schemas.issues(schema, &value, false).is_empty());
                    if !fits {
                        add(format!("{place} {name} is refused by the contract: {}", issues.join("; ")));
                    }
                }
                None if parameter["required"] == true => add(format!("{place} {name} is missing")),
                None => {}
            }
        }
        let known = |name: &String| {
            place == "header"
                || parameters.iter().any(|parameter| parameter["in"] == place && parameter["name"] == **name)
        };
        for name in values.keys().filter(|name| !known(name)) {
            add(format!("{place} {name} is none of {}", operation.id));
        }
    }
    let content = resolved(&service.openapi, &operation.document["requestBody"])["content"].as_object();
    let media = match (&step.send.body, content) {
        (Body::None, _) | (_, None) => None,
        (Body::Form(_), Some(content)) => content.get("application/x-www-form-urlencoded"),
        (_, Some(content)) => content.get("application/json"),
    };
    match (&sent.body, media) {
        (Some(body), Some(media)) => {
            for issue in schemas.issues(&media["schema"], body, false) {
                add(format!("the body is refused by the contract: {issue}"));
            }
        }
        (Some(_), None) => add(format!("{} takes no such body", operation.id)),
        (None, None) if content.is_some() => add("the body is missing".to_owned()),
        _ => {}
    }
}

fn value_of<'v>(values: &'v Map<String, Value>, name: &str, place: &str) -> Option<&'v Value> {
    match place {
        "header" => values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value),
        _ => values.get(name),
    }
}

fn answer(
    exchange: &Exchange,
    service: &Service,
    operation: &Operation,
    schemas: &Schemas,
    problems: &mut Vec<Problem>,
) {
    let step = exchange.step.as_ref();
    let place = Place { file: step.place.file.clone(), line: step.expect.line };
    let Some(schema) = answer_schema(service, operation, step.expect.status) else {
        if !exchange.answer.is_null() && operation.answers.contains_key(&step.expect.status) {
            let what = format!("step {} expects a body, and {} answers none", step.id, operation.id);
            problems.push(place.problem("answer", what, "expect no body"));
        }
        return;
    };
    if exchange.answer.is_null() {
        return;
    }
    for issue in schemas.issues(schema, &exchange.answer, true) {
        let what = format!("step {} expects what the contract does not allow: {issue}", step.id);
        problems.push(place.problem("answer", what, "correct what is expected"));
    }
}

/// The schema of an answer's body.
pub fn answer_schema<'s>(service: &'s Service, operation: &'s Operation, status: u16) -> Option<&'s Value> {
    let response = resolved(&service.openapi, operation.document["responses"].get(status.to_string())?);
    response["content"].as_object()?.iter().next().map(|(_, media)| &media["schema"])
}

fn emitted(
    contracts: &Contracts<'_>,
    exchange: &Exchange,
    service: &Service,
    operation: &Operation,
    schemas: &Schemas,
    problems: &mut Vec<Problem>,
) {
    let step = exchange.step.as_ref();
    let at = |line| Place { file: step.place.file.clone(), line };
    for (emitted, (event, data)) in step.emits.iter().zip(&exchange.messages) {
        let Some(payload) = service.events.get(event).filter(|_| operation.emits.contains(event)) else {
            let known = operation.emits.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let what = format!("step {} emits {event}, which {} does not declare", step.id, operation.id);
            problems.push(at(emitted.line).problem("message", what, format!("it declares {known}")));
            continue;
        };
        let Some(data) = data else { continue };
        for issue in schemas.issues(&payload["properties"]["data"], data, false) {
            let what = format!("step {}: {event} is refused by the contract: {issue}", step.id);
            problems.push(at(emitted.line).problem("message", what, "correct what it tells"));
        }
    }
    for consumed in &step.consumes {
        let consumer = contracts.published.services.get(&consumed.service);
        let taken = consumer.and_then(|service| service.consumers.get(&consumed.operation));
        match taken {
            None => {
                let what = format!(
                    "step {} reaches {} {}, which is no consumer",
                    step.id, consumed.service, consumed.operation
                );
                let known =
                    consumer.map(|service| nearest(&consumed.operation, service.consumers.keys())).unwrap_or_default();
                problems.push(at(consumed.line).problem("operation", what, known));
            }
            Some(taken) if !step.emits.iter().any(|emitted| taken.contains(&emitted.event)) => {
                let what = format!("step {} emits nothing that {} takes", step.id, consumed.operation);
                let known = taken.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                problems.push(at(consumed.line).problem("message", what, format!("it takes {known}")));
            }
            Some(_) => {}
        }
    }
}

/// Names to choose from, those with the same beginning first.
fn nearest<'n>(wanted: &str, known: impl Iterator<Item = &'n String>) -> String {
    let mut names: Vec<&str> = known.map(String::as_str).collect();
    let common = |name: &str| name.bytes().zip(wanted.bytes()).take_while(|(one, other)| one == other).count();
    names.sort_by_key(|name| std::cmp::Reverse(common(name)));
    format!("there are {}", names.join(", "))
}
