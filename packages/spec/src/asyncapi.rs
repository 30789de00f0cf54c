//! AsyncAPI 2.6.0 of a service: the messages it takes from its queues, and the events it emits.
//!
//! In AsyncAPI 2 a channel is told from outside: `publish` is what others send and the service takes, `subscribe` is
//! what the service emits. A queue is a channel; so is each type of event, because who emits does not know the queues
//! of those who subscribed (the wiring does).

use std::collections::{BTreeMap, BTreeSet};

use operation::{ConsumerDeclaration, Environment, EventType};
use serde_json::{Map, Value, json};

use crate::components::{Shelf, Side};
use crate::names::{dead_letters, is_fifo, pascal_case};
use crate::{Contract, draft07, openapi};

/// The document of a service in an enver, whose name is in the names of its queues.
pub fn document(contract: &Contract, environment: Environment) -> Value {
    let emitted = contract.emitted();
    let schemas: Vec<_> = emitted.iter().map(|event| (event.schema)()).collect();
    let mut shelf = Shelf::default();
    let emits: Vec<_> = schemas.iter().map(|schema| shelf.add(schema.document(), Side::Answer, None)).collect();
    let takes: Vec<_> =
        contract.consumers.iter().map(|consumer| shelf.add(&consumer.data, Side::Request, None)).collect();
    let components = shelf.settle(&BTreeSet::new());

    let mut messages = Map::new();
    let mut channels = Map::new();
    let source = format!("/{}", contract.service);
    for (event, data) in emitted.iter().zip(emits) {
        let name = pascal_case(event.name);
        channels.insert(
            event.name.to_owned(),
            json!({
                "description": "An event of this service. It is sent to the queue of every subscriber, at least once.",
                "subscribe": {
                    "operationId": format!("emit{name}"),
                    "summary": event.summary,
                    "message": message_reference(&name),
                },
            }),
        );
        let payload = cloud_event(event.name, Some(&source), &components.schema(data));
        messages.insert(name.clone(), message(contract, &name, event, payload));
    }
    for (consumer, data) in contract.consumers.iter().zip(takes) {
        let facts = consumer.declaration;
        let mut taken = Vec::new();
        for event in facts.events {
            let name = format!("{}{}", pascal_case(facts.id), pascal_case(event.name));
            taken.push(message_reference(&name));
            let payload = cloud_event(event.name, None, &components.schema(data));
            messages.insert(name.clone(), message(contract, &name, event, payload));
        }
        let channel = channels.entry(facts.queue).or_insert_with(|| channel(facts, environment));
        take(channel, facts, taken);
    }

    let mut schemas: BTreeMap<String, Value> = components.schemas().into_iter().collect();
    schemas.values_mut().for_each(draft07::lower);
    json!({
        "asyncapi": "2.6.0",
        "id": format!("urn:enver:{}:{}", environment.name(), contract.service),
        "info": { "title": contract.service, "version": openapi::version(contract), "description": ABOUT },
        "defaultContentType": CLOUD_EVENT,
        "servers": { "sqs": {
            "url": "https://sqs.{region}.amazonaws.com",
            "protocol": "sqs",
            "description": "Queues carry the enver in their name.",
            "variables": { "region": { "description": "The region of the enver.", "default": "us-east-1" } },
        }},
        "tags": [{ "name": contract.service }],
        "channels": channels,
        "components": { "messages": messages, "schemas": schemas },
    })
}

const ABOUT: &str = "\
Every message is one CloudEvent (1.0, structured JSON) as the body of one SQS message. A message can come more than once \
and in any order; its `id` takes effect once per consumer.";

/// The media type of a CloudEvent in structured JSON.
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// A queue and the one for what failed too often.
fn channel(facts: &ConsumerDeclaration, environment: Environment) -> Value {
    let name = environment.resource_name(facts.queue);
    let dead = environment.resource_name(&dead_letters(facts.queue));
    let fifo = is_fifo(facts.queue);
    json!({
        "description": "A queue of this service.",
        "servers": ["sqs"],
        "bindings": { "sqs": {
            "bindingVersion": "0.2.0",
            "queue": {
                "name": name,
                "fifoQueue": fifo,
                "redrivePolicy": { "deadLetterQueue": { "name": dead }, "maxReceiveCount": facts.max_receive_count },
            },
            "deadLetterQueue": { "name": dead, "fifoQueue": fifo },
        }},
    })
}

/// Adds what a consumer takes from its channel; consumers that share a queue stand in it together.
fn take(channel: &mut Value, facts: &ConsumerDeclaration, taken: Vec<Value>) {
    let publish = &mut channel["publish"];
    if publish.is_null() {
        *publish = json!({
            "operationId": facts.id, "summary": facts.summary, "message": { "oneOf": [] }, "x-consumers": [],
        });
        if let Some(action) = facts.audit {
            publish["x-audit"] = action.into();
        }
    }
    if let Some(messages) = publish["message"]["oneOf"].as_array_mut() {
        messages.extend(taken);
    }
    if let Some(consumers) = publish["x-consumers"].as_array_mut() {
        consumers.push(facts.id.into());
    }
}

fn message_reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/messages/{name}") })
}

fn message(contract: &Contract, id: &str, event: &EventType, payload: Value) -> Value {
    let mut message = json!({
        "messageId": id,
        "name": event.name,
        "title": event.name,
        "summary": event.summary,
        "contentType": CLOUD_EVENT,
        "payload": payload,
    });
    if let Some(examples) = contract.messages.get(event.name) {
        message["examples"] = examples.iter().map(|example| json!(example)).collect();
    }
    message
}

/// The envelope around the data of one type of event (CloudEvents 1.0, with two extensions). Attributes may come in.
fn cloud_event(kind: &str, source: Option<&str>, data: &Value) -> Value {
    let text = |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
    let constant = |value: &str| json!({ "type": "string", "const": value });
    json!({
        "type": "object",
        "required": [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "tenantid", "requestid", "data",
        ],
        "properties": {
            "specversion": constant("1.0"),
            "id": text("Unique per source."),
            "source": source.map_or_else(|| text("The service that emitted it."), constant),
            "type": constant(kind),
            "subject": text("What it is about."),
            "time": { "type": "string", "format": "date-time", "description": "When it happened." },
            "datacontenttype": constant("application/json"),
            "tenantid": text("Extension: whose event this is."),
            "requestid": text("Extension: the request that caused it."),
            "data": data,
        },
    })
}
