//! SERVICE_OVERVIEW.md: what the service is, whatever the enver.

use std::fmt::Write as _;

use contracts::Stage;
use serde_json::json;

use super::diagram::Flowchart;
use super::parts::{boundary, capital, json_block, one_line};
use super::subject::Subject;
use super::{enver_document, parts};

pub(super) fn write(subject: &Subject<'_>) -> String {
    let mut text = format!("# {} - Overview\n\n## 🎯 Service Mission\n\n{}\n\n", subject.title(), subject.mission());
    let service = subject.service();
    text.push_str(
        "- **Core Philosophy**: \"One declaration is the contract: parser, validator, schema, policy and documents come from \
         it. Business values are configuration; a change is one transaction; whoever depends on this service depends on its \
         published contract and never on its code.\"\n",
    );
    let _ = writeln!(text, "- **Repository**: `{}`, folder `functions/{service}/`", subject.build.repository);
    let _ = writeln!(text, "- **Build ID**: `{}`\n", subject.build.id);
    boundary(&mut text, subject);
    architecture(&mut text, subject);
    storage(&mut text, subject);
    text.push_str("## 🔐 API Specification (Enver-Agnostic)\n\nRequests and answers field by field stand in the documents of the envers.\n\n");
    for operation in &subject.contract.operations {
        let facts = operation.declaration;
        let _ = writeln!(
            text,
            "- **`{} {}`**: {} (`{}`). {}",
            facts.method.name(),
            facts.path,
            facts.summary,
            facts.id,
            subject.callers(operation)
        );
    }
    messages(&mut text, subject);
    relations(&mut text, subject);
    deployment(&mut text, subject);
    text
}

fn architecture(text: &mut String, subject: &Subject<'_>) {
    let service = subject.service();
    let _ = writeln!(
        text,
        "## 🏗️ Service Architecture\n\nThe service is a list of {} operations and {} consumers. Each is one file; a host (a \
         laptop's process, a function, an edge worker) hands it requests and messages through one pipeline: request id, body \
         limit, route, authentication, tenant, rate limit, policy, parsing, idempotency, the operation, response check, one \
         log line.\n",
        subject.contract.operations.len(),
        subject.contract.consumers.len()
    );
    let mut chart = Flowchart::new()
        .person("client", "Callers")
        .service("service", service)
        .store("table", &format!("Table {service}"))
        .arrow("client", "HTTPS", "service")
        .arrow("service", "reads, writes in one transaction", "table");
    for (place, consumer) in subject.contract.consumers.iter().enumerate() {
        let id = format!("queue{place}");
        chart = chart.queue(&id, &format!("Queue {}", consumer.declaration.queue)).arrow(
            &id,
            consumer.declaration.id,
            "service",
        );
    }
    if !subject.contract.emitted().is_empty() {
        chart = chart.queue("subscribers", "Queues of the subscribers").arrow("table", "outbox", "subscribers");
    }
    let mut upstreams: Vec<&str> =
        subject.upstreams(Stage::Dev).iter().map(|edge| subject.service_of(&edge.producer.build)).collect();
    upstreams.sort_unstable();
    upstreams.dedup();
    for upstream in upstreams {
        let id = format!("upstream_{}", upstream.replace('-', "_"));
        chart = chart.service(&id, upstream).arrow("service", "generated client", &id);
    }
    text.push_str(&chart.block(0));
    text.push_str("\n### Components\n\n");
    let _ = writeln!(
        text,
        "- **HTTP API** (`AWS::ApiGatewayV2::Api`): the routes of the OpenAPI document, imported from it."
    );
    let _ = writeln!(
        text,
        "- **Function** (`AWS::Lambda::Function`, `provided.al2023`): the crate `functions/{service}`, which the edge worker can carry as well."
    );
    let _ = writeln!(
        text,
        "- **Table** (`AWS::DynamoDB::Table`): `enver-<enver>-{service}`, one for the whole service, with the indexes `gsi1`, `gsi2` and `outbox`."
    );
    for consumer in &subject.contract.consumers {
        let _ = writeln!(
            text,
            "- **Queue** (`AWS::SQS::Queue`): `enver-<enver>-{0}` and its dead letters; consumer `{1}`.",
            consumer.declaration.queue, consumer.declaration.id
        );
    }
    let emitted = subject.contract.emitted();
    let names: Vec<String> = emitted.iter().map(|event| format!("`{}`", event.name)).collect();
    let stream =
        if names.is_empty() { "It emits no event".to_owned() } else { format!("It emits {}", names.join(", ")) };
    let _ = writeln!(
        text,
        "- **Event/Stream Processing**: events are CloudEvents 1.0. They are written to the outbox in the transaction of their \
         change and moved to the SQS queue of every subscriber. {stream}. No Kinesis stream and no EventBridge bus is used.\n"
    );
}

fn storage(text: &mut String, subject: &Subject<'_>) {
    let _ = writeln!(
        text,
        "### Storage Schema (`{}`)\n\nEvery record is an item of this form; what is inside a record is told by the operations.\n",
        capital(subject.service())
    );
    text.push_str(&json_block(
        &json!({
            "pk": "string: {tenant}#{kind}#{id}; every key begins with the tenant",
            "sk": "string: {kind}; a part of a record has its own",
            "version": "number: counts changes from 1; an update names the version it read",
            "record": "string: the record as JSON",
            "gsi1pk": "string: {tenant}#{kind}, the list of all of a kind",
            "gsi1sk": "string: {order}#{id}",
            "gsi2pk": "string: {tenant}#{kind}#{owner}, the list of one owner's",
            "gsi2sk": "string: {order}#{id}",
            "outbox": "string: {tenant}; only on events that are still to be moved",
            "deletedAt": "string: when it was removed; absent otherwise",
            "expiresAt": "number: when it may be forgotten, in seconds since 1970; absent otherwise",
        }),
        0,
    ));
    text.push('\n');
}

fn messages(text: &mut String, subject: &Subject<'_>) {
    if !subject.contract.consumers.is_empty() {
        text.push_str("\nMessages it takes:\n\n");
    }
    for consumer in &subject.contract.consumers {
        let facts = consumer.declaration;
        let events: Vec<String> = facts.events.iter().map(|event| format!("`{}`", event.name)).collect();
        let _ = writeln!(
            text,
            "- **`{}`** from the queue `{}`: {}. Takes {}.",
            facts.id,
            facts.queue,
            facts.summary,
            events.join(", ")
        );
    }
    let emitted = subject.contract.emitted();
    if !emitted.is_empty() {
        text.push_str("\nEvents it emits:\n\n");
    }
    for event in emitted {
        let _ = writeln!(text, "- **`{}`**: {}", event.name, one_line(event.summary));
    }
}

fn relations(text: &mut String, subject: &Subject<'_>) {
    let _ = writeln!(text, "\n## 🔗 Contracts & Dependencies\n\n- **Upstream Dependencies**:");
    let mut upstreams: Vec<String> = subject
        .upstreams(Stage::Dev)
        .iter()
        .map(|edge| format!("`{}` (`{}`): {}", subject.service_of(&edge.producer.build), edge.name, edge.reason))
        .collect();
    if upstreams.is_empty() {
        upstreams.push("None".to_owned());
    }
    for line in upstreams {
        let _ = writeln!(text, "    - {line}");
    }
    let _ = writeln!(text, "- **Downstream Consumers**:");
    let mut downstreams: Vec<String> = subject
        .downstreams(Stage::Dev)
        .iter()
        .map(|edge| format!("`{}` (`{}`): {}", subject.service_of(&edge.consumer.build), edge.path, edge.reason))
        .collect();
    if downstreams.is_empty() {
        downstreams.push("No declared build".to_owned());
    }
    downstreams.push("HTTPS API callers, by the published OpenAPI document".to_owned());
    for line in downstreams {
        let _ = writeln!(text, "    - {line}");
    }
    let producers: Vec<String> = subject.build.promised().map(|(path, _)| format!("`{path}`")).collect();
    let _ = writeln!(text, "- **Published**: {}\n", producers.join(", "));
}

fn deployment(text: &mut String, subject: &Subject<'_>) {
    let _ = writeln!(
        text,
        "## 🚀 ENVER-BASED DEPLOYMENT ARCHITECTURE\n\nThe service stands in one enver per stage. An enver is wired to envers of \
         its own stage alone, and what a stage needs is complete before the next one begins.\n"
    );
    for stage in Stage::ALL {
        let enver = subject.enver(stage);
        let phases: Vec<String> = parts::phases(stage).map(|phase| format!("{phase} {}", phase.title())).collect();
        let _ = writeln!(
            text,
            "- **[{name}](./{name})** (Phase {number}): `{id}` in `{account}`, {region}; {phases}",
            name = enver_document(stage),
            number = phase_number(stage),
            id = enver.id,
            account = enver.account,
            region = enver.region,
            phases = phases.join(", ")
        );
    }
    text.push_str("- **[SERVICE_CONTEXT.md](./SERVICE_CONTEXT.md)**: the way through these documents\n");
}

pub(super) fn phase_number(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => "0",
        Stage::Dev => "1",
        Stage::Main => "2+",
    }
}
