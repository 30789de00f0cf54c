//! Requests that break one rule of their contract and keep all others, by the verdict of the contract itself.

use document::{Issue, Location, MediaType, Operation};
use serde_json::Value;

use crate::draft::{Content, Draft};
use crate::violation::{self, Candidate};

/// A request with one thing wrong.
#[derive(Debug, Clone)]
pub struct Violation {
    /// What is wrong.
    pub issue: Issue,
    /// The request.
    pub draft: Draft,
}

impl Violation {
    /// In words: `body /tonnes breaks maximum`.
    pub fn title(&self) -> String {
        let Issue { part, pointer, rule, .. } = &self.issue;
        let place = if pointer.is_empty() { "as a whole" } else { pointer.as_str() };
        format!("{} {place} breaks {rule}", part.name())
    }
}

/// All violations that can be made of a request which keeps the contract.
pub fn violations(operation: &Operation, valid: &Draft) -> Vec<Violation> {
    let mut candidates: Vec<Draft> = Vec::new();
    for (index, parameter) in operation.parameters.iter().enumerate() {
        match valid.parameters.get(&index) {
            Some(value) => {
                if parameter.required {
                    candidates.push(without_parameter(valid, index));
                }
                for candidate in violation::candidates(&parameter.schema.bundled(), value) {
                    candidates.push(with_parameter(valid, index, candidate.value));
                }
            }
            // An optional parameter that the request did without, in a form of its own.
            None => {
                let Some(value) = parameter.schema.example() else { continue };
                for candidate in violation::candidates(&parameter.schema.bundled(), &value) {
                    candidates.push(with_parameter(valid, index, candidate.value));
                }
            }
        }
    }
    if let (Some(body), Some(Content::Value(index, value))) = (&operation.body, &valid.body) {
        candidates.push(Draft { body: None, ..valid.clone() });
        let media = body.content.get(*index);
        let schema = media.and_then(|media| media.schema.as_ref());
        let broken = schema.map(|schema| violation::candidates(&schema.bundled(), value)).unwrap_or_default();
        let form =
            media.is_some_and(|media| [MediaType::Form, MediaType::Multipart].contains(&MediaType::of(&media.name)));
        candidates.extend(
            broken
                .into_iter()
                .filter(|broken| !form || says_itself(broken))
                .map(|candidate| Draft { body: Some(Content::Value(*index, candidate.value)), ..valid.clone() }),
        );
    }
    let mut all: Vec<Violation> = Vec::new();
    for draft in candidates {
        if arrives(operation, &draft)
            && let Some(issue) = only_issue(operation, &draft)
            && !all.iter().any(|known| known.draft == draft)
        {
            all.push(Violation { issue, draft });
        }
    }
    all
}

/// Whether it arrives as it was sent: on the way, a header field without a text may be dropped as if it were absent.
fn arrives(operation: &Operation, draft: &Draft) -> bool {
    let mut sent =
        draft.parameters.iter().filter_map(|(index, value)| Some((operation.parameters.get(*index)?, value)));
    sent.all(|(parameter, value)| parameter.location != Location::Header || !parameter.encode(value).trim().is_empty())
}

/// Whether a form can say it: a field has a text, and one without a text may count as absent (RFC 6749, section 3.1).
fn says_itself(broken: &Candidate) -> bool {
    match broken.value.pointer(&broken.pointer) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(_)) => broken.rule == "required" || broken.rule == "additionalProperties",
        Some(Value::Number(_) | Value::Bool(_)) => true,
        _ => false,
    }
}

/// What is wrong with a request, if it is one thing.
pub fn only_issue(operation: &Operation, draft: &Draft) -> Option<Issue> {
    let mut issues = draft.issues(operation)?;
    // A contract that cannot say yes or no is no judge.
    match (issues.pop(), issues.is_empty()) {
        (Some(issue), true) if issue.rule != "schema" => Some(issue),
        _ => None,
    }
}

fn without_parameter(draft: &Draft, index: usize) -> Draft {
    let mut parameters = draft.parameters.clone();
    parameters.remove(&index);
    Draft { parameters, ..draft.clone() }
}

fn with_parameter(draft: &Draft, index: usize, value: Value) -> Draft {
    let mut parameters = draft.parameters.clone();
    parameters.insert(index, value);
    Draft { parameters, ..draft.clone() }
}
