//! The documents about one enver each: what it is for, where it runs, what is to be done there, and every step.

use std::fmt::Write as _;

use contracts::{Phase, Stage};
use operation::Declaration;

use super::parts::{
    artifacts, boundary, capital, dependencies, dns, phases, place, queues, resource, security, settings, tasks,
};
use super::subject::{Subject, snake_case};
use super::{flows, step};

pub(super) fn write(subject: &Subject<'_>, stage: Stage) -> String {
    let mut text = format!("# {} - {} Enver Context\n\n", subject.title(), capital(stage.name()));
    head(&mut text, subject, stage);
    let _ = writeln!(text, "## 🧾 The Service in Short\n\n{}\n", subject.mission());
    boundary(&mut text, subject);
    infrastructure(&mut text, subject, stage);
    dns(&mut text, subject, stage);
    tasks(&mut text, subject, stage, |phase| deliverables(subject, phase));
    dependencies(&mut text, subject, stage);
    security(&mut text);
    if stage != Stage::Mock {
        settings(&mut text, subject, stage);
    }
    steps(&mut text, subject, stage);
    artifacts(&mut text, subject, stage, promise(stage));
    checkpoints(&mut text, subject, stage);
    text
}

fn head(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    text.push_str(match stage {
        Stage::Mock => {
            "## 🎯 Mock Enver Deployment (Isolated Workspace)\n\n\
             **Target**: Phase 0 - Contract Verification with Mock Data/Code using BDD Tests\n\
             **Focus**: Contract verification with MOCKED responses and dual BDD testing. **NO REAL BUSINESS LOGIC.**\n\n\
             ## 🚀 CRITICAL: Mock Enver Focus\n\n\
             - ✅ Schema validation and mocked responses\n\
             - ✅ BDD integration and contract verification\n\
             - ✅ The same policy, validation and error envelope as everywhere\n\
             - ❌ NO real business logic implementation\n\
             - ❌ NO wiring to any enver that is not a mock\n\n"
        }
        Stage::Dev => {
            "## 🎯 Dev Enver Deployment (Development Workspace)\n\n\
             **Target**: Phase 1 - MVP with Real Business Logic\n\
             **Building On**: Contract verification completed in the `mock` enver.\n\
             **Transition**: From Phase 0 mocked responses to real service operations.\n\
             **Focus**: Implementing REAL business logic, **COMPLETELY REMOVING ALL MOCK CODE**.\n\n\
             ## 🚀 CRITICAL: Dev Enver Focus\n\n\
             - ✅ REAL business logic implementation\n\
             - ✅ Development testing and validation\n\
             - ❌ NO production traffic\n\n\
             ## 🚨 CRITICAL: Complete Mock Code Removal\n\n\
             - ✅ **REAL business logic implementation ONLY** - No mock responses or handlers\n\
             - ❌ **NO MOCK CODE** - Mock handlers, mock data generation and mock responses are not linked into this enver; the \
             mock is data and one engine, and the service's crate cannot reach either\n\
             - ✅ **SCHEMA VALIDATION** - Requests are validated as in the mock enver; answers are checked against their published \
             schema before they leave\n\
             - ✅ **INTEGRATION TESTING** - Upstream and downstream services are called for real, not mocked\n\n"
        }
        Stage::Main => {
            "## 🎯 Main Enver Deployment (Production Workspace)\n\n\
             **Target**: Phase 2+ - Production Ready & Advanced Features\n\
             **Building On**: MVP implementation completed in the `dev` enver, and contract validation from the `mock` enver.\n\
             **Transition**: From development-grade to enterprise production-grade management.\n\
             **Focus**: Enterprise-grade security, scalability, monitoring, and advanced features.\n\n\
             ## 🚀 CRITICAL: Main Enver Focus\n\n\
             - ✅ Production-grade security and monitoring\n\
             - ✅ Auto-scaling and high availability\n\
             - ✅ Real user traffic handling\n\
             - ✅ A blessed contract: it changes compatibly, or under a new version\n\
             - ❌ NO wiring to any enver that is not main, and no clones\n\n"
        }
    });
    let _ = writeln!(
        text,
        "This document is complete for the {stage} enver of `{}`: its role, its boundary, its contracts, every operation with \
         request, answer, errors and effects, and how to check the work.\n",
        subject.service()
    );
}

fn infrastructure(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let _ = writeln!(text, "## 🏗️ {} Enver Infrastructure\n", capital(stage.name()));
    place(text, subject, stage);
    let service = subject.service();
    text.push_str(&match stage {
        Stage::Mock => "Answers come from the published contract and the master dataset; what a flow wrote is kept in memory, so \
                        that its next step reads it. No business data is stored. Buckets that hold schemas and mock data are \
                        encrypted (SSE-KMS).\n\nQueues:\n\n"
            .to_owned(),
        Stage::Dev => format!(
            "One DynamoDB table, `{}`, holds everything the service keeps (`pk`, `sk`; indexes `gsi1`, `gsi2`, `outbox`), encrypted \
             at rest. Items that may be forgotten carry `expiresAt`. On a laptop, `cargo run` serves this enver on DynamoDB, S3 \
             and SQS in the same process.\n\nQueues:\n\n",
            resource(stage, service)
        ),
        Stage::Main => format!(
            "One DynamoDB table, `{}`, holds everything the service keeps (`pk`, `sk`; indexes `gsi1`, `gsi2`, `outbox`), encrypted \
             at rest (SSE-KMS), on demand, with point-in-time recovery. Functions scale with the calls; rate limits are counted \
             across all of them. Dead letters raise an alarm.\n\nQueues:\n\n",
            resource(stage, service)
        ),
    });
    queues(text, subject, stage);
}

/// What a phase asks for, of this service.
fn deliverables(subject: &Subject<'_>, phase: Phase) -> Vec<String> {
    let (service, contract) = (subject.service(), subject.contract);
    let enver = subject.enver(phase.stage());
    let (operations, consumers) = (contract.operations.len(), contract.consumers.len());
    let task = |name: &str, what: String| format!("**{name}**: {what}");
    match phase {
        Phase::ContractSurface => vec![
            task("CDK Stack Setup", format!("the stack `{}` is declared with its account, region and revision.", enver.stack)),
            task("Contract Integration", "what the enver publishes and what it reads of others is declared and wired; the tables of this document show it.".to_owned()),
            task("Basic Endpoints", format!("{operations} operations are declared, each with its types, policy and errors.")),
            task("Storage Layer", "what each operation touches is declared; nothing but schemas and mock data is stored here.".to_owned()),
            task("Event Integration", format!("{consumers} consumers and {} kinds of event are declared.", contract.emitted().len())),
        ],
        Phase::ContractVerification => vec![
            task("Schemas", format!("request and answer schemas of all {operations} operations, derived from the types that validate them.")),
            task("Schema Deployment", format!("the artifacts under `contracts/published/mock/{service}/` are current.")),
            task("Schema Consumption", "the clients of upstream services are generated from their published artifacts.".to_owned()),
            task("Mocked Handlers", "the mock engine answers every operation with schema-valid responses out of the data below.".to_owned()),
            task("Cross-Service Mock Consistency", "the same entity has the same id in every service.".to_owned()),
            task("Schema Validation", "every request is validated; an invalid one is 400 with all its issues.".to_owned()),
            task("BDD Test Integration", "every step below passes at both levels: over HTTP (Step Functions) and in the browser (Playwright).".to_owned()),
        ],
        Phase::CoreDomainLogic => vec![
            task("Domain Operations", format!("implementation of the service's primary operations: all {operations} of them answer with real logic.")),
            task("Cross-Service Integration", "integration with the upstream and downstream services named below, by their published contracts.".to_owned()),
            task("Data Storage", "core data persistence and retrieval, one transaction per change.".to_owned()),
            task("Event Publishing", "state changes are told through the outbox.".to_owned()),
            task("Contract Update", format!("the artifacts under `contracts/published/dev/{service}/` are in step with real behaviour.")),
            task("Mock Code Removal", "the service's crate reaches no mock code.".to_owned()),
        ],
        Phase::CoreFeatures => vec![
            task("Features", "implementation of all primary features required for the MVP.".to_owned()),
            task("Business Logic", "implementation of the main business logic by the configured rules.".replace("main ", "whole ")),
            task("Edge Cases", "every declared error can be met, and is met by a test.".to_owned()),
            task("Authentication/Authorization", "who may call what is enforced and asked over HTTP, operation by operation.".to_owned()),
            task("Monitoring Integration", "one log line, one metric line per call, an audit entry per change.".to_owned()),
        ],
        Phase::ProductionReadiness => vec![
            task("Security", "advanced security implementation for authentication and authorization.".to_owned()),
            task("Performance", "optimization and tuning, measured beside peers.".to_owned()),
            task("Monitoring", "comprehensive monitoring, logging, and alerting.".to_owned()),
            task("Hardening", "security hardening and vulnerability scanning; `enver scan` finds nothing.".to_owned()),
            task("Blessed Contract", format!("the artifacts under `contracts/published/main/{service}/` change compatibly only.")),
        ],
        Phase::ComprehensiveTesting => vec![
            task("End-to-End", "BDD testing of all use cases.".to_owned()),
            task("Integration", "testing with all dependent services.".to_owned()),
            task("Load", "load and performance testing.".to_owned()),
            task("Security Testing", "every principal against every operation and another tenant's records.".to_owned()),
        ],
    }
}

fn steps(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    text.push_str(match stage {
        Stage::Mock => "## 🧪 Mock Data & Use Case Flows\n\n",
        Stage::Dev => "## ⚙️ Real Business Logic & Use Case Flows\n\n",
        Stage::Main => "## ⚙️ Enterprise-Grade Logic & Use Case Flows\n\n",
    });
    flows::write(text, subject, stage);
    text.push_str("### Every operation\n\n| operation | endpoint | what it does |\n| --- | --- | --- |\n");
    for operation in &subject.contract.operations {
        let Declaration { id, method, path, summary, .. } = operation.declaration;
        let _ = writeln!(text, "| `{id}` | `{} {path}` | {summary} |", method.name());
    }
    text.push('\n');
    for operation in &subject.contract.operations {
        step::operation(text, subject, operation, stage);
    }
    if !subject.contract.consumers.is_empty() {
        text.push_str("### Every message\n\n");
        for consumer in &subject.contract.consumers {
            step::consumer(text, subject, consumer, stage);
        }
    }
}

fn promise(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => "Consumers generate their clients from it; a mock answers what it says.",
        Stage::Dev => {
            "It is kept in step with real behaviour, so that consumers and tests derive accurate routes and channels."
        }
        Stage::Main => {
            "It is blessed: a breaking change is refused unless the operation has a new version, and a deprecated operation \
             answers until its sunset."
        }
    }
}

fn checkpoints(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let service = subject.service();
    let _ = writeln!(text, "## ✅ Checkpoint Validation\n\n```sh");
    let _ = writeln!(text, "# The constellation, and this enver in it");
    let _ = writeln!(text, "cargo run -- wiring --enver {stage}\n");
    let _ = writeln!(text, "# The artifacts are what the code promises; this document is current");
    let _ = writeln!(text, "cargo run -- publish --check\ncargo run -- context generate --check\n");
    let _ = writeln!(
        text,
        "# The service's own tests: every declared error is met, every declared resource touched, every caller asked"
    );
    let _ = writeln!(text, "cargo test -p {service}\n");
    if stage == Stage::Dev {
        let _ = writeln!(text, "# This enver on a laptop; the base URL is printed\ncargo run -- up\n");
    }
    if stage == Stage::Main {
        let _ = writeln!(
            text,
            "# Nothing that configuration should say stands in code\ncargo run -- scan functions/{service}\n"
        );
        let _ = writeln!(text, "# Performance baseline, beside peers\nbench/run\n");
    }
    // The plainest: one whose path is whole, and that reads.
    let plain = |facts: &Declaration| (facts.path.contains('{'), !facts.method.is_safe());
    if let Some(operation) = subject.contract.operations.iter().min_by_key(|one| plain(one.declaration)) {
        let Declaration { id, method, path, .. } = operation.declaration;
        let _ = writeln!(text, "# One call: {id}, whose file is functions/{service}/src/{}.rs", snake_case(id));
        let body = if operation.body.is_some() { " -H 'content-type: application/json' -d \"$BODY\"" } else { "" };
        let _ =
            writeln!(text, "curl -sS -X {} \"$BASE{path}\" -H \"authorization: Bearer $TOKEN\"{body}\n", method.name());
    }
    let _ = writeln!(text, "# What each phase asks, and what of it holds");
    for phase in phases(stage) {
        let _ = writeln!(text, "cargo run -- phase show {service} {phase}");
    }
    let _ = writeln!(
        text,
        "```\n\n`$BASE` is the base URL from the enver's parameter, `$TOKEN` an access token of the auth service, `$BODY` the \
         request example of the operation. A valid call answers as its section above says; an invalid body is 400 with all \
         its issues."
    );
    match stage {
        Stage::Mock | Stage::Dev => {}
        Stage::Main => text.push_str(
            "\n- **Performance Baseline**: `bench/results.md`, measured beside peers on the same machine.\n\
             - **Security Audit**: `functions/*/access.md` (who reaches what, asked over HTTP) and `enver scan`.\n\
             - **Load Testing**: the `pipeline` and `booking` sections of `bench/run`.\n",
        ),
    }
}
