//! Schemas of many documents under one roof: each type once, under its own name, wherever it came from.
//!
//! The schema of a type is a document of its own, with the types it is built of under `$defs`. Two documents may mean
//! different things by one name: because a type reads differently than it is written (a field with a default need not
//! be sent, but is always answered), or because two types of a service are named alike. So the name of a definition is
//! decided when all documents are known: alike in everything they reach, they are one component; a type that only
//! requests use beside one that answers use becomes `…Input`; whatever else differs is numbered.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use crate::names::pascal_case;

/// Where a schema is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// It is read: requests, messages.
    Request,
    /// It is written: answers.
    Answer,
}

/// A document that was taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handle(usize);

/// Collects documents.
#[derive(Default)]
pub(crate) struct Shelf {
    documents: Vec<Document>,
    /// Per name, what is meant by it, in the order of first sight.
    variants: BTreeMap<String, Vec<Variant>>,
}

struct Document {
    root: Value,
    /// Per definition, its variant; the root's under `#`.
    chosen: BTreeMap<String, (String, usize)>,
}

struct Variant {
    reach: u64,
    body: Value,
    document: usize,
    requested: bool,
    answered: bool,
}

/// The key of a document's root among its definitions.
const ROOT: &str = "#";

impl Shelf {
    /// Takes a document in. Its root becomes a component under `name`, or under its own title; without either it is
    /// only there to be written in place.
    pub(crate) fn add(&mut self, document: &Value, side: Side, name: Option<&str>) -> Handle {
        let index = self.documents.len();
        let mut root = document.clone();
        let mut definitions = BTreeMap::new();
        if let Some(fields) = root.as_object_mut() {
            fields.remove("$schema");
            let title = fields.remove("title");
            if let Some(Value::Object(defined)) = fields.remove("$defs") {
                definitions.extend(defined);
            }
            if let Some(name) = name.map(str::to_owned).or_else(|| title?.as_str().map(str::to_owned)) {
                definitions.insert(ROOT.to_owned(), root.clone());
                return self.shelve(index, root, definitions, &name, side);
            }
        }
        self.shelve(index, root, definitions, "", side)
    }

    /// The same for a document whose root is written in place: its definitions become components, itself does not.
    pub(crate) fn add_inline(&mut self, document: &Value, side: Side) -> Handle {
        let mut document = document.clone();
        if let Some(fields) = document.as_object_mut() {
            fields.remove("title");
        }
        self.add(&document, side, None)
    }

    fn shelve(
        &mut self,
        index: usize,
        root: Value,
        definitions: BTreeMap<String, Value>,
        root_name: &str,
        side: Side,
    ) -> Handle {
        let mut chosen = BTreeMap::new();
        let texts: BTreeMap<&str, (u64, BTreeSet<String>)> = definitions
            .iter()
            .map(|(name, body)| (name.as_str(), (hashed(&body.to_string()), references(body))))
            .collect();
        for (name, body) in &definitions {
            let reach = reach(name, &texts);
            let public = pascal_case(if name == ROOT { root_name } else { name });
            let variants = self.variants.entry(public.clone()).or_default();
            let place = variants.iter().position(|known| known.reach == reach).unwrap_or_else(|| {
                let (requested, answered) = (false, false);
                variants.push(Variant { reach, body: body.clone(), document: index, requested, answered });
                variants.len() - 1
            });
            if let Some(variant) = variants.get_mut(place) {
                variant.requested |= side == Side::Request;
                variant.answered |= side == Side::Answer;
            }
            chosen.insert(name.clone(), (public, place));
        }
        self.documents.push(Document { root, chosen });
        Handle(index)
    }

    /// Decides the names; none of `taken` is given to a schema.
    pub(crate) fn settle(self, taken: &BTreeSet<String>) -> Components {
        let mut used: BTreeSet<String> = taken.clone();
        used.extend(self.variants.iter().filter(|(_, variants)| variants.len() == 1).map(|(name, _)| name.clone()));
        let mut names: BTreeMap<(String, usize), String> = BTreeMap::new();
        for (name, variants) in &self.variants {
            let answered = variants.iter().filter(|variant| variant.answered).count();
            for (place, variant) in variants.iter().enumerate() {
                let wanted = match (variants.len(), answered, variant.answered) {
                    (1, _, _) if !taken.contains(name) => {
                        names.insert((name.clone(), place), name.clone());
                        continue;
                    }
                    (2, 1, false) => format!("{name}Input"),
                    _ => name.clone(),
                };
                names.insert((name.clone(), place), unused(wanted, &mut used));
            }
        }
        let mut schemas = Map::new();
        for (name, variants) in &self.variants {
            for (place, variant) in variants.iter().enumerate() {
                let document = &self.documents[variant.document];
                let mut body = variant.body.clone();
                point(&mut body, &document.chosen, &names);
                if let Some(public) = names.get(&(name.clone(), place)) {
                    schemas.insert(public.clone(), body);
                }
            }
        }
        Components { documents: self.documents, names, schemas }
    }
}

/// Documents whose names are decided.
pub(crate) struct Components {
    documents: Vec<Document>,
    names: BTreeMap<(String, usize), String>,
    /// The components, by name.
    pub(crate) schemas: Map<String, Value>,
}

impl Components {
    /// A document as a reference to its component, or in place when it has none.
    pub(crate) fn schema(&self, handle: Handle) -> Value {
        let document = &self.documents[handle.0];
        match document.chosen.get(ROOT).and_then(|chosen| self.names.get(chosen)) {
            Some(name) => reference(name),
            None => self.inline(handle),
        }
    }

    /// A document in place.
    pub(crate) fn inline(&self, handle: Handle) -> Value {
        let document = &self.documents[handle.0];
        let mut root = document.root.clone();
        point(&mut root, &document.chosen, &self.names);
        root
    }
}

/// A reference to a component.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn unused(wanted: String, used: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{wanted}{number}"));
    let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !used.contains(name)).unwrap_or(wanted);
    used.insert(name.clone());
    name
}

/// What a definition is, with everything it reaches.
fn reach(name: &str, texts: &BTreeMap<&str, (u64, BTreeSet<String>)>) -> u64 {
    let mut reached = BTreeSet::from([name.to_owned()]);
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop() {
        for to in texts.get(name.as_str()).map(|(_, references)| references).into_iter().flatten() {
            if reached.insert(to.clone()) {
                next.push(to.clone());
            }
        }
    }
    // The definition itself goes first, under no name, so that the name of a root does not count.
    let own = texts.get(name).map(|(text, _)| *text);
    let others =
        reached.iter().filter(|other| *other != name).map(|other| (other, texts.get(other.as_str()).map(|t| t.0)));
    let mut hasher = DefaultHasher::new();
    own.hash(&mut hasher);
    others.for_each(|other| other.hash(&mut hasher));
    hasher.finish()
}

fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The definitions that a schema refers to.
fn references(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut schema = schema.clone();
    visit(&mut schema, &mut |target| {
        found.extend(definition(target).map(str::to_owned));
        None
    });
    found
}

/// Points the references of a schema to the components that its definitions became.
fn point(schema: &mut Value, chosen: &BTreeMap<String, (String, usize)>, names: &BTreeMap<(String, usize), String>) {
    visit(schema, &mut |target| {
        let name = names.get(chosen.get(definition(target)?)?)?;
        Some(format!("#/components/schemas/{name}"))
    });
}

/// The name of the definition that a reference within a document means.
fn definition(target: &str) -> Option<&str> {
    if target == ROOT { Some(ROOT) } else { target.strip_prefix("#/$defs/") }
}

/// Shows every `$ref` of a schema to `change`, which may give another. What is data in a schema is passed over.
pub(crate) fn visit(schema: &mut Value, change: &mut dyn FnMut(&str) -> Option<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match (name.as_str(), field) {
                    ("$ref", Value::String(target)) => {
                        if let Some(other) = change(target) {
                            *target = other;
                        }
                    }
                    ("const" | "default" | "enum" | "example" | "examples", _) => {}
                    ("properties" | "patternProperties" | "dependentSchemas", Value::Object(named)) => {
                        named.iter_mut().for_each(|(_, field)| visit(field, change));
                    }
                    (_, field) => visit(field, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, change)),
        _ => {}
    }
}
