//! A run as lines for a terminal.

use std::fmt::Write as _;

use super::{Outcome, Report};
use crate::coverage::Summary;

/// What failed, with the line that sends the request again, and how much of everything there was.
pub fn render(report: &Report, coverage: &Summary) -> String {
    let mut text = String::new();
    for use_case in &report.use_cases {
        for scenario in use_case.scenarios.iter().filter(|scenario| matches!(scenario.outcome(), Outcome::Failed(_))) {
            let _ = writeln!(text, "\n{} {}", use_case.id, scenario.title);
            for step in &scenario.steps {
                let Outcome::Failed(why) = &step.outcome else { continue };
                let _ = writeln!(text, "  ✗ {} ({} of {})", step.title, step.operation, step.service);
                for one in why {
                    let _ = writeln!(text, "      {one}");
                }
                if let Some(exchange) = &step.exchange {
                    let _ = writeln!(text, "      {}", exchange.curl);
                }
            }
        }
    }
    let steps = report.steps();
    let _ = write!(
        text,
        "\n{} use cases, {} scenarios, {} steps: {} passed",
        report.use_cases.len(),
        report.scenarios().count(),
        steps.total(),
        steps.passed,
    );
    for (count, name) in [(steps.failed, "failed"), (steps.skipped, "skipped")] {
        if count > 0 {
            let _ = write!(text, ", {count} {name}");
        }
    }
    let _ = writeln!(text, ", in {:.1} s", report.took.as_secs_f64());
    let _ = writeln!(
        text,
        "Coverage: {} of {} operations, {} of {} declared answers, {} operation × answer × caller",
        coverage.operations_met,
        coverage.operations,
        coverage.statuses_met,
        coverage.statuses,
        coverage.cells.len(),
    );
    text
}
