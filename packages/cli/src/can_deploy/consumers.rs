//! Consumers of the constellation: what their generated clients read and send must stay.

use std::collections::BTreeSet;

use spec::compatibility::{Direction, Verdict};

use super::answer::Answer;
use super::contract::{changes, reason};
use super::published::Publisher;
use super::usage::{of_consumer, promise};
use super::{Question, Unusable};

/// Says no for each change that a consumer would notice.
pub fn check(
    question: &Question<'_>,
    coming: &Publisher,
    standing: &Publisher,
    answer: &mut Answer,
) -> Result<(), Unusable> {
    let consumers: BTreeSet<&str> = question
        .wiring
        .consumers(&question.enver.id)
        .filter_map(|edge| question.wiring.find(&edge.consumer)?.service)
        .collect();
    for consumer in consumers {
        let clients = of_consumer(&question.crates, consumer, question.service)?;
        let promise = promise(&clients);
        let extent = match clients.len() {
            0 => "everything, for no client says what".to_owned(),
            1 => format!("what {} says", clients[0].client),
            _ => {
                format!("what {} say", clients.iter().map(|one| one.client.as_str()).collect::<Vec<_>>().join(" and "))
            }
        };
        let mut reasons = Vec::new();
        for (old, new) in [(&standing.openapi, &coming.openapi), (&standing.asyncapi, &coming.asyncapi)] {
            for change in changes(old.as_ref(), new.as_ref(), Direction::Backward, promise.clone())? {
                let rule = match change.verdict {
                    Verdict::Breaking => "consumer-breaks",
                    _ => "consumer-unproven",
                };
                let whom = format!("{consumer} in {} uses {extent} of {}", question.to, question.service);
                let mend = format!(
                    "Keep it, or give it a new version; or let {consumer} stop using it, and deploy that first."
                );
                reasons.push(reason(rule, &change, &whom, &mend));
            }
        }
        if reasons.is_empty() {
            answer.checked("consumer", format!("{consumer} uses {extent}, and notices nothing"));
        }
        answer.no(reasons);
    }
    Ok(())
}
