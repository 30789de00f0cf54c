//! Flows: the use cases of the master dataset, as context documents show them: rehearsed, with values in place of
//! references.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dataset::{Dataset, Exchange, Part, Problem, Published};
use serde_json::{Value, json};

/// One use case.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// `UC3`
    pub id: String,
    /// `A shipper gets a quote and books`
    pub title: String,
    /// Who may see what of it, and who may not.
    pub privacy: String,
    /// The ways through it: id and title.
    pub ways: Vec<(String, String)>,
    /// The entities it stands on, by kind.
    pub data: BTreeMap<String, BTreeSet<String>>,
    /// The services it comes to, in the order of the first call; those its beginnings come to are among them.
    pub services: Vec<String>,
    /// Of all its ways, in their order.
    pub steps: Vec<Step>,
}

/// One step of a use case.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique in its use case: `uc3-quote-and-book.book`.
    pub id: String,
    /// The service it goes to.
    pub service: String,
    /// The operation it calls.
    pub operation: String,
    /// What happens, in words.
    pub action: String,
    /// Who calls.
    pub by: String,
    /// What is sent.
    pub request: Option<Value>,
    /// What is expected: status, body, header fields.
    pub expect: Value,
    /// The messages it leads to.
    pub emits: Option<Value>,
    /// The steps that read back what is true afterwards.
    pub state: Option<Value>,
    /// The events that reach a consumer: event, service and consumer.
    pub reaches: Vec<(String, String, String)>,
    /// Whether it varies another step, to be refused: a row of a table rather than a section.
    pub is_case: bool,
}

/// Stands for the enver in names that hold it; documents put their own in its place.
pub const ENVER: &str = "<enver>";

/// Why flows cannot be shown: the dataset cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{folder} cannot be used:\n{}", .problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct FlowError {
    /// The dataset's folder.
    pub folder: String,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

impl Flow {
    /// Every use case of the dataset in this folder, by the names of their files; none if there is no such folder.
    ///
    /// # Errors
    ///
    /// Everything in it that cannot be read.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, FlowError> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let dataset =
            Dataset::load(folder).map_err(|problems| FlowError { folder: folder.display().to_string(), problems })?;
        Ok(dataset.use_cases.iter().map(|use_case| Self::of(&dataset, use_case)).collect())
    }

    fn of(dataset: &Dataset, use_case: &dataset::UseCase) -> Self {
        let mut services: Vec<String> = Vec::new();
        let mut data: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for step in use_case.flows.iter().flat_map(|flow| dataset.steps(flow)) {
            if !services.contains(&step.service) {
                services.push(step.service.clone());
            }
            if dataset.entities.get("people", &step.actor).is_ok() {
                data.entry("people".to_owned()).or_default().insert(step.actor.clone());
            }
            for (path, _) in step.references() {
                if let [kind, key, ..] = path.as_slice()
                    && dataset.entities.get(kind, key).is_ok()
                {
                    data.entry(kind.clone()).or_default().insert(key.clone());
                }
            }
        }
        Self {
            id: use_case.id.clone(),
            title: use_case.title.clone(),
            privacy: use_case.privacy.clone(),
            ways: use_case.flows.iter().map(|flow| (flow.id.clone(), flow.title.clone())).collect(),
            data,
            services,
            steps: use_case.flows.iter().flat_map(|flow| steps(dataset, flow)).collect(),
        }
    }

    /// How documents call a step: `UC3.uc3-quote-and-book.book`.
    pub fn step_name(&self, step: &Step) -> String {
        format!("{}.{}", self.id, step.id)
    }
}

impl Step {
    /// Status, and the code of a refusal: `409 QUOTE_USED`.
    pub fn answer(&self) -> String {
        match self.expect["code"].as_str() {
            Some(code) => format!("{} {code}", self.expect["status"]),
            None => self.expect["status"].to_string(),
        }
    }
}

/// The flow's own steps; those of backgrounds belong to the use case that is about them.
fn steps(dataset: &Dataset, flow: &dataset::Flow) -> Vec<Step> {
    // Contracts are not needed to say what is sent; whether the two agree is for `enver dataset check`.
    let (exchanges, _) = dataset::rehearse(dataset, &Published::default(), flow, ENVER);
    let own = exchanges.len().saturating_sub(flow.steps.len());
    let own: Vec<&Exchange> = exchanges.iter().skip(own).collect();
    own.iter().map(|exchange| shown(flow, exchange, &own)).collect()
}

fn shown(flow: &dataset::Flow, exchange: &Exchange, all: &[&Exchange]) -> Step {
    let step = &exchange.step;
    let mut request = serde_json::Map::new();
    if let Some(sent) = &exchange.sent {
        for (name, values) in [("path", &sent.path), ("query", &sent.query), ("headers", &sent.headers)] {
            if !values.is_empty() {
                request.insert(name.to_owned(), values.clone().into());
            }
        }
        if let Some(body) = &sent.body {
            request.insert("body".to_owned(), body.clone());
        }
    }
    let mut expect = json!({ "status": step.expect.status });
    if let Some(code) = &step.expect.code {
        expect["code"] = code.clone().into();
    }
    for (name, value) in [("body", &exchange.answer), ("headers", &exchange.headers.clone().into())] {
        if !value.is_null() && value.as_object().is_none_or(|fields| !fields.is_empty()) {
            expect[name] = value.clone();
        }
    }
    let emits: Vec<Value> = exchange
        .messages
        .iter()
        .map(|(event, data)| match data {
            Some(data) => json!({ "event": event, "data": data }),
            None => json!({ "event": event }),
        })
        .collect();
    let checks = all.iter().filter(|other| matches!(&other.step.part, Part::Check(of) if *of == step.id));
    let reaches = step.consumes.iter().filter_map(|consumed| {
        let event = step.emits.first()?;
        Some((event.event.clone(), consumed.service.clone(), consumed.operation.clone()))
    });
    let state: Vec<Value> = checks.map(|check| check.step.title.clone().into()).collect();
    Step {
        id: format!("{}.{}", flow.id, step.id),
        service: step.service.clone(),
        operation: step.operation.clone(),
        action: step.title.clone(),
        by: step.actor.clone(),
        request: Some(request.into()).filter(|request: &Value| request.as_object().is_some_and(|it| !it.is_empty())),
        expect,
        emits: Some(emits.into()).filter(|emits: &Value| emits.as_array().is_some_and(|all| !all.is_empty())),
        state: Some(state.into()).filter(|state: &Value| state.as_array().is_some_and(|all| !all.is_empty())),
        reaches: reaches.collect(),
        is_case: matches!(step.part, Part::Case { .. }),
    }
}
