//! What a consumer uses of others, as data: what decides whether a change of theirs breaks it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ClientError;
use super::declaration::{Declaration, Upstream};
use super::messages::Event;
use super::operations::{Location, Route};
use super::shapes::{Body, Shapes, Type};
use crate::compatibility::{Usage, Used};

/// What is used of one upstream. `sends` and `reads` are JSON pointers, with `*` for every entry of a list or a map.
pub(crate) fn of_upstream(
    upstream: &Upstream,
    routes: &[Route],
    events: &[Event],
    shapes: &Shapes,
    artifacts: &[Artifact],
) -> Value {
    let mut operations = Map::new();
    for route in routes {
        let mut sends = Vec::new();
        if let Some(body) = &route.body {
            leaves(body, shapes, String::new(), &mut sends);
        }
        let Some(used) = upstream.operations.get(&route.id) else { continue };
        let mut reads = Vec::new();
        if let Some(answer) = &route.answer {
            leaves(answer, shapes, String::new(), &mut reads);
        }
        let parameters = route.parameters.iter().map(|parameter| {
            let location = match parameter.location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
            };
            json!({ "in": location, "name": parameter.name })
        });
        operations.insert(
            route.id.clone(),
            json!({
                "parameters": parameters.collect::<Vec<_>>(), "sends": sends, "reads": reads,
                "refusals": used.refusals,
            }),
        );
    }
    let messages = events.iter().map(|event| {
        let mut reads: Vec<String> = ENVELOPE.iter().map(|field| format!("/{field}")).collect();
        leaves(&event.data, shapes, "/data".to_owned(), &mut reads);
        (event.name.clone(), json!({ "operation": event.operation, "reads": reads }))
    });
    let messages: Map<String, Value> = messages.collect();
    let artifacts: Map<String, Value> = artifacts
        .iter()
        .map(|artifact| (artifact.kind.to_owned(), json!({ "path": artifact.path, "digest": artifact.digest })))
        .collect();
    json!({ "artifacts": artifacts, "operations": operations, "messages": messages })
}

/// What every consumer of an event reads of its envelope.
const ENVELOPE: [&str; 9] =
    ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "tenantid", "requestid"];

/// An artifact that a client was made from.
pub(crate) struct Artifact {
    pub kind: &'static str,
    pub path: String,
    pub digest: String,
}

/// The whole: by upstream.
pub(crate) fn document(declaration: &Declaration, mut of: impl FnMut(&str) -> Value) -> Value {
    let upstreams: Map<String, Value> = declaration.upstreams.keys().map(|name| (name.clone(), of(name))).collect();
    json!({ "upstreams": upstreams })
}

/// The innermost places of a type, as pointers.
fn leaves(kind: &Type, shapes: &Shapes, pointer: String, found: &mut Vec<String>) {
    let definition = match kind {
        Type::List { of, .. } | Type::Map { of } => return leaves(of, shapes, format!("{pointer}/*"), found),
        Type::Named(name) => shapes.definitions.get(name).map(|definition| &definition.body),
        _ => None,
    };
    match definition {
        Some(Body::Record(fields)) if !fields.is_empty() => {
            for field in fields {
                let name = field.name.replace('~', "~0").replace('/', "~1");
                leaves(&field.kind, shapes, format!("{pointer}/{name}"), found);
            }
        }
        _ => found.push(pointer),
    }
}

/// What a consumer uses of each upstream, as the `usage.json` beside its clients says it: operations by their id, and the
/// messages it takes by the id of the operation that emits them.
pub fn usage(path: &Path) -> Result<BTreeMap<String, Usage>, ClientError> {
    #[derive(Deserialize)]
    struct Kept {
        upstreams: BTreeMap<String, OfUpstream>,
    }
    #[derive(Deserialize)]
    struct OfUpstream {
        operations: BTreeMap<String, Operation>,
        messages: BTreeMap<String, Message>,
    }
    #[derive(Deserialize)]
    struct Operation {
        sends: Vec<String>,
        reads: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Message {
        operation: String,
        reads: Vec<String>,
    }
    let text = std::fs::read(path).map_err(|error| ClientError::file(path, error))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| ClientError::file(path, error))?;
    let used = |of: OfUpstream| {
        let called = of.operations.into_iter();
        let called = called.map(|(id, one)| (id, Used { sends: Some(one.sends), reads: Some(one.reads) }));
        let taken = of.messages.into_values();
        let taken = taken.map(|one| (one.operation, Used { sends: Some(Vec::new()), reads: Some(one.reads) }));
        Usage { operations: called.chain(taken).collect() }
    };
    Ok(kept.upstreams.into_iter().map(|(name, of)| (name, used(of))).collect())
}
