//! Examples in a document: what callers send to an operation, what they are answered, and what a message tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Contract;

/// An exchange that succeeds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Example {
    /// Its name among those of its operation: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// What happens, as a sentence.
    pub summary: String,
    /// The body that is sent; null when none is.
    #[serde(default)]
    pub request: Value,
    /// The status of the answer.
    pub status: u16,
    /// The body that is answered; null when none is.
    #[serde(default)]
    pub answer: Value,
}

/// A message that was emitted. As AsyncAPI writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageExample {
    /// Its name: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// What brings it about, as a sentence.
    pub summary: String,
    /// The CloudEvent.
    pub payload: Value,
}

/// What the documents of all services show.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Examples {
    /// Messages, by their type: whoever emits or takes one shows it.
    messages: BTreeMap<String, Vec<MessageExample>>,
    /// Exchanges, by service and by the id of the operation.
    operations: BTreeMap<String, BTreeMap<String, Vec<Example>>>,
}

impl Examples {
    /// Gives a contract those it shows.
    pub fn give(&self, contract: &mut Contract) {
        contract.examples = self.operations.get(contract.service).cloned().unwrap_or_default();
        contract.messages = self.messages.clone();
    }
}

/// Puts the examples of a contract beside the schemas of its bodies, in an OpenAPI document of any version.
pub(crate) fn put(document: &mut Value, contract: &Contract) {
    for operation in &contract.operations {
        let facts = operation.declaration;
        let method = facts.method.name().to_ascii_lowercase();
        let Some(published) = document["paths"][facts.path].get_mut(method) else { continue };
        for example in contract.examples.get(facts.id).into_iter().flatten() {
            show(published.get_mut("requestBody"), example, &example.request);
            show(published["responses"].get_mut(example.status.to_string()), example, &example.answer);
        }
    }
}

/// Shows a value in a place that has a body: beside the schema of its one media type.
fn show(place: Option<&mut Value>, example: &Example, value: &Value) {
    let media = place.and_then(|place| place.get_mut("content")?.as_object_mut()?.values_mut().next());
    if let (Some(media), false) = (media, value.is_null()) {
        media["examples"][&example.name] = json!({ "summary": example.summary, "value": value });
    }
}
