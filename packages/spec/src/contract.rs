//! A service as data: its declarations and the schemas of its types, without its state.

use std::collections::BTreeMap;

use operation::{ConsumerDeclaration, Declaration, EventType, LazySchema, Service};
use serde_json::Value;

use crate::halves::mapped;
use crate::{Example, MessageExample};

/// What a service promises.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The service's name.
    pub service: &'static str,
    /// Its operations, in the order of its list.
    pub operations: Vec<OperationContract>,
    /// Its consumers, in the order of its list.
    pub consumers: Vec<ConsumerContract>,
    /// What its documents show of its operations, by their ids.
    pub examples: BTreeMap<String, Vec<Example>>,
    /// What its documents show of messages, by their types; others may be among them.
    pub messages: BTreeMap<String, Vec<MessageExample>>,
}

/// One operation and the JSON Schemas (draft 2020-12) of its parts.
#[derive(Debug, Clone)]
pub struct OperationContract {
    /// The facts.
    pub declaration: &'static Declaration,
    /// An object with a property per path parameter.
    pub path: Value,
    /// An object with a property per query parameter.
    pub query: Value,
    /// An object with a property per header field that the operation reads.
    pub headers: Value,
    /// The body; `None` when a body is refused.
    pub body: Option<Value>,
    /// The answer's body; `None` when there is none.
    pub answer: Option<Value>,
}

/// One consumer and the JSON Schema of the data it reads.
#[derive(Debug, Clone)]
pub struct ConsumerContract {
    /// The facts.
    pub declaration: &'static ConsumerDeclaration,
    /// The data of a message.
    pub data: Value,
}

impl Contract {
    /// The contract of a service.
    pub fn of<S: Send + Sync + 'static>(service: &Service<S>) -> Self {
        let operations = mapped(service.operations().iter().collect(), |operation| {
            let schemas = &operation.schemas;
            OperationContract {
                declaration: operation.declaration,
                path: schemas.path.to_document(),
                query: schemas.query.to_document(),
                headers: schemas.headers.to_document(),
                body: schemas.body.as_ref().map(LazySchema::to_document),
                answer: schemas.answer.as_ref().map(LazySchema::to_document),
            }
        });
        let consumers = service
            .consumers()
            .iter()
            .map(|consumer| ConsumerContract { declaration: consumer.declaration, data: consumer.data.to_document() });
        Self {
            service: service.name,
            operations,
            consumers: consumers.collect(),
            examples: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }

    /// The types of event that the service may emit, each once, by name.
    pub fn emitted(&self) -> Vec<&'static EventType> {
        let mut events: Vec<&EventType> =
            self.operations.iter().flat_map(|operation| operation.declaration.emits).collect();
        events.sort_by_key(|event| event.name);
        events.dedup_by_key(|event| event.name);
        events
    }
}
