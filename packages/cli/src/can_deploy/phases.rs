//! The phases before an enver: each but 0A needs a person's word in `contracts/phases.toml`.

use std::path::Path;

use context::Ledger;
use contracts::Phase;

use super::answer::{Answer, Reason};
use super::published::{bytes, content};
use super::{Question, Unusable};

/// Says no for each phase that nobody confirmed.
pub fn check(question: &Question<'_>, root: &Path, answer: &mut Answer) -> Result<(), Unusable> {
    let ledger = ledger(&root.join("contracts/phases.toml"))?;
    let wanted = Phase::before(question.to).filter(|phase| !phase.completes_by_itself());
    let (there, missing): (Vec<Phase>, Vec<Phase>) =
        wanted.partition(|phase| ledger.is_confirmed(question.service, *phase));
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

/// The ledger, as strictly read as it is written. Without a file nothing is confirmed.
fn ledger(file: &Path) -> Result<Ledger, Unusable> {
    let wrong = |why: String| content(&file.display().to_string(), why);
    let text = String::from_utf8(bytes(file)?.unwrap_or_default()).map_err(|error| wrong(error.to_string()))?;
    Ledger::parse(&text).map_err(|error| wrong(error.to_string()))
}
