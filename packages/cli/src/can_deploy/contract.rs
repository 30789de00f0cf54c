//! Comparisons of what stands with what comes, as reasons.

use contracts::Stage;
use spec::compatibility::{Change, Direction, Options, Promise, Verdict, compare};

use super::answer::{Answer, Reason};
use super::published::{Artifact, Publisher};
use super::{Question, Unusable};

/// The changes from one document to another that break a promise, or are not proven to keep it. Nothing is compared
/// when both have the same content.
pub fn changes(
    old: Option<&Artifact>,
    new: Option<&Artifact>,
    direction: Direction,
    promise: Promise,
) -> Result<Vec<Change>, Unusable> {
    let (Some(old), Some(new)) = (old, new) else { return Ok(Vec::new()) };
    if old.digest == new.digest {
        return Ok(Vec::new());
    }
    let options = Options { direction, promise, today: Some(today()) };
    let report = compare(&old.document()?, &new.document()?, &options);
    Ok(report.changes.into_iter().filter(|change| change.verdict != Verdict::Compatible).collect())
}

/// A change as a reason: what it does to whom.
pub fn reason(rule: &'static str, change: &Change, to_whom: &str, mend: &str) -> Reason {
    let operation = change.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default();
    let doubt = if change.verdict == Verdict::Unproven { " (neither proven harmless nor shown to break)" } else { "" };
    Reason {
        rule,
        message: format!("{to_whom}: {operation}{}{doubt}", change.message),
        mend: mend.to_owned(),
        place: Some(format!("{}:{}:{}", change.place.document, change.place.place.line, change.place.place.column)),
        witness: change.witness.clone(),
    }
}

/// The contract of main changes compatibly or not at all.
pub fn check_blessed(
    question: &Question<'_>,
    coming: &Publisher,
    standing: &Publisher,
    answer: &mut Answer,
) -> Result<(), Unusable> {
    if question.to != Stage::Main {
        return Ok(());
    }
    let documents = [(&standing.openapi, &coming.openapi), (&standing.asyncapi, &coming.asyncapi)];
    let mut reasons = Vec::new();
    for (old, new) in documents {
        if let (Some(old), None) = (old, new) {
            let message = format!("{} would go", old.name);
            reasons.push(Reason::new("main-is-blessed", message, "Publish it for dev again."));
        }
        let changes = changes(old.as_ref(), new.as_ref(), Direction::Backward, Promise::Wire)?;
        let breaking = changes.iter().filter(|change| change.verdict == Verdict::Breaking);
        let whom = format!("what {} promises in main", question.service);
        let mend = "Give the operation a new version, and keep this one until its sunset.";
        reasons.extend(breaking.map(|change| reason("main-is-blessed", change, &whom, mend)));
    }
    if reasons.is_empty() {
        answer.checked("blessed", "the contract of main only changes compatibly");
    }
    answer.no(reasons);
    Ok(())
}

/// Today as `YYYY-MM-DD`, in UTC.
fn today() -> String {
    use validation::types::Timestamp;
    let now = Timestamp::from_unix_millis(crate::constellation::now_millis()).to_string();
    now.chars().take(10).collect()
}
