//! A flow as it would go if every answer were as expected: requests, answers and messages without a platform.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::dataset::Dataset;
use crate::matcher::example;
use crate::problem::Problem;
use crate::published::{Operation, Published, Service, resolved};
use crate::request::{self, Rendered, rendered};
use crate::run::problem;
use crate::scope::{LogIn, Scope, Setting};
use crate::step::Step;
use crate::use_case::Flow;

/// One step, rehearsed.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The step.
    pub step: Arc<Step>,
    /// What it sends, part by part; `None` when a reference means nothing.
    pub sent: Option<Rendered>,
    /// The same as it goes over the wire.
    pub request: Option<http::Request<Bytes>>,
    /// The body of an answer as expected; null when none is.
    pub answer: Value,
    /// The header fields of it that are expected.
    pub headers: Map<String, Value>,
    /// The events, by name, and what they tell if that is written.
    pub messages: Vec<(String, Option<Value>)>,
}

/// When rehearsals take place: 5 January 2026, six in the morning, in milliseconds since 1970.
pub const REHEARSED_AT: i64 = 1_767_592_800_000;

/// What a rehearsal is given.
pub fn setting(enver: &str) -> Setting {
    let email = "admin@platform.example".to_owned();
    let platform = LogIn { password: format!("that of {email}"), email };
    Setting { run: "example".to_owned(), enver: enver.to_owned(), platform: Some(platform) }
}

/// Rehearses a flow. What cannot be resolved is told, and the rehearsal goes on.
pub fn rehearse(dataset: &Dataset, published: &Published, flow: &Flow, enver: &str) -> (Vec<Exchange>, Vec<Problem>) {
    let mut stage = Stage { dataset, published, setting: setting(enver), saved: Map::new(), problems: Vec::new() };
    let exchanges = dataset.steps(flow).into_iter().map(|step| stage.exchange(step)).collect();
    (exchanges, stage.problems)
}

struct Stage<'a> {
    dataset: &'a Dataset,
    published: &'a Published,
    setting: Setting,
    saved: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Stage<'_> {
    fn scope(&self) -> Scope<'_> {
        Scope {
            entities: &self.dataset.entities,
            saved: &self.saved,
            setting: &self.setting,
            began: REHEARSED_AT,
            now: REHEARSED_AT,
        }
    }

    fn exchange(&mut self, step: Arc<Step>) -> Exchange {
        let sent = self.kept(&step, |scope| rendered(&step, scope));
        let known = self.published.operation(&step.service, &step.operation).is_some();
        let request = match (&sent, known) {
            (Some(_), true) => self.kept(&step, |scope| request::of(&step, self.published, scope)),
            _ => None,
        };
        let body = step.expect.body.as_ref();
        let expected = body.and_then(|body| self.kept(&step, |scope| example(body, scope))).unwrap_or_default();
        let answer = self.refusal(&step, expected);
        let mut headers = Map::new();
        for (name, value) in &step.expect.headers {
            if let Some(value) = self.kept(&step, |scope| example(value, scope)) {
                headers.insert(name.text.to_ascii_lowercase(), value);
            }
        }
        for (name, from) in &step.save {
            let found = match from.starts_with('/') {
                true => answer.pointer(from),
                false => headers.get(&from.to_ascii_lowercase()),
            };
            match found {
                Some(value) => {
                    self.saved.insert(name.text.clone(), value.clone());
                }
                None => {
                    let place = crate::problem::Place { file: step.place.file.clone(), line: name.line };
                    let what =
                        format!("step {} saves {} from {from}, which nothing is expected at", step.id, name.text);
                    self.problems.push(place.problem("save", what, "expect it, with $like and an example"));
                    self.saved.insert(name.text.clone(), "nothing".into());
                }
            }
        }
        let mut messages = Vec::new();
        for emitted in &step.emits {
            let data = emitted.data.as_ref().and_then(|data| self.kept(&step, |scope| example(data, scope)));
            messages.push((emitted.event.clone(), data));
        }
        Exchange { step, sent, request, answer, headers, messages }
    }

    fn kept<T>(
        &mut self,
        step: &Step,
        make: impl FnOnce(&Scope<'_>) -> Result<T, crate::scope::Unresolved>,
    ) -> Option<T> {
        match make(&self.scope()) {
            Ok(made) => Some(made),
            Err(why) => {
                let found = problem(step, &why);
                if !self.problems.contains(&found) {
                    self.problems.push(found);
                }
                None
            }
        }
    }

    /// The body of a refusal: what the contract says about its code, with what is expected laid over it.
    fn refusal(&self, step: &Step, expected: Value) -> Value {
        let Some(code) = &step.expect.code else { return expected };
        let Some(service) = self.published.services.get(&step.service) else { return expected };
        let Some(operation) = service.operations.get(&step.operation) else { return expected };
        let mut refusal = envelope(service, operation, step.expect.status, code);
        if let Some(issues) = expected.pointer("/error/details/issues").and_then(Value::as_array) {
            let whole = issues.iter().map(|issue| {
                let mut whole =
                    json!({ "in": "body", "pointer": "", "rule": "refused", "message": "is not as it must be" });
                lay(&mut whole, issue.clone());
                whole
            });
            let whole: Value = whole.collect();
            lay(&mut refusal, expected);
            if let Some(place) = refusal.pointer_mut("/error/details/issues") {
                *place = whole;
            }
            return refusal;
        }
        lay(&mut refusal, expected);
        refusal
    }
}

/// A refusal as the service writes it.
fn envelope(service: &Service, operation: &Operation, status: u16, code: &str) -> Value {
    let response = resolved(&service.openapi, &operation.document["responses"][status.to_string()]);
    let mut media = response["content"].as_object().into_iter().flatten();
    let oauth = media.any(|(_, media)| is_oauth(&service.openapi, &media["schema"], code));
    if oauth {
        return json!({ "error": code, "error_description": "It is refused." });
    }
    let message = service
        .openapi
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .find(|(_, schema)| {
            schema.pointer("/properties/error/properties/code/const").and_then(Value::as_str) == Some(code)
        })
        .and_then(|(_, schema)| schema["description"].as_str())
        .unwrap_or("It is refused.");
    let details = if code == "VALIDATION_ERROR" { json!({ "issues": [] }) } else { json!({}) };
    json!({ "error": { "message": message, "code": code, "details": details } })
}

/// Whether a code is told as OAuth tells it: right under `error`.
fn is_oauth(document: &Value, schema: &Value, code: &str) -> bool {
    let schema = resolved(document, schema);
    let told = &schema["properties"]["error"];
    let one_of = schema["oneOf"].as_array().into_iter().flatten();
    told["const"] == code
        || told["enum"].as_array().is_some_and(|codes| codes.iter().any(|known| known == code))
        || one_of.into_iter().any(|one| is_oauth(document, one, code))
}

/// Lays a value over another, object into object.
fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (_, Value::Null) => {}
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
