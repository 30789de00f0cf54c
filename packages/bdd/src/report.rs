//! What a run was: use cases, their scenarios, the steps of each with request and answer, and how it ended.

pub mod html;
pub mod junit;
pub mod text;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::Value;

use crate::coverage;
use crate::feature::words;
use crate::session::Taken;

/// A whole run.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was asked: `dev`, or a base URL.
    pub target: String,
    /// Who ran it: `native` or `step-functions`.
    pub runner: &'static str,
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// How long it took.
    pub took: Duration,
    /// In the order of their names.
    pub use_cases: Vec<UseCase>,
}

/// One use case: a feature.
#[derive(Debug, Clone)]
pub struct UseCase {
    /// `UC3`
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Who wants what, and what for.
    pub story: Vec<String>,
    /// What nobody else may see.
    pub privacy: String,
    /// Its flows and error cases.
    pub scenarios: Vec<Scenario>,
}

/// One flow, or one row of an outline.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The flow's id, or that of the case.
    pub id: String,
    /// What happens in it.
    pub title: String,
    /// Its own, without `@`.
    pub tags: Vec<String>,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One request of one caller.
#[derive(Debug, Clone)]
pub struct Step {
    /// What happens, for people.
    pub title: String,
    /// Who calls.
    pub actor: String,
    /// As whom: the roles of the person, not the name.
    pub caller: String,
    /// The service that is called.
    pub service: String,
    /// Its operation.
    pub operation: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What came is not what it is for: another answer that may come when others are quicker.
    pub by_chance: bool,
    /// What was said, unless nothing was.
    pub exchange: Option<Exchange>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// What was not, one sentence each.
    Failed(Vec<String>),
    /// A step before it failed.
    Skipped,
}

/// A request and its answer, without secrets.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// `POST`
    pub method: String,
    /// With the query.
    pub path: String,
    /// What was sent, for people.
    pub request: Message,
    /// The status that came.
    pub status: u16,
    /// What came, for people.
    pub answer: Message,
    /// From sending to the last byte.
    pub took: Duration,
    /// A line for a shell that sends the request again.
    pub curl: String,
}

/// Header fields and a body, secrets masked.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// In their order.
    pub headers: Vec<(String, String)>,
    /// JSON is indented; a long body is cut.
    pub body: String,
}

/// How many were there, and how many of them passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// As expected.
    pub passed: usize,
    /// Not as expected.
    pub failed: usize,
    /// Not looked at.
    pub skipped: usize,
}

impl Report {
    /// Every step was as expected, and there was one.
    pub fn passed(&self) -> bool {
        let steps = self.steps();
        steps.failed == 0 && steps.skipped == 0 && steps.passed > 0
    }

    /// All steps of all scenarios.
    pub fn steps(&self) -> Count {
        Count::of(self.scenarios().flat_map(|scenario| scenario.steps.iter().map(|step| &step.outcome)))
    }

    /// All scenarios of all use cases.
    pub fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.use_cases.iter().flat_map(|use_case| &use_case.scenarios)
    }
}

impl UseCase {
    /// The report of these scenarios of a use case.
    pub fn of(use_case: &dataset::UseCase, scenarios: Vec<Scenario>) -> Self {
        Self {
            id: use_case.id.clone(),
            title: use_case.title.clone(),
            story: words::story(use_case),
            privacy: use_case.privacy.clone(),
            scenarios,
        }
    }

    /// Its scenarios.
    pub fn count(&self) -> Count {
        let outcomes: Vec<Outcome> = self.scenarios.iter().map(Scenario::outcome).collect();
        Count::of(outcomes.iter())
    }
}

impl Step {
    /// What came of a step.
    pub(crate) fn of(step: &dataset::Step, entities: &dataset::Entities, taken: Taken) -> Self {
        let status = taken.exchange.as_ref().map(|exchange| exchange.status);
        Self {
            title: step.title.clone(),
            actor: words::caller(step),
            caller: coverage::caller(step, entities),
            service: step.service.clone(),
            operation: step.operation.clone(),
            outcome: taken.outcome,
            by_chance: status.is_some_and(|status| step.expect.also.contains(&status)),
            exchange: taken.exchange,
        }
    }
}

impl Scenario {
    /// Failed as its first step that did; skipped if nothing was looked at.
    pub fn outcome(&self) -> Outcome {
        let failed = self.steps.iter().find(|step| matches!(step.outcome, Outcome::Failed(_)));
        match failed {
            Some(step) => step.outcome.clone(),
            None if !self.steps.is_empty() && self.steps.iter().all(|step| step.outcome == Outcome::Passed) => {
                Outcome::Passed
            }
            None => Outcome::Skipped,
        }
    }

    /// How long its requests took.
    pub fn took(&self) -> Duration {
        self.steps.iter().filter_map(|step| Some(step.exchange.as_ref()?.took)).sum()
    }
}

impl Count {
    fn of<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Self {
        outcomes.fold(Self::default(), |mut count, outcome| {
            *match outcome {
                Outcome::Passed => &mut count.passed,
                Outcome::Failed(_) => &mut count.failed,
                Outcome::Skipped => &mut count.skipped,
            } += 1;
            count
        })
    }

    /// Of them all.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

impl Exchange {
    /// What was said, with secrets masked; `curl` is the masked line.
    pub fn of(request: &Request<Bytes>, answer: &Response<Bytes>, took: Duration, curl: String) -> Self {
        Self {
            method: request.method().to_string(),
            path: verify::masked_query(request.uri().path_and_query().map_or("/", |path| path.as_str())),
            request: Message::of(request.headers(), request.body()),
            status: answer.status().as_u16(),
            answer: Message::of(answer.headers(), answer.body()),
            took,
            curl,
        }
    }
}

impl Message {
    fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let shown = match verify::is_secret_field(name.as_str()) {
                true => "***".to_owned(),
                false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            };
            (name.to_string(), shown)
        });
        Self { headers: headers.collect(), body: shown(body) }
    }
}

/// A body for people: without secrets, JSON indented, not longer than anybody reads.
fn shown(body: &[u8]) -> String {
    const LONGEST: usize = 8 << 10;
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            // The code of a refusal is no secret, whatever its field is called.
            if value.get("error").is_none() {
                verify::mask(&mut value);
            }
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        Err(_) => String::from_utf8_lossy(&verify::masked_body(body)).into_owned(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes in all)", text.get(..end).unwrap_or_default(), body.len()),
        None => text,
    }
}
