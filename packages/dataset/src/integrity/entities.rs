//! Entities: one identity each, what their component says, and nothing written a second time.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Contracts;
use crate::dataset::Dataset;
use crate::entity::Kind;
use crate::problem::{Place, Problem};
use crate::rehearsal::{REHEARSED_AT, setting};
use crate::scope::Scope;
use crate::step::{Body, Step};
use crate::yaml::{Content, Key, Node};

/// Shorter texts are words, not values.
const SHORTEST: usize = 8;

pub fn check(dataset: &Dataset, contracts: &Contracts<'_>, enver: &str, problems: &mut Vec<Problem>) {
    let (saved, setting) = (Map::new(), setting(enver));
    let scope =
        Scope { entities: &dataset.entities, saved: &saved, setting: &setting, began: REHEARSED_AT, now: REHEARSED_AT };
    let mut identities: BTreeMap<(String, String), (String, Place)> = BTreeMap::new();
    for (kind, of_kind) in &dataset.entities.kinds {
        for (key, entity) in &of_kind.items {
            let name = format!("{kind}.{key}");
            if let Some(tenant) = &entity.tenant
                && dataset.entities.get("tenants", tenant).is_err()
            {
                let what = format!("{name} is of tenant {tenant}, which is none");
                problems.push(entity.place.problem("reference", what, "name a key of tenants.yaml"));
            }
            let value = match scope.value(&entity.value) {
                Ok(value) => value,
                Err(why) => {
                    let place = Place { file: entity.place.file.clone(), line: why.line };
                    problems.push(place.problem("reference", format!("{name}: {}", why.what), "correct the reference"));
                    continue;
                }
            };
            if let Some(field) = &of_kind.identity {
                let Some(id) = value.get(field).and_then(Value::as_str) else {
                    let what = format!("{name} has no {field}, which tells its kind apart");
                    problems.push(entity.place.problem("form", what, format!("add {field}: …")));
                    continue;
                };
                let known = (field.clone(), id.to_owned());
                match identities.get(&known) {
                    Some((first, place)) => {
                        let what = format!("{name} and {first} ({}:{}) have one {field}: {id}", place.file, place.line);
                        problems.push(entity.place.problem("twice", what, "give each an id of its own"));
                    }
                    None => {
                        identities.insert(known, (name.clone(), entity.place.clone()));
                    }
                }
            }
            shapes(contracts, of_kind, &name, &value, &entity.place, problems);
        }
    }
    repeated(dataset, problems);
}

fn shapes(
    contracts: &Contracts<'_>,
    kind: &Kind,
    name: &str,
    value: &Value,
    place: &Place,
    problems: &mut Vec<Problem>,
) {
    for shape in &kind.shapes {
        let known = shape.split_once('/').filter(|(service, component)| {
            let service = contracts.published.services.get(*service);
            service
                .is_some_and(|service| service.openapi.pointer(&format!("/components/schemas/{component}")).is_some())
        });
        let Some((service, component)) = known else {
            let what = format!("{name} is to be a {shape}, which no contract has");
            problems.push(kind.place.problem("shape", what, "write service/Component of a published contract"));
            continue;
        };
        let schema = serde_json::json!({ "$ref": format!("#/components/schemas/{component}") });
        let Some(schemas) = contracts.http.get(service) else { continue };
        for issue in schemas.issues(&schema, value, false) {
            let what = format!("{name} is no {shape}: {issue}");
            problems.push(place.problem("shape", what, "correct the value, or the contract"));
        }
    }
}

/// Texts of entities that stand elsewhere too.
fn repeated(dataset: &Dataset, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<&str, (String, Place)> = BTreeMap::new();
    for (kind, key, entity) in dataset.entities.iter() {
        let mut texts = Vec::new();
        values(&entity.value, &format!("{kind}.{key}"), &mut texts);
        for (text, line, name) in texts {
            let place = Place { file: entity.place.file.clone(), line };
            match owners.get(text) {
                Some((owner, _)) => problems.push(repeats(&place, text, owner)),
                None => {
                    owners.insert(text, (name, place));
                }
            }
        }
    }
    let flows = dataset.flows().map(|(_, flow)| flow).chain(dataset.backgrounds.values());
    for step in flows.flat_map(|flow| &flow.steps) {
        for node in nodes(step) {
            let mut texts = Vec::new();
            values(node, "", &mut texts);
            for (text, line, _) in texts {
                if let Some((owner, _)) = owners.get(text) {
                    problems.push(repeats(&Place { file: step.place.file.clone(), line }, text, owner));
                }
            }
        }
    }
}

fn repeats(place: &Place, text: &str, owner: &str) -> Problem {
    place.problem("repeated", format!("{text:?} is the value of {owner}"), format!("write ${{{owner}}}"))
}

/// Everything of a step that holds values.
fn nodes(step: &Step) -> impl Iterator<Item = &Node> {
    fn of(fields: &[(Key, Node)]) -> impl Iterator<Item = &Node> {
        fields.iter().map(|(_, node)| node)
    }
    let body = match &step.send.body {
        Body::None => None,
        Body::Json(node) | Body::Form(node) | Body::Raw(node) => Some(node),
    };
    of(&step.send.path)
        .chain(of(&step.send.query))
        .chain(of(&step.send.headers))
        .chain(body)
        .chain(step.send.changes.iter().filter_map(|(_, node)| node.as_ref()))
        .chain(of(&step.expect.headers))
        .chain(&step.expect.body)
        .chain(step.emits.iter().filter_map(|emitted| emitted.data.as_ref()))
}

/// Every literal text that is long enough to be a value, with its line and its name.
fn values<'n>(node: &'n Node, name: &str, into: &mut Vec<(&'n str, usize, String)>) {
    match &node.content {
        Content::Scalar(Value::String(text)) if text.len() >= SHORTEST && !text.contains("${") && !is_word(text) => {
            into.push((text, node.line, name.to_owned()));
        }
        Content::Scalar(_) => {}
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                values(item, &format!("{name}.{index}"), into);
            }
        }
        Content::Map(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| !matches!(key.text.as_str(), "$type" | "$without")) {
                values(value, &format!("{name}.{}", key.text), into);
            }
        }
    }
}

/// `in_transit`: one of a few words that a contract knows, not somebody's value.
fn is_word(text: &str) -> bool {
    text.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_')
}
