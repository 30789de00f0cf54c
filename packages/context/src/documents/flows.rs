//! The steps of use cases that go to a service, one heading each.

use std::fmt::Write as _;

use contracts::Stage;

use super::parts::{json_block, one_line};
use super::step;
use super::subject::Subject;
use crate::{ENVER, Flow, Step};

/// The headings of the steps that go to a service; the refusals of a use case are rows of its table.
pub(super) fn headings(flows: &[Flow], service: &str) -> Vec<String> {
    let steps = flows.iter().flat_map(|flow| flow.steps.iter().map(move |step| (flow, step)));
    steps.filter(|(_, step)| step.service == service && !step.is_case).map(|(flow, step)| heading(flow, step)).collect()
}

fn heading(flow: &Flow, step: &Step) -> String {
    format!("#### {}: `{}`", flow.step_name(step), step.operation)
}

/// Every use case that comes to the service, step by step; then who has none.
pub(super) fn write(text: &mut String, subject: &Subject<'_>, stage: Stage) {
    let flows = subject.source.flows;
    let coming: Vec<&Flow> =
        flows.iter().filter(|flow| flow.steps.iter().any(|step| step.service == subject.service())).collect();
    if coming.is_empty() {
        let _ = writeln!(
            text,
            "The master dataset (`mock-data/use-cases/`) holds no step that comes to {} yet. Until it does, each \
             operation is a use case of its own: the sections below name every one, with a request and an answer that \
             its published contract accepts.\n",
            subject.service()
        );
        return;
    }
    for flow in coming {
        let _ = writeln!(text, "### Use Case: {}: {}\n", flow.id, flow.title);
        let _ = writeln!(text, "- **Privacy**: {}\n", one_line(&flow.privacy));
        let _ = writeln!(
            text,
            "| step | by | service | operation | what happens | answer |\n| --- | --- | --- | --- | --- | --- |"
        );
        for step in &flow.steps {
            let _ = writeln!(
                text,
                "| {} | {} | {} | `{}` | {} | {} |",
                flow.step_name(step),
                step.by,
                step.service,
                step.operation,
                one_line(&step.action),
                step.answer()
            );
        }
        text.push('\n');
        for step in flow.steps.iter().filter(|step| step.service == subject.service() && !step.is_case) {
            one(text, subject, stage, flow, step);
        }
    }
}

fn one(text: &mut String, subject: &Subject<'_>, stage: Stage, flow: &Flow, step: &Step) {
    let _ = writeln!(text, "{}\n", heading(flow, step));
    let _ = writeln!(text, "- **Source Design Reference**: `mock-data/use-cases/`, {}, step {}", flow.id, step.id);
    let by = step.by.as_str();
    let _ = writeln!(text, "- **Flow**: `{by} → {}`", subject.service());
    let _ = writeln!(text, "- **Action**: {}", one_line(&step.action));
    let expected = Some(step.expect.clone());
    for (what, value) in [
        ("Request", &step.request),
        ("Expected", &expected),
        ("Messages", &step.emits),
        ("State afterwards", &step.state),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "- **{what}**{}:\n", origin(stage));
            text.push_str(&json_block(value, 2).replace(ENVER, stage.name()));
        }
    }
    let _ = writeln!(
        text,
        "- **Contract**: the section of `{}` below says all that holds for every such call.",
        step.operation
    );
    if let Some(operation) = subject.contract.operations.iter().find(|one| one.declaration.id == step.operation) {
        let _ = writeln!(text, "- **Mermaid Flowchart**:\n");
        text.push_str(&step::flowchart(subject, operation, stage, by).block(2));
    }
    text.push('\n');
}

fn origin(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => " (Mock)",
        _ => "",
    }
}
