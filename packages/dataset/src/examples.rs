//! Examples: what the flows send to an operation and expect of it, whole and as its contract says.
//!
//! Published documents show the first that succeed ([`Dataset::shown`]), from a committed file: whoever makes documents
//! needs no dataset.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::dataset::Dataset;
use crate::integrity::answer_schema;
use crate::published::{MESSAGES, Published};
use crate::rehearsal::rehearse;
use crate::schemas::Schemas;

/// One example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// `uc3-quote-and-book.quote`
    pub name: String,
    /// What happens there, as a sentence.
    pub summary: String,
    /// The body that is sent; null when none is.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// The status of the answer.
    pub status: u16,
    /// The body that is answered; null when none is.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub answer: Value,
}

impl Dataset {
    /// Examples of every operation (by service and id), in the order of the flows, each answer whole: what its contract
    /// requires is there. Equal ones stand once.
    pub fn examples(&self, published: &Published, enver: &str) -> BTreeMap<(String, String), Vec<Example>> {
        let schemas: BTreeMap<&str, Schemas> =
            published.services.iter().map(|(name, service)| (name.as_str(), Schemas::of(&service.openapi))).collect();
        let mut examples: BTreeMap<(String, String), Vec<Example>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for (_, flow) in self.flows() {
            let (exchanges, _) = rehearse(self, published, flow, enver);
            for exchange in exchanges {
                let step = &exchange.step;
                let Some(operation) = published.operation(&step.service, &step.operation) else { continue };
                let service = published.services.get(&step.service);
                let schema = service.and_then(|service| answer_schema(service, operation, step.expect.status));
                let whole = schema.is_none_or(|schema| {
                    let schemas = schemas.get(step.service.as_str());
                    schemas.is_some_and(|schemas| schemas.issues(schema, &exchange.answer, false).is_empty())
                });
                let request = exchange.sent.and_then(|sent| sent.body).unwrap_or_default();
                let key = (step.service.clone(), step.operation.clone());
                let content = format!("{key:?} {} {request} {}", step.expect.status, exchange.answer);
                if whole && known.insert(content) {
                    examples.entry(key).or_default().push(Example {
                        name: format!("{}.{}", flow.id, step.id),
                        summary: step.title.clone(),
                        request,
                        status: step.expect.status,
                        answer: exchange.answer,
                    });
                }
            }
        }
        examples
    }

    /// What published documents show: by service and id of an operation, the first examples that succeed.
    pub fn shown(&self, published: &Published, enver: &str) -> BTreeMap<String, BTreeMap<String, Vec<Example>>> {
        /// One is a recipe, two show what is the caller's to choose.
        const MOST: usize = 2;
        let mut shown: BTreeMap<String, BTreeMap<String, Vec<Example>>> = BTreeMap::new();
        let examples = self.examples(published, enver).into_iter();
        for ((service, operation), examples) in examples.filter(|((service, _), _)| service != MESSAGES) {
            let first: Vec<_> = examples.into_iter().filter(|example| example.status < 400).take(MOST).collect();
            if !first.is_empty() {
                shown.entry(service).or_default().insert(operation, first);
            }
        }
        shown
    }
}
