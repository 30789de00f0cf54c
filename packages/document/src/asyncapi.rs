//! The channels of an AsyncAPI 2 document: which messages come and go, and checks of them.

use std::sync::Arc;

use serde_json::Value;

use crate::document::Document;
use crate::issue::{Issue, Part, escaped};
use crate::schema::{Schema, View};
use crate::style::{Raw, Shape};
use crate::template::Template;

/// A channel.
#[derive(Debug)]
pub struct Channel {
    /// Its name, with parameters between braces.
    pub name: Template,
    /// What the document says about it.
    pub description: String,
    /// The messages that clients publish to it: the application takes them.
    pub publish: Vec<Message>,
    /// The messages that clients receive from it: the application sends them.
    pub subscribe: Vec<Message>,
    /// What the parameters in its name must be.
    pub parameters: Vec<(String, Schema)>,
    /// Where it stands in the document.
    pub pointer: String,
}

impl Channel {
    /// Whether a name is one of this channel's: values that its parameters accept stand where the template has them.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let accepts = |(parameter, text): &(&str, &str)| {
            let mut schemas = self.parameters.iter().filter(|(known, _)| known == parameter);
            schemas.all(|(_, schema)| {
                let shape = Shape::of(schema.document(), schema.value());
                let raw = Raw::Text((*text).to_owned());
                [false, true].into_iter().any(|texts| schema.accepts(&shape.value(&raw, texts)))
            })
        };
        self.name.matches(name).is_some_and(|found| found.iter().all(accepts))
    }
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// Its name.
    pub name: String,
    /// Its media type; `application/json` where nothing else is said.
    pub content_type: String,
    /// What its payload must be.
    pub payload: Option<Schema>,
    /// What its headers must be.
    pub headers: Option<Schema>,
    /// Pairs of headers and payload that the document gives as examples.
    pub examples: Vec<(Option<Value>, Value)>,
    /// Where it stands in the document.
    pub pointer: String,
}

impl Message {
    /// All that is wrong with a message of this kind.
    #[must_use]
    pub fn check(&self, headers: Option<&Value>, payload: &Value) -> Vec<Issue> {
        let mut issues = Vec::new();
        if let Some(schema) = &self.headers {
            let none = Value::Object(serde_json::Map::new());
            issues.extend(schema.check_in(headers.unwrap_or(&none), Part::Header, ""));
        }
        if let Some(schema) = &self.payload {
            issues.extend(schema.check(payload));
        }
        issues
    }

    /// Headers and payload of such a message: an example of the document for seed 0, where one is good.
    #[must_use]
    pub fn generate(&self, seed: u64) -> Option<(Option<Value>, Value)> {
        let good = |(headers, payload): &&(Option<Value>, Value)| self.check(headers.as_ref(), payload).is_empty();
        if seed == 0
            && let Some(example) = self.examples.iter().find(good)
        {
            return Some(example.clone());
        }
        let make = |schema: &Schema| if seed == 0 { schema.example() } else { schema.generate(seed) };
        let headers = match &self.headers {
            Some(schema) => Some(make(schema)?),
            None => None,
        };
        let payload = self.payload.as_ref().map_or(Some(Value::Null), make)?;
        Some((headers, payload))
    }
}

/// Reads the channels of a document that was found to be without faults.
pub(crate) fn channels(document: &Arc<Document>) -> Vec<Channel> {
    let mut all = Vec::new();
    for (name, value) in document.root().get("channels").and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("/channels/{}", escaped(name));
        let (channel, followed) = document.resolve(value);
        let at = followed.map_or_else(|| pointer.clone(), str::to_owned);
        let messages = |key: &str| {
            let operation = channel.get(key);
            operation.map(|operation| messages(document, operation, &format!("{at}/{key}"))).unwrap_or_default()
        };
        let parameters = channel.get("parameters").and_then(Value::as_object).into_iter().flatten();
        let parameters = parameters.map(|(name, value)| {
            let followed = document.resolve(value).1.map(str::to_owned);
            let pointer = followed.unwrap_or_else(|| format!("{at}/parameters/{}", escaped(name)));
            (name.clone(), Schema::new(document, format!("{pointer}/schema"), View::Whole))
        });
        all.push(Channel {
            parameters: parameters.collect(),
            name: Template::new(name),
            description: channel.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            publish: messages("publish"),
            subscribe: messages("subscribe"),
            pointer: at.clone(),
        });
    }
    all
}

fn messages(document: &Arc<Document>, operation: &Value, at: &str) -> Vec<Message> {
    let Some(stated) = operation.get("message") else { return Vec::new() };
    let (stated, followed) = document.resolve(stated);
    let at = followed.map_or_else(|| format!("{at}/message"), str::to_owned);
    if let Some(Value::Array(alternatives)) = stated.get("oneOf") {
        let each = alternatives.iter().enumerate().map(|(index, alternative)| {
            let (value, followed) = document.resolve(alternative);
            let pointer = followed.map_or_else(|| format!("{at}/oneOf/{index}"), str::to_owned);
            message(document, value, pointer, index)
        });
        return each.collect();
    }
    vec![message(document, stated, at, 0)]
}

fn message(document: &Arc<Document>, value: &Value, pointer: String, index: usize) -> Message {
    // Of the traits the later counts, and any of them before the message; but of schemas only one can be pointed at, and
    // the message knows its own best.
    let traits = value.get("traits").and_then(Value::as_array).into_iter().flatten().enumerate();
    let mut all: Vec<(&Value, String)> = traits
        .map(|(index, one)| {
            let (one, followed) = document.resolve(one);
            (one, followed.map_or_else(|| format!("{pointer}/traits/{index}"), str::to_owned))
        })
        .collect();
    all.reverse();
    all.push((value, pointer.clone()));
    let text = |key: &str| all.iter().find_map(|(one, _)| one.get(key)?.as_str());
    // The name of a component says most where the message has none.
    let component = pointer.strip_prefix("/components/messages/");
    let name = text("name").or(component).or_else(|| text("messageId")).or_else(|| text("title"));
    let usual = document.root().get("defaultContentType").and_then(Value::as_str);
    let schema = |key: &str| {
        let is_schema = |one: &Value| one.get(key).is_some_and(|schema| schema.is_object() || schema.is_boolean());
        let (_, at) = all.iter().rfind(|(one, _)| is_schema(one))?;
        Some(Schema::new(document, format!("{at}/{key}"), View::Whole))
    };
    let known = is_known(text("schemaFormat").unwrap_or_default());
    let examples = value.get("examples").and_then(Value::as_array).into_iter().flatten();
    Message {
        name: name.map_or_else(|| format!("message{}", index + 1), str::to_owned),
        content_type: text("contentType").or(usual).unwrap_or("application/json").to_owned(),
        payload: if known { schema("payload") } else { None },
        headers: schema("headers"),
        examples: examples
            .filter_map(|example| Some((example.get("headers").cloned(), example.get("payload")?.clone())))
            .collect(),
        pointer,
    }
}

/// Whether payloads are described by JSON Schema; those in another language cannot be judged.
pub(crate) fn is_known(format: &str) -> bool {
    format.is_empty() || format.contains("asyncapi") || format.contains("schema+")
}
