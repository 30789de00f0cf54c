//! What a run has met of the contracts: operation × answer × caller. It only grows: what was met once is kept in a file,
//! and a run that no longer meets it fails.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dataset::{Credentials, Entities, Published, Step};
use serde_json::Value;

use crate::report::{Outcome, Report};

/// What a run has met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Operations of the contracts.
    pub operations: usize,
    /// Those that were called.
    pub operations_met: usize,
    /// Answers (operation × status) that the contracts declare.
    pub statuses: usize,
    /// Those that came as expected.
    pub statuses_met: usize,
    /// `booking createBooking 201 shipper`: service, operation, status, and as whom it was called.
    pub cells: BTreeSet<String>,
}

impl Summary {
    /// What a run has met of the contracts. Only what was as expected counts, and not what came by chance: the next run
    /// may not meet it.
    pub fn of(report: &Report, published: &Published) -> Self {
        let mut summary = Self::default();
        let (mut operations, mut statuses) = (BTreeSet::new(), BTreeSet::new());
        for step in report.scenarios().flat_map(|scenario| &scenario.steps).filter(|step| !step.by_chance) {
            let (Outcome::Passed, Some(exchange)) = (&step.outcome, &step.exchange) else { continue };
            operations.insert((step.service.as_str(), step.operation.as_str()));
            statuses.insert((step.service.as_str(), step.operation.as_str(), exchange.status));
            let (service, operation, status) = (&step.service, &step.operation, exchange.status);
            summary.cells.insert(format!("{service} {operation} {status} {}", step.caller));
        }
        for (service, contract) in &published.services {
            for operation in contract.operations.values() {
                summary.operations += 1;
                summary.operations_met += usize::from(operations.contains(&(service, &operation.id)));
                for status in operation.answers.keys() {
                    summary.statuses += 1;
                    summary.statuses_met += usize::from(statuses.contains(&(service, &operation.id, *status)));
                }
            }
        }
        summary
    }

    /// What was met once, by the text of its file, and is no longer.
    pub fn lost<'k>(&self, kept: &'k str) -> Vec<&'k str> {
        entries(kept).filter(|entry| !self.cells.contains(*entry)).collect()
    }

    /// What is met and not yet in the file.
    pub fn gained(&self, kept: &str) -> Vec<&str> {
        let kept: BTreeSet<&str> = entries(kept).collect();
        self.cells.iter().map(String::as_str).filter(|cell| !kept.contains(cell)).collect()
    }

    /// The text of the file: what is in it already, and what this run has met.
    pub fn with(&self, kept: &str) -> String {
        let all: BTreeSet<&str> = entries(kept).chain(self.cells.iter().map(String::as_str)).collect();
        let mut text = String::from(
            "# What the use cases meet of the contracts: service, operation, status, caller. It only grows; `enver bdd --record`\n\
             # adds what a run meets, and a run that no longer meets a line fails. Whoever takes a line away says why.\n",
        );
        for entry in all {
            let _ = writeln!(text, "{entry}");
        }
        text
    }
}

fn entries(kept: &str) -> impl Iterator<Item = &str> {
    kept.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// As whom a step calls: the roles of the person, not the name.
pub fn caller(step: &Step, entities: &Entities) -> String {
    let who = match step.credentials {
        Credentials::None => return "nobody".to_owned(),
        Credentials::Broken => return "somebody with a broken token".to_owned(),
        Credentials::Signature => return "a service".to_owned(),
        Credentials::Token => {
            let roles = entities.get("people", &step.actor).ok().map(|person| person.value.json());
            let roles: Vec<String> = match roles.as_ref().and_then(|person| person.get("roles")) {
                Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            if roles.is_empty() { step.actor.clone() } else { roles.join("+") }
        }
    };
    if step.crosses.is_empty() { who } else { format!("{who} of another tenant") }
}
