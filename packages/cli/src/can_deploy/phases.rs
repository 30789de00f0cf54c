//! The phases before an enver: each but 0A needs a person's word in `contracts/phases.toml`.

use std::path::Path;

use contracts::Phase;
use toml_edit::{DocumentMut, Item};

use super::answer::{Answer, Reason};
use super::published::{bytes, content};
use super::{Question, Unusable};

/// Says no for each phase that nobody confirmed.
pub fn check(question: &Question<'_>, root: &Path, answer: &mut Answer) -> Result<(), Unusable> {
    let confirmed = confirmed(&root.join("contracts/phases.toml"), question.service)?;
    let wanted = Phase::before(question.to).filter(|phase| !phase.completes_by_itself());
    let (there, missing): (Vec<Phase>, Vec<Phase>) = wanted.partition(|phase| confirmed.contains(phase));
    let service = question.service;
    if missing.is_empty() {
        let names: Vec<_> = there.iter().map(|phase| phase.name()).collect();
        let found =
            if names.is_empty() { "none comes before".to_owned() } else { format!("{} confirmed", names.join(", ")) };
        answer.checked("phases", found);
    }
    answer.no(missing.into_iter().map(|phase| {
        let message = format!("nobody confirmed phase {phase} ({}) of {service}", phase.title());
        let mend = format!("When its checkpoints hold: enver phase confirm {service} {phase} --by NAME --note TEXT");
        Reason::new("phase-not-confirmed", message, mend)
    }));
    Ok(())
}

/// The phases of a service that a ledger confirms. Without a ledger there are none.
fn confirmed(file: &Path, service: &str) -> Result<Vec<Phase>, Unusable> {
    let Some(text) = bytes(file)? else { return Ok(Vec::new()) };
    let wrong = |why: String| content(&file.display().to_string(), why);
    let text = String::from_utf8(text).map_err(|error| wrong(error.to_string()))?;
    let ledger: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| wrong(error.to_string()))?;
    let entries = ledger.get("confirmed").and_then(Item::as_array_of_tables);
    let mut phases = Vec::new();
    for entry in entries.into_iter().flatten() {
        let word = |key: &str| entry.get(key).and_then(Item::as_str);
        let (Some(of), Some(name)) = (word("service"), word("phase")) else {
            return Err(wrong("a confirmation names its service and its phase: write both".to_owned()));
        };
        let phase = Phase::named(name).ok_or_else(|| wrong(format!("{name:?} is no phase: 0B, 1A, 1B, 2A, 2B are")))?;
        if of == service {
            phases.push(phase);
        }
    }
    Ok(phases)
}
