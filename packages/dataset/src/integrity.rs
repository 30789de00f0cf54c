//! What a dataset must keep, held against the published contracts. Everything that is wrong is told at once.
//!
//! | rule | says |
//! | --- | --- |
//! | `reference` | every reference resolves, every included background is there |
//! | `twice` | no id stands twice, no two entities have one identity |
//! | `repeated` | a value of an entity stands once; everybody else refers to it |
//! | `shape` | an entity is what its published component says |
//! | `actor` | who calls is known |
//! | `operation` | every step calls an operation that is published, and expects what it declares |
//! | `request`, `answer`, `message` | what is sent, answered and emitted validates against the artifact |
//! | `save` | what is saved is expected |
//! | `privacy` | no tenant's data stands in another's step, unless it is there to see that it stays theirs |
//! | `success`, `refusal` | every operation succeeds somewhere, every declared refusal is met or listed with a reason |

mod coverage;
mod entities;
mod exchanges;
mod privacy;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::dataset::Dataset;
use crate::problem::Problem;
use crate::published::Published;
use crate::rehearsal::{Exchange, rehearse};
use crate::schemas::Schemas;
use crate::use_case::Flow;

pub(crate) use exchanges::answer_schema;

/// What was checked, and what is wrong.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Everything that is wrong, by file and line.
    pub problems: Vec<Problem>,
    /// Flows, those of refusals among them.
    pub flows: usize,
    /// Steps of flows, those of backgrounds once.
    pub steps: usize,
    /// Refusals that contracts declare.
    pub refusals: usize,
    /// Of them, what cannot be provoked from outside, by the reason.
    pub unprovoked: BTreeMap<String, usize>,
}

/// What is known of the published contracts while checking.
struct Contracts<'a> {
    published: &'a Published,
    /// By service: the schemas of requests and answers, and those of messages.
    http: BTreeMap<&'a str, Schemas>,
    messages: BTreeMap<&'a str, Schemas>,
}

/// Reads the dataset of a folder and holds it against the contracts of an enver. Where a file is no YAML, what others say
/// of it cannot be told from what is wrong, so nothing more is looked at than the form of the rest.
pub fn check_folder(folder: &Path, published: &Published, enver: &str) -> Report {
    let (dataset, unread) = Dataset::read(folder);
    if unread.iter().any(|problem| matches!(problem.rule, "yaml" | "file")) {
        return Report { problems: unread, ..Report::default() };
    }
    let mut report = check(&dataset, published, enver);
    // What could not be read is missing elsewhere in the same place.
    let is_known = |problem: &Problem| {
        unread.iter().any(|known| (known.line, known.file.as_str()) == (problem.line, problem.file.as_str()))
    };
    report.problems.retain(|problem| !is_known(problem));
    report.problems.extend(unread);
    report.problems.sort();
    report
}

/// Holds the dataset against the contracts of an enver.
pub fn check(dataset: &Dataset, published: &Published, enver: &str) -> Report {
    let services = || published.services.iter();
    let contracts = Contracts {
        published,
        http: services().map(|(name, service)| (name.as_str(), Schemas::of(&service.openapi))).collect(),
        messages: services().map(|(name, service)| (name.as_str(), Schemas::of(&service.asyncapi))).collect(),
    };
    let mut report = Report::default();
    entities::check(dataset, &contracts, enver, &mut report.problems);
    let mut flows: Vec<Arc<Flow>> = dataset.flows().map(|(_, flow)| Arc::clone(flow)).collect();
    flows.extend(dataset.refusal_flows(published));
    report.flows = flows.len();
    let mut exchanges: Vec<Exchange> = Vec::new();
    for flow in &flows {
        let (rehearsed, problems) = rehearse(dataset, published, flow, enver);
        report.problems.extend(problems);
        privacy::check(dataset, &rehearsed, &mut report.problems);
        for exchange in rehearsed {
            exchanges::check(dataset, &contracts, &exchange, &mut report.problems);
            exchanges.push(exchange);
        }
    }
    coverage::check(dataset, &contracts, &exchanges, &mut report);
    exchanges.sort_by(|one, other| (&one.step.place, &one.step.id).cmp(&(&other.step.place, &other.step.id)));
    exchanges.dedup_by(|one, other| one.step.place == other.step.place && one.step.id == other.step.id);
    report.steps = exchanges.len();
    report.problems.sort();
    report.problems.dedup();
    report
}
