//! What a consumer uses of others, as data: what decides whether a change of theirs breaks it.

use serde_json::{Map, Value, json};

use super::declaration::{Declaration, Upstream};
use super::operations::{Location, Route};
use super::shapes::{Body, Shapes, Type};

/// What is used of one upstream. `sends` and `reads` are JSON pointers, with `*` for every entry of a list or a map.
pub(crate) fn of_upstream(upstream: &Upstream, routes: &[Route], shapes: &Shapes, artifacts: &[Artifact]) -> Value {
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
    let messages: Map<String, Value> =
        upstream.messages.iter().map(|(name, message)| (name.clone(), json!({ "reads": message.reads }))).collect();
    let artifacts: Map<String, Value> = artifacts
        .iter()
        .map(|artifact| (artifact.kind.to_owned(), json!({ "path": artifact.path, "digest": artifact.digest })))
        .collect();
    json!({ "artifacts": artifacts, "operations": operations, "messages": messages })
}

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
