//! Runs a flow: gives the next request, takes its answer, says what differs, keeps what later steps need. Pure: whoever
//! calls it sends, waits and tells the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::dataset::Dataset;
use crate::matcher::{Mismatch, differences};
use crate::problem::{Place, Problem};
use crate::published::Published;
use crate::request;
use crate::scope::{Scope, Setting, Unresolved};
use crate::step::{Credentials, Step};
use crate::use_case::Flow;

/// A flow under way.
#[derive(Debug, Clone)]
pub struct Run {
    dataset: Arc<Dataset>,
    published: Arc<Published>,
    setting: Setting,
    began: i64,
    now: i64,
    steps: Vec<Arc<Step>>,
    at: usize,
    tries: usize,
    saved: Map<String, Value>,
}

/// What is to be sent next.
#[derive(Debug, Clone)]
pub struct Request {
    /// The step it belongs to.
    pub step: Arc<Step>,
    /// Path and query, header fields, body.
    pub message: http::Request<Bytes>,
    /// `Signature`: the sender signs it as a service (`operation::sign`); everything else stands in the header already.
    pub credentials: Credentials,
}

/// What an answer was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepResult {
    /// Everything that differs from what was expected.
    pub mismatches: Vec<Mismatch>,
    /// The names of what was saved.
    pub saved: Vec<String>,
    /// After which pause the same request is to be sent again: the step holds eventually, and not yet.
    pub again: Option<Duration>,
}

/// How often a step that holds eventually is asked before it fails. With the pauses that is ten seconds.
const MAXIMUM_TRIES: usize = 200;

/// The pause before such a step is asked again doubles from the first to the longest: what holds soon is soon seen.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

impl Run {
    /// Begins a flow at `now` (milliseconds since 1970): first the backgrounds it includes, then its steps.
    pub fn new(dataset: &Arc<Dataset>, published: &Arc<Published>, flow: &Flow, setting: Setting, now: i64) -> Self {
        Self {
            dataset: Arc::clone(dataset),
            published: Arc::clone(published),
            setting,
            began: now,
            now,
            steps: dataset.steps(flow),
            at: 0,
            tries: 0,
            saved: Map::new(),
        }
    }

    /// All its steps, those of backgrounds too.
    pub fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// The step whose request comes next.
    pub fn step(&self) -> Option<&Arc<Step>> {
        self.steps.get(self.at)
    }

    /// The next request, at `now` (milliseconds since 1970); `None` when all steps are done.
    ///
    /// # Errors
    ///
    /// The step refers to something that is not there, because a step before failed or the setting lacks it. The step
    /// is still the next one: `skip` it, or end.
    pub fn next(&mut self, now: i64) -> Option<Result<Request, Problem>> {
        self.now = now;
        let step = Arc::clone(self.steps.get(self.at)?);
        let request = request::of(&step, &self.published, &self.scope());
        Some(match request {
            Ok(message) => Ok(Request { credentials: step.credentials, step, message }),
            Err(why) => Err(problem(&step, &why)),
        })
    }

    /// Passes over the next step: nothing is sent, nothing is saved.
    pub fn skip(&mut self) {
        self.at += 1;
        self.tries = 0;
    }

    /// Takes the answer to the request that was given last.
    pub fn answer(&mut self, status: u16, headers: &HeaderMap, body: &[u8]) -> StepResult {
        let Some(step) = self.steps.get(self.at).cloned() else { return StepResult::default() };
        let parsed: Option<Value> = serde_json::from_slice(body).ok();
        let mut result = StepResult::default();
        match judged(&step, status, headers, body, parsed.as_ref(), &self.scope()) {
            Ok(mismatches) => result.mismatches = mismatches,
            Err(why) => result.mismatches.push(Mismatch {
                pointer: "/".to_owned(),
                expected: format!("an expectation (line {})", why.line),
                found: why.what,
            }),
        }
        if step.eventually && !result.mismatches.is_empty() && self.tries < MAXIMUM_TRIES {
            let doubled = 1 << self.tries.min(16);
            result.again = Some(LONGEST_PAUSE.min(FIRST_PAUSE * doubled));
            self.tries += 1;
            return result;
        }
        if step.expect.also.contains(&status) {
            self.skip();
            return result;
        }
        for (key, from) in &step.save {
            match found(from, headers, parsed.as_ref()) {
                Some(value) => {
                    self.saved.insert(key.text.clone(), value);
                    result.saved.push(key.text.clone());
                }
                None if result.mismatches.is_empty() => result.mismatches.push(Mismatch {
                    pointer: format!("/body{from}"),
                    expected: format!("a value to keep as {}", key.text),
                    found: "nothing".to_owned(),
                }),
                None => {}
            }
        }
        self.skip();
        result
    }

    /// What was saved so far, by name.
    pub fn saved(&self) -> &Map<String, Value> {
        &self.saved
    }

    /// What references mean now.
    pub fn scope(&self) -> Scope<'_> {
        Scope {
            entities: &self.dataset.entities,
            saved: &self.saved,
            setting: &self.setting,
            began: self.began,
            now: self.now,
        }
    }
}

/// A value of an answer: by pointer into its body, or by the name of a header field.
fn found(from: &str, headers: &HeaderMap, body: Option<&Value>) -> Option<Value> {
    if from.starts_with('/') {
        return body?.pointer(from).cloned();
    }
    headers.get(from)?.to_str().ok().map(Value::from)
}

fn judged(
    step: &Step,
    status: u16,
    headers: &HeaderMap,
    bytes: &[u8],
    body: Option<&Value>,
    scope: &Scope<'_>,
) -> Result<Vec<Mismatch>, Unresolved> {
    let expect = &step.expect;
    let mut mismatches = Vec::new();
    if expect.also.contains(&status) {
        return Ok(mismatches);
    }
    if status != expect.status {
        let shown: String = String::from_utf8_lossy(bytes).chars().take(600).collect();
        let found = format!("{status} {shown}").trim_end().to_owned();
        mismatches.push(Mismatch { pointer: "/status".to_owned(), expected: expect.status.to_string(), found });
        return Ok(mismatches);
    }
    if let Some(code) = &expect.code {
        let found = body.and_then(|body| body.pointer("/error/code").or_else(|| body.get("error")));
        if found.and_then(Value::as_str) != Some(code) {
            let found = found.cloned().unwrap_or_default().to_string();
            mismatches.push(Mismatch { pointer: "/body/error/code".to_owned(), expected: code.clone(), found });
        }
    }
    let texts: HashMap<&str, Value> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?.into()))).collect();
    for (name, expected) in &expect.headers {
        let pointer = format!("/headers/{}", name.text);
        let lower = name.text.to_ascii_lowercase();
        let wrapped = match texts.get(lower.as_str()) {
            Some(value) => json!({ "v": value }),
            None => json!({}),
        };
        let expected = crate::yaml::Node {
            line: expected.line,
            content: crate::yaml::Content::Map(vec![(
                crate::yaml::Key { text: "v".to_owned(), line: expected.line },
                expected.clone(),
            )]),
        };
        let differing = differences(&expected, false, &wrapped, scope)?;
        mismatches.extend(differing.into_iter().map(|mismatch| Mismatch { pointer: pointer.clone(), ..mismatch }));
    }
    if let Some(expected) = &expect.body {
        match body {
            Some(body) => {
                let differing = differences(expected, expect.exact, body, scope)?;
                mismatches.extend(
                    differing
                        .into_iter()
                        .map(|mismatch| Mismatch { pointer: format!("/body{}", mismatch.pointer), ..mismatch }),
                );
            }
            None => mismatches.push(Mismatch {
                pointer: "/body".to_owned(),
                expected: "JSON".to_owned(),
                found: format!("{} bytes that are none", bytes.len()),
            }),
        }
    }
    Ok(mismatches)
}

/// A reference of a step means nothing.
pub fn problem(step: &Step, why: &Unresolved) -> Problem {
    let place = Place { file: step.place.file.clone(), line: if why.line == 0 { step.place.line } else { why.line } };
    place.problem("reference", format!("step {}: {}", step.id, why.what), "correct the reference")
}
