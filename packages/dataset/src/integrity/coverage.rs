//! What flows meet of what contracts declare: a success per operation, every refusal, and a reason for what is left.

use std::collections::BTreeSet;

use super::exchanges::answer_schema;
use super::{Contracts, Report};
use crate::dataset::Dataset;
use crate::problem::Place;
use crate::rehearsal::Exchange;

pub fn check(dataset: &Dataset, contracts: &Contracts<'_>, exchanges: &[Exchange], report: &mut Report) {
    let mut met: BTreeSet<(&str, &str, u16, &str)> = BTreeSet::new();
    let mut shown: BTreeSet<(&str, &str)> = BTreeSet::new();
    for exchange in exchanges {
        let step = &exchange.step;
        let code = step.expect.code.as_deref().unwrap_or_default();
        met.insert((&step.service, &step.operation, step.expect.status, code));
        if step.expect.status < 400 && is_whole(contracts, exchange) {
            shown.insert((&step.service, &step.operation));
        }
    }
    let everywhere = Place { file: "use-cases".to_owned(), line: 0 };
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for (name, service) in &contracts.published.services {
        for (id, operation) in &service.operations {
            let listed = dataset.refusals.unprovoked.iter().enumerate();
            let mut listed = listed.filter(|(_, listed)| {
                !listed.operations.is_empty()
                    && operation.successes().any(|status| listed.covers(name, operation, status, ""))
            });
            if let Some((index, listed)) = listed.next() {
                used.insert(index);
                *report.unprovoked.entry(listed.why.clone()).or_default() += 1;
            } else if !operation.successes().any(|status| met.contains(&(name, id, status, ""))) {
                let what = format!("{name} {id} succeeds in no flow");
                report.problems.push(everywhere.problem("success", what, "add a step that calls it"));
            } else if !shown.contains(&(name.as_str(), id.as_str())) {
                let what = format!("no step of {name} {id} shows a whole answer");
                let mend = "expect $like an entity that has all required fields";
                report.problems.push(everywhere.problem("success", what, mend));
            }
            for (status, codes) in operation.answers.iter().filter(|(status, _)| **status >= 400) {
                for code in codes {
                    report.refusals += 1;
                    let listed = dataset.refusals.unprovoked.iter().enumerate();
                    let listed = listed.filter(|(_, listed)| listed.covers(name, operation, *status, code));
                    let listed: Vec<_> = listed.collect();
                    match (met.contains(&(name, id, *status, code)), listed.first()) {
                        (true, Some((_, listed))) if !listed.operations.is_empty() => {
                            let what = format!(
                                "{name} {id} {status} {code} is listed as not to be provoked, and a flow meets it"
                            );
                            report.problems.push(listed.place.problem("refusal", what, "take it off the list"));
                        }
                        (true, _) => {}
                        (false, Some((_, first))) => {
                            *report.unprovoked.entry(first.why.clone()).or_default() += 1;
                        }
                        (false, None) => {
                            let what = format!("{name} {id} declares {status} {code}, and no case meets it");
                            let mend = "add a case, or list it under unprovoked in refusals.yaml with the reason";
                            report.problems.push(everywhere.problem("refusal", what, mend));
                        }
                    }
                    used.extend(listed.into_iter().map(|(index, _)| index));
                }
            }
        }
    }
    for (index, listed) in dataset.refusals.unprovoked.iter().enumerate() {
        if !used.contains(&index) {
            let what = "nothing declares what this lists as not to be provoked";
            report.problems.push(listed.place.problem("refusal", what, "take it off the list"));
        }
    }
}

/// Whether an answer stands in the dataset with everything its contract requires.
fn is_whole(contracts: &Contracts<'_>, exchange: &Exchange) -> bool {
    let step = &exchange.step;
    let Some(service) = contracts.published.services.get(&step.service) else { return false };
    let Some(operation) = service.operations.get(&step.operation) else { return false };
    let Some(schemas) = contracts.http.get(step.service.as_str()) else { return false };
    match answer_schema(service, operation, step.expect.status) {
        Some(schema) => schemas.issues(schema, &exchange.answer, false).is_empty(),
        None => true,
    }
}
