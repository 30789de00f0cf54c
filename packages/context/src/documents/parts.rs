//! What several documents say in the same words.

use std::fmt::Write as _;

use contracts::{Artifact, Edge, Phase, Stage, Wants, artifact_bucket_parameter, artifact_key, share_name};
use operation::{Access, ConsumerDeclaration, Resource, Touch};
use serde_json::Value;

use super::subject::Subject;
use crate::{Status, shape};

/// JSON as an indented block.
pub(super) fn json_block(value: &Value, indent: usize) -> String {
    let space = " ".repeat(indent);
    let json = format!("{value:#}");
    let lines: String = json.lines().map(|line| format!("{space}{line}\n")).collect();
    format!("{space}```json\n{lines}{space}```\n")
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// The phases an enver stands for.
pub(super) fn phases(stage: Stage) -> impl Iterator<Item = Phase> {
    Phase::ALL.into_iter().filter(move |phase| phase.stage() == stage)
}

/// The status of a phase as the ledger has it. That the document is there is what completes 0A.
pub(super) fn status(subject: &Subject<'_>, phase: Phase) -> String {
    let all = Status::all(subject.source.ledger, subject.service(), true, |_| false);
    let status = all.iter().find(|(one, _)| *one == phase).map_or(Status::Planned, |(_, status)| *status);
    match status.is_complete() {
        true => status.shown().to_owned(),
        false => format!("{} ⚠️ REQUIRES USER CONFIRMATION", status.shown()),
    }
}

/// The tasks of the phases of an enver, with their status and who confirmed them.
pub(super) fn tasks(text: &mut String, subject: &Subject<'_>, stage: Stage, of: impl Fn(Phase) -> Vec<String>) {
    let _ = writeln!(text, "## 📋 {} Enver Implementation Tasks\n", capital(stage.name()));
    for phase in phases(stage) {
        let _ = writeln!(text, "### Phase {phase}: {} {}\n", phase.title(), status(subject, phase));
        let confirmed = subject.source.ledger.of(subject.service(), phase);
        let mark = if confirmed.is_some() || phase.completes_by_itself() { "x" } else { " " };
        for task in of(phase) {
            let _ = writeln!(text, "- [{mark}] {task}");
        }
        match confirmed {
            Some(word) => {
                let _ = writeln!(
                    text,
                    "\nConfirmed by {} on {}: {}\n\nEvidence:\n",
                    word.by,
                    word.on,
                    one_line(&word.note)
                );
                for evidence in &word.evidence {
                    let digest = evidence.digest.as_ref().map_or_else(String::new, |digest| format!(" (`{digest}`)"));
                    let _ = writeln!(text, "- {}{digest}", one_line(&evidence.what));
                }
            }
            None if phase.completes_by_itself() => {
                text.push_str("\nThis phase completes by itself: this document is generated from the declared contract, and a test keeps it current.\n");
            }
            None => {
                let _ = writeln!(
                    text,
                    "\nTo complete it, a person confirms it: `enver phase show {service} {phase}` says what is missing, `enver \
                     phase confirm {service} {phase} --by NAME --note TEXT` records the confirmation.",
                    service = subject.service()
                );
            }
        }
        text.push('\n');
    }
}

/// What the service owns, and what it never does.
pub(super) fn boundary(text: &mut String, subject: &Subject<'_>) {
    let service = subject.service();
    let _ = writeln!(text, "## 🧭 Service Boundary\n\n**The service owns**\n");
    let _ = writeln!(text, "- {}.", subject.build.description);
    let _ = writeln!(text, "- Every path below `/{service}/`: {} operations.", subject.contract.operations.len());
    let _ = writeln!(text, "- The table `{service}`, which nobody else reads or writes.");
    let queues: Vec<String> =
        subject.contract.consumers.iter().map(|one| format!("`{}`", one.declaration.queue)).collect();
    if !queues.is_empty() {
        let _ = writeln!(text, "- The queues it takes messages from: {}.", queues.join(", "));
    }
    let events: Vec<String> = subject.contract.emitted().iter().map(|event| format!("`{}`", event.name)).collect();
    if !events.is_empty() {
        let _ = writeln!(text, "- The events it emits: {}.", events.join(", "));
    }
    let _ = writeln!(text, "\n**The service never handles**\n");
    for build in subject.source.wiring.builds() {
        if let Some(other) = build.service().filter(|other| *other != service) {
            let _ = writeln!(text, "- {}: that is the service {other}.", build.description);
        }
    }
    text.push_str(
        "- Another service's table, queue or code. It reaches other services by their published contracts alone.\n\
         - The web client: services do not depend on it.\n\
         - Business values in code: every rate, limit, duration and switch is a configuration document.\n\n",
    );
}

/// What the enver reads of others and others read of it.
pub(super) fn dependencies(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let _ = writeln!(text, "## 🔗 Contracts & Dependencies\n\n### Upstream Dependencies\n");
    let upstreams = subject.upstreams(stage);
    if upstreams.is_empty() {
        text.push_str("None: the enver reads nothing of others.\n");
    } else {
        text.push_str(
            "| name here | comes from | parameter | what it is | used for | until it is published | when it is published anew |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for edge in upstreams {
            let _ = writeln!(
                text,
                "| `{}` | {} (`{}`) | `{}` | {} | {} | {} | {} |",
                edge.name,
                subject.service_of(&edge.producer.build),
                edge.producer,
                edge.share_name,
                kind(edge),
                edge.reason,
                edge.default_if_absent.map_or("it waits".to_owned(), |stand_in| format!("`{stand_in}`")),
                trigger(edge),
            );
        }
        text.push_str(
            "\nA document's parameter holds `s3://<bucket>/<key>@<version>`: the artifact it names never changes. The client \
             of an upstream service is generated from that artifact.\n",
        );
    }
    let _ = writeln!(text, "\n### Downstream Consumers\n");
    let downstreams = subject.downstreams(stage);
    if downstreams.is_empty() {
        text.push_str("No declared build reads from this enver.\n");
    } else {
        text.push_str("| who | reads | what it is | used for |\n| --- | --- | --- | --- |\n");
        for edge in downstreams {
            let who = subject.service_of(&edge.consumer.build);
            let _ =
                writeln!(text, "| {who} (`{}`) | `{}` | {} | {} |", edge.consumer, edge.path, kind(edge), edge.reason);
        }
    }
    text.push('\n');
}

fn kind(edge: &Edge) -> String {
    match edge.document {
        Some(Artifact::OpenApi) => "OpenAPI document".to_owned(),
        Some(Artifact::AsyncApi) => "AsyncAPI document".to_owned(),
        Some(Artifact::Bundle) => "bundle of OpenAPI and AsyncAPI documents".to_owned(),
        None => "text".to_owned(),
    }
}

fn trigger(edge: &Edge) -> String {
    match edge.trigger {
        contracts::Trigger::No => "nothing happens".to_owned(),
        contracts::Trigger::Directly => "this enver is deployed again".to_owned(),
        contracts::Trigger::Approval(roles) => format!("{} are asked first", roles.join(", ")),
    }
}

/// Where the enver runs and under which names.
pub(super) fn place(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let enver = subject.enver(stage);
    let _ = writeln!(text, "| what | value |\n| --- | --- |");
    let mut row = |what: &str, value: String| {
        let _ = writeln!(text, "| {what} | {value} |");
    };
    row("Enver", format!("`{}`", enver.id));
    row("Build", format!("`{}`, declared in `contracts/src/builds/`", subject.build.id));
    row("Revision", format!("`{}`", enver.id.revision));
    row("Account", format!("`{}` ({})", enver.account, enver.account_id));
    row("Region", format!("`{}`", enver.region));
    row("Stack", format!("`{}`", enver.stack));
    row("Code", format!("`functions/{}/`", subject.service()));
    for (path, wants) in subject.build.promised() {
        let name = share_name(&enver.id.build, &enver.id.revision, &path);
        match wants {
            Wants::Value => row(&format!("Publishes `{path}`"), format!("parameter `{name}`")),
            Wants::Document(document) => {
                row(
                    &format!("Publishes `{path}`"),
                    format!("parameter `{name}`: the place of the {} artifact", document.name()),
                );
                row(
                    "Artifact object",
                    format!(
                        "key `{}` in the bucket named by `{}`; versioned, tagged `gitsha`",
                        artifact_key(enver.account_id, &enver.id.revision, &path),
                        artifact_bucket_parameter(subject.build.id)
                    ),
                );
            }
        }
    }
    row(
        "Function environment",
        format!(
            "`SERVICE_NAME={}`, `ENVIRONMENT={stage}`, `CONFIG_SERVICE_URL`, `AWS_REGION={}`, `LOG_LEVEL`: no more",
            subject.service(),
            enver.region
        ),
    );
    text.push('\n');
}

/// The queues of the enver.
pub(super) fn queues(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    if subject.contract.consumers.is_empty() {
        text.push_str("The service takes no messages.\n\n");
        return;
    }
    text.push_str(
        "| queue | dead letters | after so many tries | takes | consumer |\n| --- | --- | --- | --- | --- |\n",
    );
    for consumer in &subject.contract.consumers {
        let ConsumerDeclaration { id, queue, events, max_receive_count, .. } = consumer.declaration;
        let events: Vec<String> = events.iter().map(|event| format!("`{}`", event.name)).collect();
        let (name, dead) = (resource(stage, queue), resource(stage, &dead_letters(queue)));
        let _ = writeln!(text, "| `{name}` | `{dead}` | {max_receive_count} | {} | `{id}` |", events.join(", "));
    }
    text.push('\n');
}

/// The physical name of a table or queue.
pub(super) fn resource(stage: Stage, logical: &str) -> String {
    format!("enver-{stage}-{logical}")
}

fn dead_letters(queue: &str) -> String {
    match queue.strip_suffix(".fifo") {
        Some(name) => format!("{name}-dlq.fifo"),
        None => format!("{queue}-dlq"),
    }
}

/// Host names and encryption on the way.
pub(super) fn dns(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let base = subject.build.producers.first().map_or("", |producer| producer.name);
    let enver = subject.enver(stage);
    let _ = writeln!(
        text,
        "## 🔐 DNS & TLS\n\n\
         - No host name is written into code or contract: `servers[0].url` of the OpenAPI document is empty. Callers read \
         the base URL from the parameter `{}`.\n\
         - The endpoint speaks HTTPS with a valid certificate for that host, and nothing else. On a laptop, `enver up --tls` \
         makes a certificate for the machine.\n\
         - DNS names are in lower case.\n",
        share_name(&enver.id.build, &enver.id.revision, base)
    );
}

/// How callers are known and what every answer keeps.
pub(super) fn security(text: &mut String) {
    text.push_str(
        "## 🔒 Security, Privacy & Common Rules\n\n\
         - **Who calls**: `Authorization: Bearer <token>`, an EdDSA-signed JWT of the auth service, verified against its key \
         set at `GET /auth/v1/jwks.json`. A service that calls another signs its request instead \
         (`X-Worker-Timestamp`, `X-Worker-Signature`: HMAC-SHA256 over timestamp, method, path and body digest; good once, \
         for 300 seconds).\n\
         - **Tenant**: taken from the verified token alone, never from path, body or header. Every key in every table begins \
         with it. What belongs to another tenant is 404.\n\
         - **Deny is the default**: an operation lets in whom its policy lists, and nobody else. Who reaches what is asked \
         over HTTP by a test and kept in the service's `access.md`.\n\
         - **Validation**: every part of a request is parsed into a type; unknown fields are refused; a refusal lists every \
         issue as `{\"pointer\", \"rule\", \"message\"}`.\n\
         - **Answers**: success is `{\"data\": …}`, a list `{\"data\": […], \"pagination\": {…}}`, an error \
         `{\"error\": {\"message\", \"code\", \"details\"}}`; 204 has no body. `X-Request-Id` stands on every answer.\n\
         - **Idempotency**: where an operation honours `Idempotency-Key`, a repeated call gets the first answer, and the same \
         key with another request is `IDEMPOTENCY_KEY_REUSED`.\n\
         - **Rate limits**: each policy names a preset; its numbers are the configuration document \
         `global.operational.rate-limits`. Over it: 429 with `Retry-After` and the `X-RateLimit-*` fields.\n\
         - **Privacy**: no token, password or secret is logged or answered; internal errors say nothing to the caller but a \
         request id.\n\n\
         Errors that every operation can answer besides its own:\n\n\
         | status | code | when |\n| --- | --- | --- |\n\
         | 400 | `INVALID_JSON` | the body does not parse; line and column |\n\
         | 400 | `VALIDATION_ERROR` | `details.issues` lists all issues |\n\
         | 401 | `UNAUTHORIZED` | no, bad or expired credentials |\n\
         | 403 | `FORBIDDEN` | a known caller who may not |\n\
         | 404 | `NOT_FOUND` | there is nothing, or it is hidden from this caller |\n\
         | 405 | `METHOD_NOT_ALLOWED` | with `Allow` |\n\
         | 413 | `PAYLOAD_TOO_LARGE` | over the operation's limit |\n\
         | 415 | `UNSUPPORTED_MEDIA_TYPE` | not the declared media type |\n\
         | 429 | `RATE_LIMITED` | with `Retry-After` |\n\
         | 500 | `INTERNAL_ERROR` | a fault of ours |\n\
         | 501 | `NOT_IMPLEMENTED` | switched off by configuration |\n\
         | 503 | `UNAVAILABLE` | a dependency is down; with `Retry-After` |\n\n",
    );
}

/// The artifacts of the enver.
pub(super) fn artifacts(text: &mut String, subject: &Subject<'_>, stage: Stage, promise: &str) {
    let folder = format!("contracts/published/{stage}/{}", subject.service());
    let _ = writeln!(
        text,
        "## 📦 Contract Artifact (HTTP and async)\n\n\
         Derived from the declared operations by `enver publish`, committed, and checked by `enver publish --check`:\n\n\
         - `{folder}/openapi.json`: OpenAPI 3.1.0; `operationId` names each operation; `servers[0].url` is empty.\n\
         - `{folder}/openapi-3.0.json`: the same in OpenAPI 3.0.3, which API Gateway imports.\n\
         - `{folder}/asyncapi.json`: AsyncAPI 2.6.0 with SQS bindings; every payload is a CloudEvent.\n\
         - `{folder}/bundle.json`: names both, with their digests.\n\n\
         The uploaded form says `odmdKind` (`openapi`, `asyncapi` or `bundle`) and the commit. {promise}\n"
    );
}

/// The configuration documents the service reads, with what they ship with.
pub(super) fn settings(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let _ = writeln!(text, "## 🎛️ Configuration Documents\n");
    let touched = subject.contract.operations.iter().flat_map(|one| one.declaration.touches);
    let touched = touched.chain(subject.contract.consumers.iter().flat_map(|one| one.declaration.touches));
    let mut names: Vec<&str> =
        touched.filter(|touch| touch.resource == Resource::Config).map(|touch| touch.name).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        text.push_str("No operation reads a document of its own.\n\n");
        return;
    }
    text.push_str(
        "The service holds no business value. It reads these documents through its cached client, for the caller's tenant; \
         a tenant overrides the platform's value key by key, and the last known good value serves while the configuration \
         service is down.\n\n",
    );
    for name in names {
        let users = subject.contract.operations.iter().map(|one| one.declaration);
        let users: Vec<String> = users
            .filter(|facts| facts.touches.iter().any(|touch| touch.resource == Resource::Config && touch.name == name))
            .map(|facts| format!("`{}`", facts.id))
            .collect();
        let setting = subject.source.settings.iter().find(|setting| setting.is(subject.service(), name));
        match setting {
            Some(setting) => {
                let _ = writeln!(text, "### `{}`\n\n{}\n", setting.id_in(stage.name()), setting.about);
                let _ = writeln!(text, "Read by {}.\n\n- **Schema**:\n", users.join(", "));
                text.push_str(&json_block(&shape(&setting.schema), 2));
                text.push_str("- **Value of the platform**:\n\n");
                text.push_str(&json_block(&setting.value, 2));
            }
            None => {
                let _ =
                    writeln!(text, "### `{name}`\n\nRead by {}. The platform ships no value for it.", users.join(", "));
            }
        }
        text.push('\n');
    }
}

/// A touch in words.
pub(super) fn touched(touch: &Touch, stage: Stage) -> String {
    let verb = match touch.access {
        Access::Read => "reads",
        Access::Write => "writes",
    };
    match touch.resource {
        Resource::Table => format!("{verb} table `{}`", resource(stage, touch.name)),
        Resource::Bucket => format!("{verb} bucket `{}`", resource(stage, touch.name)),
        Resource::Queue => format!("{verb} queue `{}`", resource(stage, touch.name)),
        Resource::Config => format!("{verb} configuration `{}`", touch.name),
    }
}

pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
