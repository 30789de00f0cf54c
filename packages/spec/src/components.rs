//! Schemas of many documents under one roof: each type once, under its own name, wherever it came from.
//!
//! The schema of a type is a document of its own, with the types it is built of under `$defs`. Two documents may mean
//! different things by one name: because a type reads differently than it is written (a field with a default need not
//! be sent, but is always answered), or because two types of a service are named alike. So the name of a definition is
//! decided when all documents are known: alike in everything they reach, they are one component; a type that only
//! requests use beside one that answers use becomes `…Input`; whatever else differs is numbered.

use std::collections::{BTreeMap, BTreeSet};

use ahash::RandomState;
use serde_json::{Map, Value, json};

use crate::halves::mapped;
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
pub(crate) struct Shelf<'a> {
    documents: Vec<Document<'a>>,
    variants: Vec<Variant<'a>>,
    /// Per name, what is meant by it, in the order of first sight.
    named: BTreeMap<String, Vec<usize>>,
    hashes: RandomState,
}

struct Document<'a> {
    root: Body<'a>,
    /// Its definitions by name, the root as [`ROOT`], and which variant each is.
    chosen: Vec<(&'a str, usize)>,
}

/// A schema where it stands: a whole document without what belongs to documents alone, or a definition.
#[derive(Clone, Copy)]
struct Body<'a> {
    schema: &'a Value,
    whole: bool,
}

struct Variant<'a> {
    reach: u64,
    body: Body<'a>,
    document: usize,
    answered: bool,
}

/// The name of a document's root among its definitions.
const ROOT: &str = "#";

impl<'a> Shelf<'a> {
    /// Takes a document in. Its root becomes a component under `name`, or under its own title; without either it is
    /// only there to be written in place.
    pub(crate) fn add(&mut self, document: &'a Value, side: Side, name: Option<&str>) -> Handle {
        self.shelve(document, side, name.or_else(|| document["title"].as_str()))
    }

    /// The same for a document whose root is written in place: its definitions become components, itself does not.
    pub(crate) fn add_inline(&mut self, document: &'a Value, side: Side) -> Handle {
        self.shelve(document, side, None)
    }

    fn shelve(&mut self, document: &'a Value, side: Side, root_name: Option<&str>) -> Handle {
        let root = Body { schema: document, whole: true };
        let defined = document["$defs"].as_object().into_iter().flatten();
        let mut definitions: Vec<(&str, Body<'a>)> =
            defined.map(|(name, schema)| (name.as_str(), Body { schema, whole: false })).collect();
        definitions.extend(root_name.map(|_| (ROOT, root)));
        definitions.sort_unstable_by_key(|(name, _)| *name);
        let reaches = reaches(&definitions, &self.hashes);
        let mut chosen = Vec::with_capacity(definitions.len());
        for ((name, body), reach) in definitions.into_iter().zip(reaches) {
            let public = pascal_case(root_name.filter(|_| name == ROOT).unwrap_or(name));
            let alike = self.named.entry(public).or_default();
            let known = alike.iter().copied().find(|known| self.variants[*known].reach == reach);
            let place = known.unwrap_or_else(|| {
                let document = self.documents.len();
                self.variants.push(Variant { reach, body, document, answered: false });
                alike.push(self.variants.len() - 1);
                self.variants.len() - 1
            });
            self.variants[place].answered |= side == Side::Answer;
            chosen.push((name, place));
        }
        self.documents.push(Document { root, chosen });
        Handle(self.documents.len() - 1)
    }

    /// Decides the names; none of `taken` is given to a schema.
    pub(crate) fn settle(self, taken: &BTreeSet<String>) -> Components<'a> {
        let mut used: BTreeSet<String> = taken.clone();
        used.extend(self.named.iter().filter(|(_, alike)| alike.len() == 1).map(|(name, _)| name.clone()));
        let mut names = vec![String::new(); self.variants.len()];
        for (name, alike) in &self.named {
            let answered = alike.iter().filter(|place| self.variants[**place].answered).count();
            for place in alike {
                let wanted = match (alike.len(), answered, self.variants[*place].answered) {
                    (1, _, _) if !taken.contains(name) => {
                        names[*place].clone_from(name);
                        continue;
                    }
                    (2, 1, false) => format!("{name}Input"),
                    _ => name.clone(),
                };
                names[*place] = unused(wanted, &mut used);
            }
        }
        Components { documents: self.documents, variants: self.variants, names }
    }
}

/// Documents whose names are decided.
pub(crate) struct Components<'a> {
    documents: Vec<Document<'a>>,
    variants: Vec<Variant<'a>>,
    /// By variant.
    names: Vec<String>,
}

impl Components<'_> {
    /// The components, by name.
    pub(crate) fn schemas(&self) -> Map<String, Value> {
        let variants = self.variants.iter().zip(&self.names).collect();
        let schema =
            |(variant, name): (&Variant<'_>, &String)| (name.clone(), self.pointed(variant.body, variant.document));
        mapped(variants, schema).into_iter().collect()
    }

    /// A document as a reference to its component, or in place when it has none.
    pub(crate) fn schema(&self, handle: Handle) -> Value {
        match self.component(handle.0, ROOT) {
            Some(name) => reference(name),
            None => self.inline(handle),
        }
    }

    /// A document in place.
    pub(crate) fn inline(&self, handle: Handle) -> Value {
        self.pointed(self.documents[handle.0].root, handle.0)
    }

    /// The name of the component that a definition of a document became.
    fn component(&self, document: usize, name: &str) -> Option<&str> {
        let (_, place) = self.documents[document].chosen.iter().find(|(known, _)| *known == name)?;
        Some(&self.names[*place])
    }

    /// A copy of a body of a document whose references mean components.
    fn pointed(&self, body: Body<'_>, document: usize) -> Value {
        match body.schema {
            Value::Object(fields) => fields
                .iter()
                .filter(|(name, _)| !(body.whole && is_of_document(name)))
                .map(|(name, field)| (name.clone(), self.field(name, field, document)))
                .collect(),
            Value::Array(items) => {
                items.iter().map(|schema| self.pointed(Body { schema, whole: false }, document)).collect()
            }
            plain => plain.clone(),
        }
    }

    fn field(&self, name: &str, field: &Value, document: usize) -> Value {
        let schema = |schema: &Value| self.pointed(Body { schema, whole: false }, document);
        match field {
            Value::String(target) if name == "$ref" => {
                match definition(target).and_then(|name| self.component(document, name)) {
                    Some(name) => reference_to(name).into(),
                    None => field.clone(),
                }
            }
            _ if is_data(name) => field.clone(),
            Value::Object(named) if names_schemas(name) => {
                named.iter().map(|(name, field)| (name.clone(), schema(field))).collect()
            }
            field => schema(field),
        }
    }
}

/// A reference to a component.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": reference_to(name) })
}

fn reference_to(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn unused(wanted: String, used: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{wanted}{number}"));
    let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !used.contains(name)).unwrap_or(wanted);
    used.insert(name.clone());
    name
}

/// What each definition is, with everything it reaches.
fn reaches(definitions: &[(&str, Body<'_>)], hashes: &RandomState) -> Vec<u64> {
    let own: Vec<u64> = definitions.iter().map(|(_, body)| body.hashed(hashes)).collect();
    let place = |name: &str| definitions.binary_search_by_key(&name, |(name, _)| *name).ok();
    let next: Vec<Vec<usize>> =
        definitions.iter().map(|(_, body)| body.references().into_iter().filter_map(place).collect()).collect();
    let reach = |from: usize| {
        let mut reached = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(place) = open.pop() {
            open.extend(next[place].iter().filter(|to| reached.insert(**to)));
        }
        // The definition itself goes first, under no name, so that the name of a root does not count.
        let others = reached.iter().filter(|other| **other != from).map(|other| (definitions[*other].0, own[*other]));
        hashes.hash_one((own[from], others.collect::<Vec<_>>()))
    };
    (0..definitions.len()).map(reach).collect()
}

impl<'a> Body<'a> {
    /// The same for bodies that are alike, in whatever order their keywords stand.
    fn hashed(self, hashes: &RandomState) -> u64 {
        match self.schema {
            Value::Object(fields) => fields
                .iter()
                .filter(|(name, _)| !(self.whole && is_of_document(name)))
                .fold(0, |sum: u64, keyword| sum.wrapping_add(hashes.hash_one(keyword))),
            plain => hashes.hash_one(plain),
        }
    }

    /// The names of the definitions that it refers to.
    fn references(self) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        match self.schema {
            Value::Object(fields) => fields
                .iter()
                .filter(|(name, _)| !(self.whole && is_of_document(name)))
                .for_each(|(name, field)| collect_field(name, field, &mut found)),
            other => collect(other, &mut found),
        }
        found
    }
}

fn collect<'a>(schema: &'a Value, found: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| collect_field(name, field, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn collect_field<'a>(name: &str, field: &'a Value, found: &mut BTreeSet<&'a str>) {
    match (name, field) {
        ("$ref", Value::String(target)) => found.extend(definition(target)),
        (name, _) if is_data(name) => {}
        (name, Value::Object(named)) if names_schemas(name) => {
            named.values().for_each(|field| collect(field, found));
        }
        (_, field) => collect(field, found),
    }
}

/// Keywords of a document as a whole: no component has them.
fn is_of_document(keyword: &str) -> bool {
    matches!(keyword, "$defs" | "$schema" | "title")
}

/// Keywords whose value is data and no schema.
fn is_data(keyword: &str) -> bool {
    matches!(keyword, "const" | "default" | "enum" | "example" | "examples")
}

/// Keywords whose value is an object of schemas, by names that are no keywords.
fn names_schemas(keyword: &str) -> bool {
    matches!(keyword, "properties" | "patternProperties" | "dependentSchemas")
}

/// The name of the definition that a reference within a document means.
fn definition(target: &str) -> Option<&str> {
    if target == ROOT { Some(ROOT) } else { target.strip_prefix("#/$defs/") }
}
