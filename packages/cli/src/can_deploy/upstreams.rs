//! Upstreams of the service in the enver: they must give there what its clients use.

use std::collections::BTreeMap;

use contracts::Edge;
use spec::compatibility::Direction;

use super::answer::{Answer, Reason};
use super::contract::{changes, reason};
use super::usage::{ClientUsage, of_consumer, promise};
use super::{Question, Unusable};

/// Says no for each upstream that is not there, or gives less than is used.
pub fn check(question: &Question<'_>, answer: &mut Answer) -> Result<(), Unusable> {
    let mut upstreams: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
    for edge in question.wiring.upstreams(&question.enver.id) {
        if let Some(upstream) = edge.service {
            upstreams.entry(upstream).or_default().push(edge);
        }
    }
    for (upstream, edges) in upstreams {
        let clients = of_consumer(&question.crates, question.service, upstream)?;
        let mut reasons = Vec::new();
        match question.published.standing(upstream, question.to)? {
            None => reasons.extend(absent(question, upstream, &edges)),
            Some(standing) => {
                for client in &clients {
                    for (kind, pinned) in &client.artifacts {
                        let kind = kind.to_lowercase();
                        let there = match kind.as_str() {
                            "openapi" => standing.openapi.as_ref(),
                            _ => standing.asyncapi.as_ref(),
                        };
                        if there.is_some_and(|there| there.digest == pinned.digest) {
                            continue;
                        }
                        let Some(made_from) =
                            question.published.with_digest(upstream, &kind, &pinned.digest, question.to)?
                        else {
                            reasons.push(stale(question, client, upstream, &kind));
                            continue;
                        };
                        let promise = promise(std::slice::from_ref(client));
                        for change in changes(there, Some(&made_from), Direction::Forward, promise)? {
                            let whom =
                                format!("{} uses what {upstream} does not give in {} yet", client.client, question.to);
                            let mend = format!("Deploy {upstream} to {} first.", question.to);
                            reasons.push(reason("upstream-behind", &change, &whom, &mend));
                        }
                    }
                }
            }
        }
        if reasons.is_empty() {
            answer.checked("upstream", format!("{upstream} gives what {} uses", question.service));
        }
        answer.no(reasons);
    }
    Ok(())
}

/// An upstream may be absent only if a default stands in for all of it.
fn absent(question: &Question<'_>, upstream: &str, edges: &[&Edge]) -> Option<Reason> {
    let edge = edges.iter().find(|edge| edge.default_if_absent.is_none())?;
    let message = format!(
        "{} consumes {} and {upstream} publishes nothing in {}",
        edge.consuming_end(),
        edge.producing_end(),
        question.to
    );
    Some(Reason::new("upstream-absent", message, format!("Publish and deploy {upstream} to {} first.", question.to)))
}

fn stale(question: &Question<'_>, client: &ClientUsage, upstream: &str, kind: &str) -> Reason {
    let message = format!(
        "the client of {upstream} in {}, which {} links, was generated from an {kind} document that is published nowhere",
        client.client, question.service
    );
    Reason::new("client-stale", message, "Run `enver client generate`, read the difference, and commit it.")
}
