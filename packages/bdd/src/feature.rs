//! Use cases as Gherkin: what a product owner reads, and what the native run runs.
//!
//! A flow is a scenario, the background it begins with its `Given`, a step a `When`, what is expected of its answer a
//! `Then`, a read-back check an `And`. An outline of cases is a scenario outline, a row an example. The words of a line
//! are those of the dataset; `words` gives them, so that writing a feature and running it cannot disagree.

use std::fmt::Write as _;

use dataset::{Flow, Outline, Part, Step, UseCase};

use crate::expectation::expectations;
use crate::plan::{Plan, Plans};

/// The tag of error cases.
pub const CASES: &str = "cases";

/// The text of one use case's feature.
pub fn render(use_case: &UseCase, plans: &Plans) -> String {
    let mut text = format!(
        "# Made from mock-data/{} by `enver bdd generate`: change that, not this.\n@{}\nFeature: {} {}\n",
        use_case.place.file,
        use_case.id,
        use_case.id,
        one_line(&use_case.title),
    );
    for line in words::story(use_case) {
        let _ = writeln!(text, "  {line}");
    }
    if !use_case.privacy.is_empty() {
        let _ = writeln!(text, "\n  Privacy: {}", one_line(&use_case.privacy));
    }
    for plan in plans.of(use_case) {
        if plan.own_steps().next().is_some() {
            scenario(&mut text, plan, plans);
        }
        for outline in &plan.flow.outlines {
            scenario_outline(&mut text, plan, outline);
        }
    }
    text
}

fn scenario(text: &mut String, plan: &Plan, plans: &Plans) {
    let _ = writeln!(text, "\n  {}\n  Scenario: {}", tags(plan), one_line(&plan.flow.title));
    backgrounds(text, plan);
    let mut after_then = false;
    for (_, step) in plan.own_steps() {
        match step.part {
            Part::Step => {
                let _ = writeln!(text, "    When {}", words::when(step));
                let _ = writeln!(text, "    Then {}", words::then(step));
                after_then = true;
                for event in &step.emits {
                    let _ = writeln!(text, "    # announces {}", event.event);
                }
                for consumed in &step.consumes {
                    let _ = writeln!(text, "    # which reaches {} of {}", consumed.operation, consumed.service);
                }
            }
            Part::Check(_) => {
                let keyword = if after_then { "And" } else { "Then" };
                let _ = writeln!(text, "    {keyword} {}", words::when(step));
                after_then = true;
            }
            Part::Case { .. } => {}
        }
        table(text, step, plans);
    }
}

fn backgrounds(text: &mut String, plan: &Plan) {
    for (index, background) in plan.backgrounds.iter().enumerate() {
        let keyword = if index == 0 { "Given" } else { "And" };
        let _ = writeln!(text, "    {keyword} {}", words::background(background));
    }
}

/// What is expected of the answer, a row per place in it.
fn table(text: &mut String, step: &Step, plans: &Plans) {
    let rows = expectations(step, plans.entities());
    let shown: Vec<[String; 2]> = rows.iter().map(|row| [cell(&row.place), cell(&row.sentence)]).collect();
    let width = |column: usize| shown.iter().map(|row| length(&row[column])).max().unwrap_or_default();
    let widths = [width(0), width(1)];
    for row in &shown {
        let _ = writeln!(text, "      | {} | {} |", padded(&row[0], widths[0]), padded(&row[1], widths[1]));
    }
}

fn scenario_outline(text: &mut String, plan: &Plan, outline: &Outline) {
    let rows: Vec<&Step> = plan.cases(outline).map(|(_, step)| step.as_ref()).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  {} @{CASES}\n  Scenario Outline: {}", tags(plan), one_line(&outline.title));
    match plan.own_steps().next() {
        Some(_) => {
            let _ = writeln!(text, "    Given {}", words::after(&plan.flow));
        }
        None => backgrounds(text, plan),
    }
    let _ = writeln!(text, "    When <case>\n    Then the answer to <caller> is <status> <code>\n\n    Examples:");
    let mut cells: Vec<[String; 4]> = vec![["case", "caller", "status", "code"].map(str::to_owned)];
    cells.extend(rows.iter().map(|step| {
        let code = step.expect.code.as_deref().unwrap_or(words::status(step.expect.status));
        [cell(&one_line(&step.title)), cell(&words::caller(step)), step.expect.status.to_string(), cell(code)]
    }));
    let widths = [0, 1, 2, 3].map(|column| cells.iter().map(|row| length(&row[column])).max().unwrap_or_default());
    for row in &cells {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| padded(cell, width)).collect();
        let _ = writeln!(text, "      | {} |", padded.join(" | "));
    }
}

fn tags(plan: &Plan) -> String {
    let mut tags = vec![format!("@{}", plan.flow.id)];
    tags.extend(plan.flow.tags.iter().map(|tag| format!("@{tag}")));
    tags.join(" ")
}

/// The words of lines.
pub mod words {
    use super::{Flow, Step, UseCase, one_line};
    use dataset::Credentials;

    /// A text as it stands in one line.
    pub fn line(text: &str) -> String {
        one_line(text)
    }

    /// Who wants what, and what for.
    pub fn story(use_case: &UseCase) -> Vec<String> {
        let article =
            if use_case.role.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
        [
            (format!("As {article}"), &use_case.role),
            ("I want".to_owned(), &use_case.want),
            ("So that".to_owned(), &use_case.benefit),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(begin, text)| format!("{begin} {}", one_line(text)))
        .collect()
    }

    /// What a background has brought about.
    pub fn background(background: &Flow) -> String {
        one_line(&background.title)
    }

    /// What a flow has left behind, for its cases.
    pub fn after(flow: &Flow) -> String {
        format!("the state after \"{}\"", one_line(&flow.title))
    }

    /// What happens.
    pub fn when(step: &Step) -> String {
        one_line(&step.title)
    }

    /// What is answered.
    pub fn then(step: &Step) -> String {
        match &step.expect.code {
            Some(code) => format!("the answer to {} is {} {code}", caller(step), step.expect.status),
            None => format!("the answer to {} is {} {}", caller(step), step.expect.status, status(step.expect.status)),
        }
    }

    /// Who calls.
    pub fn caller(step: &Step) -> String {
        let actor = step.actor.replace('_', " ");
        match step.credentials {
            Credentials::Broken => format!("{actor} with a broken token"),
            Credentials::None if step.actor != "anonymous" => format!("{actor} without a token"),
            Credentials::Token | Credentials::None | Credentials::Signature => actor,
        }
    }

    /// What a status is called.
    pub fn status(status: u16) -> &'static str {
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("?")
    }
}

/// A text on one line, with single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('|', "\\|")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(length(text))))
}
