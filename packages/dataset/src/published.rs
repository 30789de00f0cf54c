//! The published contracts of one enver, as far as flows need them: operations, what they may answer, events, consumers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The published contracts of one enver.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// By name.
    pub services: BTreeMap<String, Service>,
}

/// The contract of one service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its OpenAPI document.
    pub openapi: Value,
    /// Its AsyncAPI document.
    pub asyncapi: Value,
    /// By id.
    pub operations: BTreeMap<String, Operation>,
    /// By id: the events each consumer takes.
    pub consumers: BTreeMap<String, BTreeSet<String>>,
    /// The events it emits, by name, with the schema of what they tell.
    pub events: BTreeMap<String, Value>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `createBooking`
    pub id: String,
    /// `POST`
    pub method: String,
    /// `/booking/v1/bookings/{bookingId}`
    pub path: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// By status: the codes of refusals; none for what is no refusal.
    pub answers: BTreeMap<u16, BTreeSet<String>>,
    /// The events it may emit.
    pub emits: BTreeSet<String>,
    /// Who may call it (`x-policy`).
    pub policy: Value,
    /// The operation as it is published.
    pub document: Value,
}

/// Why contracts cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}: `enver publish` writes it")]
pub struct PublishedError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// Where flows read what would stand in a mail: every enver on a laptop answers it beside its services.
pub const MESSAGES: &str = "messages";

/// What is promised there.
fn messages() -> Value {
    let parameters = ["type", "tenantid", "subject"]
        .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }));
    json!({ "openapi": "3.1.0", "paths": { "/_messages": { "get": {
        "operationId": "readMessages",
        "summary": "The latest events with these fields, the latest first",
        "parameters": parameters,
        "x-policy": { "rule": "public" },
        "responses": { "200": {
            "description": "The answer.",
            "content": { "application/json": { "schema": {
                "type": "object",
                "required": ["data"],
                "properties": { "data": { "type": "array", "items": { "type": "object", "required": ["type", "subject", "data"] } } },
            } } },
        } },
    } } } })
}

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

impl Published {
    /// Reads the contracts below `contracts/published/<enver>`.
    ///
    /// # Errors
    ///
    /// The first file that cannot be read.
    pub fn load(folder: &Path) -> Result<Self, PublishedError> {
        let failed = |path: &Path, why: String| PublishedError { path: path.to_owned(), why };
        let read = |path: PathBuf| -> Result<Value, PublishedError> {
            let bytes = fs::read(&path).map_err(|error| failed(&path, error.to_string()))?;
            serde_json::from_slice(&bytes).map_err(|error| failed(&path, error.to_string()))
        };
        let mut services = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(|error| failed(folder, error.to_string()))? {
            let path = entry.map_err(|error| failed(folder, error.to_string()))?.path();
            if path.join("openapi.json").is_file() {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                services.insert(name, Service::of(read(path.join("openapi.json"))?, read(path.join("asyncapi.json"))?));
            }
        }
        services.insert(MESSAGES.to_owned(), Service::of(messages(), Value::Null));
        Ok(Self { services })
    }

    /// An operation of a service.
    pub fn operation(&self, service: &str, id: &str) -> Option<&Operation> {
        self.services.get(service)?.operations.get(id)
    }
}

impl Service {
    /// Finds the operations, events and consumers in the documents of a service.
    pub fn of(openapi: Value, asyncapi: Value) -> Self {
        let mut operations = BTreeMap::new();
        for (path, methods) in members(openapi.get("paths")) {
            for (method, document) in members(Some(methods)).filter(|(method, _)| METHODS.contains(&method.as_str())) {
                let id = document["operationId"].as_str().unwrap_or_default().to_owned();
                let answers = members(document.get("responses")).filter_map(|(status, response)| {
                    Some((status.parse().ok()?, codes(&openapi, resolved(&openapi, response))))
                });
                let operation = Operation {
                    id: id.clone(),
                    method: method.to_ascii_uppercase(),
                    path: path.clone(),
                    summary: document["summary"].as_str().unwrap_or_default().to_owned(),
                    answers: answers.collect(),
                    emits: texts(document.get("x-emits")),
                    policy: document.get("x-policy").cloned().unwrap_or_default(),
                    document: document.clone(),
                };
                operations.insert(id, operation);
            }
        }
        let (mut consumers, mut events) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeMap::new());
        for (name, channel) in members(asyncapi.get("channels")) {
            if let Some(message) = channel.pointer("/subscribe/message") {
                events.insert(name.clone(), resolved(&asyncapi, message)["payload"].clone());
            }
            for consumer in texts(channel.pointer("/publish/x-consumers")) {
                let taken = consumers.entry(consumer).or_default();
                for message in channel.pointer("/publish/message/oneOf").and_then(Value::as_array).into_iter().flatten()
                {
                    if let Some(name) = resolved(&asyncapi, message)["name"].as_str() {
                        taken.insert(name.to_owned());
                    }
                }
            }
        }
        Self { openapi, asyncapi, operations, consumers, events }
    }
}

impl Operation {
    /// The statuses that are no refusals.
    pub fn successes(&self) -> impl Iterator<Item = u16> {
        self.answers.keys().copied().filter(|status| *status < 400)
    }
}

/// What a `$ref` of a document stands for; the value itself when it is none.
pub fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    /// A chain of references longer than this is a circle.
    const LONGEST: usize = 16;
    let mut value = value;
    for _ in 0..LONGEST {
        let Some(pointer) = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) else { break };
        let Some(next) = document.pointer(pointer) else { break };
        value = next;
    }
    value
}

/// The codes that the refusals of a response may have.
fn codes(document: &Value, response: &Value) -> BTreeSet<String> {
    fn collect(document: &Value, schema: &Value, codes: &mut BTreeSet<String>) {
        let schema = resolved(document, schema);
        for one in schema["oneOf"].as_array().into_iter().flatten() {
            collect(document, one, codes);
        }
        for pointer in ["/properties/error/properties/code", "/properties/error"] {
            let Some(code) = schema.pointer(pointer) else { continue };
            codes.extend(code["const"].as_str().map(str::to_owned));
            codes.extend(texts(code.get("enum")));
        }
    }
    let mut found = BTreeSet::new();
    for (_, media) in members(response.get("content")) {
        collect(document, &media["schema"], &mut found);
    }
    found
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
