//! One operation or consumer in one enver: everything needed to serve it.

use std::fmt::Write as _;

use contracts::Stage;
use operation::{Resource, Touch};
use policy::Rule;
use serde_json::{Value, json};
use spec::{ConsumerContract, OperationContract};

use super::diagram::Flowchart;
use super::parts::{json_block, one_line, resource, touched};
use super::subject::Subject;
use crate::{example, shape};

/// The section of an operation.
pub(super) fn operation(text: &mut String, subject: &Subject<'_>, operation: &OperationContract, stage: Stage) {
    let facts = operation.declaration;
    let mock = mark(stage);
    let _ = writeln!(text, "#### `{}`: {}\n", facts.id, facts.summary);
    let _ = writeln!(text, "- **Source Design Reference**: `{}`", subject.file(facts.id));
    let _ = writeln!(text, "- **Flow**: `{} → {}`", caller(facts.policy.rule), subject.service());
    let _ = writeln!(text, "- **Action**: {}", one_line(&subject.promise(facts.id, facts.summary)));
    let _ = writeln!(text, "- **Endpoint**: `{} {}`", facts.method.name(), facts.path);
    let _ = writeln!(
        text,
        "- **Policy**: {} Rate limit preset `{}`.",
        subject.callers(operation),
        facts.policy.rate_limit.name()
    );
    upstreams(text, subject, operation, stage);
    let _ = writeln!(
        text,
        "- **API Request Schema{mock}** (`?` marks what may be left out; what is not named is refused):\n"
    );
    text.push_str(&json_block(&request(operation, shape), 2));
    let _ = writeln!(text, "- **API Request Example{mock}**:\n");
    text.push_str(&json_block(&request(operation, example), 2));
    let _ = writeln!(text, "- **API Response Schema{mock}**: status {}", facts.success);
    match &operation.answer {
        Some(answer) => {
            text.push('\n');
            text.push_str(&json_block(&shape(answer), 2));
            if stage == Stage::Mock {
                let _ = writeln!(text, "- **API Response{mock}**: status {}\n", facts.success);
                text.push_str(&json_block(&example(answer), 2));
            }
        }
        None => text.push_str("  without a body.\n"),
    }
    errors(text, operation);
    storage(text, operation, stage);
    emission(text, operation, stage);
    text.push_str("- **Stream Record**: None. The service writes to no stream.\n");
    if stage == Stage::Main {
        enhancements(text, operation);
    }
    let _ = writeln!(text, "- **Mermaid Flowchart**:\n");
    text.push_str(&flowchart(subject, operation, stage, caller(facts.policy.rule)).block(2));
    text.push('\n');
}

/// The section of a consumer.
pub(super) fn consumer(text: &mut String, subject: &Subject<'_>, consumer: &ConsumerContract, stage: Stage) {
    let facts = consumer.declaration;
    let _ = writeln!(text, "#### `{}`: {}\n", facts.id, facts.summary);
    let _ = writeln!(text, "- **Source Design Reference**: `{}`", subject.file(facts.id));
    let queue = resource(stage, facts.queue);
    let _ = writeln!(text, "- **Flow**: `{queue} → {}`", subject.service());
    let _ = writeln!(text, "- **Action**: {}", one_line(&subject.promise(facts.id, facts.summary)));
    let events: Vec<String> =
        facts.events.iter().map(|event| format!("`{}` ({})", event.name, one_line(event.summary))).collect();
    let _ = writeln!(text, "- **Takes**: {}", events.join(", "));
    let _ = writeln!(
        text,
        "- **Delivery**: one message at a time, at least once, in any order; an event's `id` takes effect once. After {} tries \
         a message becomes a dead letter.",
        facts.max_receive_count
    );
    let _ = writeln!(text, "- **Message Data Schema{}**:\n", mark(stage));
    text.push_str(&json_block(&shape(&consumer.data), 2));
    let name = facts.events.first().map_or("", |event| event.name);
    let _ = writeln!(text, "- **Message Example{}**:\n", mark(stage));
    text.push_str(&json_block(&cloud_event(name, "/sender", &example(&consumer.data)), 2));
    match (stage, facts.touches) {
        (Stage::Mock, _) => text.push_str("- **Storage Action**: None. (Phase 0 does not persist real data).\n"),
        (_, []) => text.push_str("- **Storage Action**: None.\n"),
        (_, touches) => {
            let _ = writeln!(text, "- **Storage Action**: {}.", listed(touches, stage));
        }
    }
    let _ = writeln!(text, "- **Mermaid Flowchart**:\n");
    let chart = Flowchart::new()
        .queue("queue", &queue)
        .service("service", subject.service())
        .queue("dead", &format!("{queue}: dead letters"))
        .arrow("queue", &format!("{}{}", verb(stage), name), "service")
        .arrow("queue", &format!("after {} tries", facts.max_receive_count), "dead");
    text.push_str(&resources(chart, facts.touches, stage).block(2));
    text.push('\n');
}

/// The way of one call, as a picture.
pub(super) fn flowchart(subject: &Subject<'_>, operation: &OperationContract, stage: Stage, by: &str) -> Flowchart {
    let facts = operation.declaration;
    let is_mock = stage == Stage::Mock;
    let answer = |status: u16| if is_mock { format!("Mock response: {status}") } else { format!("Response: {status}") };
    let mut chart = Flowchart::new().person("client", by).service("service", subject.service()).arrow(
        "client",
        &format!("{} {}", facts.method.name(), facts.path),
        "service",
    );
    if is_mock {
        chart = chart.store("dataset", "published contract and master dataset").arrow("service", "Looks up", "dataset");
    } else {
        chart = resources(chart, facts.touches, stage);
    }
    if !facts.emits.is_empty() {
        let names: Vec<&str> = facts.emits.iter().map(|event| event.name).collect();
        let emits = if is_mock { "Emits mock event" } else { "Emits" };
        chart = chart.queue("subscribers", "Queues of the subscribers").arrow(
            "service",
            &format!("{emits} {}", names.join(", ")),
            "subscribers",
        );
    }
    chart.arrow("service", &answer(facts.success), "client")
}

fn resources(mut chart: Flowchart, touches: &[Touch], stage: Stage) -> Flowchart {
    if stage == Stage::Mock {
        return chart;
    }
    let mut drawn: Vec<(Resource, &str)> = Vec::new();
    for touch in touches {
        let resource = (touch.resource, touch.name);
        let verb_and_name = touched(touch, stage).replace('`', "");
        let Some((verb, name)) = verb_and_name.split_once(' ') else { continue };
        let known = drawn.iter().position(|other| *other == resource);
        let id = format!("resource{}", known.unwrap_or(drawn.len()));
        if known.is_none() {
            drawn.push(resource);
            chart = match touch.resource {
                Resource::Queue => chart.queue(&id, name),
                _ => chart.store(&id, name),
            };
        }
        chart = chart.arrow("service", verb, &id);
    }
    chart
}

/// The parts of a request, each by `of`.
fn request(operation: &OperationContract, of: fn(&Value) -> Value) -> Value {
    let mut parts = serde_json::Map::new();
    for (name, part) in [("path", &operation.path), ("query", &operation.query), ("headers", &operation.headers)] {
        let part = of(part);
        if part.as_object().is_some_and(|fields| !fields.is_empty()) {
            parts.insert(name.to_owned(), part);
        }
    }
    if let Some(body) = &operation.body {
        let key = match operation.declaration.dialect {
            operation::Dialect::Enver => "body",
            operation::Dialect::OAuth => "form",
        };
        parts.insert(key.to_owned(), of(body));
    }
    Value::Object(parts)
}

fn upstreams(text: &mut String, subject: &Subject<'_>, operation: &OperationContract, stage: Stage) {
    let facts = operation.declaration;
    let heading = if stage == Stage::Mock { "Mocked" } else { "Real" };
    let mut calls = Vec::new();
    let is_auth = subject.service() == "auth";
    if !matches!(facts.policy.rule, Rule::Public | Rule::Internal) && !is_auth {
        calls.push((
            "auth",
            "API Call, cached",
            "GET /auth/v1/jwks.json".to_owned(),
            json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "string", "x": "string" }] }),
        ));
    }
    if subject.service() != "config" {
        for touch in facts.touches.iter().filter(|touch| touch.resource == Resource::Config) {
            let setting = subject.source.settings.iter().find(|setting| setting.is(subject.service(), touch.name));
            let id = setting.map_or_else(|| touch.name.replace('/', "."), |setting| setting.id_in(stage.name()));
            let value = match (setting, stage) {
                (Some(setting), Stage::Mock) => setting.value.clone(),
                (Some(setting), _) => shape(&setting.schema),
                (None, _) => json!("any JSON"),
            };
            calls.push((
                "config",
                "API Call, cached",
                format!("GET /config/internal/v1/tenants/{{tenant}}/documents/{id}"),
                json!({ "data": { "document": id, "version": "string", "value": value } }),
            ));
        }
    }
    if calls.is_empty() {
        let _ = writeln!(text, "- **Upstream Dependencies & Contracts ({heading})**: None.");
        return;
    }
    let _ = writeln!(text, "- **Upstream Dependencies & Contracts ({heading})**:");
    for (service, interaction, endpoint, answer) in calls {
        let _ = writeln!(text, "  - **Service**: `{service}`");
        let _ = writeln!(text, "    - **Interaction**: {interaction}");
        let _ = writeln!(text, "    - **Endpoint/Topic**: `{endpoint}`");
        let expected =
            if stage == Stage::Mock { "Expected Schema (Mock Response from Upstream)" } else { "Consumed Schema" };
        let _ = writeln!(text, "    - **{expected}**:\n");
        text.push_str(&json_block(&answer, 6));
    }
}

fn errors(text: &mut String, operation: &OperationContract) {
    let own = operation.declaration.errors;
    if own.is_empty() {
        text.push_str("- **Errors of its own**: None; the common ones are above.\n");
        return;
    }
    text.push_str("- **Errors of its own**:\n\n  | status | code | message |\n  | --- | --- | --- |\n");
    for refusal in own {
        let _ = writeln!(text, "  | {} | `{}` | {} |", refusal.kind.status(), refusal.code, one_line(refusal.message));
    }
    text.push('\n');
}

fn storage(text: &mut String, operation: &OperationContract, stage: Stage) {
    let facts = operation.declaration;
    if stage == Stage::Mock {
        text.push_str("- **Storage Action**: None. (Phase 0 does not persist real data).\n");
        return;
    }
    let touches: Vec<Touch> =
        facts.touches.iter().copied().filter(|touch| touch.resource != Resource::Config).collect();
    if touches.is_empty() {
        text.push_str("- **Storage Action**: None.\n");
        return;
    }
    let _ = write!(text, "- **Storage Action**: {}.", listed(&touches, stage));
    if !facts.method.is_safe() {
        let audit = facts.audit.map_or_else(String::new, |action| format!(", the audit entry `{action}`"));
        let claim = if facts.idempotent { ", the claim of its idempotency key" } else { "" };
        let events = if facts.emits.is_empty() { "" } else { ", its events for the outbox" };
        let _ = write!(text, " A change is one transaction: the record{events}{audit}{claim}, or nothing.");
    }
    text.push('\n');
}

fn emission(text: &mut String, operation: &OperationContract, stage: Stage) {
    let mock = mark(stage);
    if operation.declaration.emits.is_empty() {
        let _ = writeln!(text, "- **Event Emission{mock}**: None.");
        return;
    }
    let _ = writeln!(text, "- **Event Emission{mock}**:");
    for event in operation.declaration.emits {
        let schema = (event.schema)();
        let data = match stage {
            Stage::Mock => cloud_event(event.name, "/service", &example(schema.document())),
            _ => shape(schema.document()),
        };
        let what = if stage == Stage::Mock { "as a CloudEvent" } else { "its data" };
        let _ = writeln!(
            text,
            "  - `{}`: {} It goes to the queue of every subscriber, at least once; {what}:\n",
            event.name,
            one_line(event.summary)
        );
        text.push_str(&json_block(&data, 4));
    }
}

fn enhancements(text: &mut String, operation: &OperationContract) {
    let facts = operation.declaration;
    let _ = writeln!(text, "- **Enhancements**:");
    let _ = writeln!(
        text,
        "  - The rate-limit preset `{}` holds across all instances; its numbers are configuration of production.",
        facts.policy.rate_limit.name()
    );
    match facts.audit {
        Some(action) => {
            let _ = writeln!(text, "  - Every change leaves the audit entry `{action}`, written with it.");
        }
        None => text.push_str("  - It changes nothing, so it leaves no audit entry; the log line names the caller.\n"),
    }
    let _ = writeln!(text, "  - A body over {} bytes is refused before it is read.", facts.body_limit);
    let _ = writeln!(
        text,
        "  - A breaking change of this contract needs a new version of the operation; `enver diff` judges it."
    );
    if let Some(gone) = facts.deprecated {
        let _ = writeln!(
            text,
            "  - Deprecated since {}; it answers until {}. Instead: {}.",
            gone.since,
            gone.sunset,
            one_line(gone.instead)
        );
    }
}

fn listed(touches: &[Touch], stage: Stage) -> String {
    touches.iter().map(|touch| touched(touch, stage)).collect::<Vec<_>>().join(", ")
}

fn cloud_event(kind: &str, source: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": "550e8400-e29b-41d4-a716-446655440001",
        "source": source,
        "type": kind,
        "subject": "what it is about",
        "time": "2026-11-21T08:00:00Z",
        "datacontenttype": "application/json",
        "tenantid": "acme",
        "requestid": "0123456789abcdef0123456789abcdef",
        "data": data,
    })
}

fn caller(rule: Rule) -> &'static str {
    match rule {
        Rule::Internal => "Another service",
        _ => "Client",
    }
}

fn mark(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => " (Mock)",
        _ => "",
    }
}

fn verb(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => "Mock ",
        _ => "",
    }
}
