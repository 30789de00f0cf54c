//! How long the artifacts of a thousand operations take, from their declarations to the text of every file.
//!
//! The operations are those of the booking service many times over, each time under names of their own, so that no
//! schema is shared between two copies.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use operation::{Declaration, Environment};
use serde_json::{Value, json};
use spec::artifact::Artifacts;
use spec::json::text;
use spec::{Contract, OperationContract};

const OPERATIONS: usize = 1000;
const ROUNDS: usize = 7;

/// Milliseconds, those for the schemas of types among them, and bytes.
pub fn measure() -> Value {
    let (mut schemas, mut artifacts, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        // Every schema is made anew, as at the start of a process; only then the copies are told apart.
        let (copies, made) = timed(copies);
        schemas.push(made);
        let contract = joined(copies);
        let (written, made) = timed(|| written(&contract));
        artifacts.push(made);
        bytes = black_box(written);
    }
    let millis = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64() * 1000.0
    };
    let (schemas, artifacts) = (millis(schemas), millis(artifacts));
    json!({ "operations": OPERATIONS, "bytes": bytes, "millis": schemas + artifacts, "schemas": schemas })
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

/// The booking service, as often as it takes.
fn copies() -> Vec<Contract> {
    let mut copies: Vec<Contract> = Vec::new();
    while copies.iter().map(|copy| copy.operations.len()).sum::<usize>() < OPERATIONS {
        copies.push(Contract::of(&booking::service()));
    }
    copies
}

/// One service of them all.
fn joined(copies: Vec<Contract>) -> Contract {
    let mut joined = Contract {
        service: "synthetic",
        operations: Vec::new(),
        consumers: Vec::new(),
        examples: BTreeMap::new(),
        messages: BTreeMap::new(),
    };
    for (number, copy) in copies.into_iter().enumerate() {
        joined.operations.extend(copy.operations.into_iter().map(|operation| renamed(operation, number)));
        joined.consumers = copy.consumers;
    }
    joined.operations.truncate(OPERATIONS);
    joined
}

/// The operation, its path and its types under names of their own.
fn renamed(operation: OperationContract, number: usize) -> OperationContract {
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let facts = operation.declaration;
    let declaration = Declaration {
        id: leaked(format!("{}Of{number}", facts.id)),
        path: leaked(facts.path.replacen("/v1/", &format!("/v1/of{number}-"), 1)),
        ..*facts
    };
    let own = |schema: Value| own_types(schema, number);
    OperationContract {
        declaration: Box::leak(Box::new(declaration)),
        path: own(operation.path),
        query: own(operation.query),
        headers: own(operation.headers),
        body: operation.body.map(own),
        answer: operation.answer.map(own),
    }
}

fn own_types(schema: Value, number: usize) -> Value {
    match schema {
        Value::Object(fields) => {
            let renamed = fields.into_iter().map(|(name, field)| match (name.as_str(), field) {
                ("title" | "$ref", Value::String(text)) => (name, format!("{text}Of{number}").into()),
                ("$defs", Value::Object(types)) => {
                    let types = types.into_iter();
                    let types = types.map(|(name, body)| (format!("{name}Of{number}"), own_types(body, number)));
                    (name, Value::Object(types.collect()))
                }
                (_, field) => (name, own_types(field, number)),
            });
            Value::Object(renamed.collect())
        }
        Value::Array(items) => items.into_iter().map(|item| own_types(item, number)).collect(),
        plain => plain,
    }
}

fn written(contract: &Contract) -> usize {
    let artifacts = Artifacts::of(contract);
    let files = artifacts.files(Environment::Dev);
    let facts = artifacts.facts(Environment::Dev, &files);
    files.iter().map(|file| file.text.len()).sum::<usize>() + text(&facts).len()
}
