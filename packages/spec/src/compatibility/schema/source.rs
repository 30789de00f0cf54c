//! One of the two documents, with what is asked of it again and again: where its references lead, and where what changed
//! is referred to.

use ahash::{HashMap, HashSet};
use serde_json::Value;

use crate::compatibility::report::Side;
use crate::compatibility::sides::escaped;
use document::Document;

/// A value of a document, told apart from every other.
pub type Address = usize;

pub fn address(value: &Value) -> Address {
    std::ptr::from_ref(value) as Address
}

/// A document as schemas are read in it.
pub struct Source<'a> {
    pub document: &'a Document,
    pub side: Side,
    /// What each of its references leads to.
    references: HashMap<&'a str, &'a Value>,
    /// The same by the schema that refers.
    targets: HashMap<Address, &'a Value>,
    /// The keywords of properties that go one way only, as far as they are used.
    pub one_way: Vec<&'static str>,
}

impl<'a> Source<'a> {
    pub fn of(document: &'a Document, side: Side) -> Self {
        let (references, targets) = (HashMap::default(), HashMap::default());
        let mut source = Self { document, side, references, targets, one_way: Vec::new() };
        source.read(document.root());
        source
    }

    fn read(&mut self, value: &'a Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.read(item)),
            Value::Object(map) => {
                for (key, inner) in map {
                    match inner {
                        Value::String(reference) if key == "$ref" => self.refer(value, reference),
                        Value::Bool(true) => {
                            let flag = ["readOnly", "writeOnly"].into_iter().find(|flag| flag == key);
                            self.one_way.extend(flag.filter(|flag| !self.one_way.contains(flag)));
                        }
                        Value::Array(_) | Value::Object(_) => self.read(inner),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn refer(&mut self, from: &'a Value, reference: &'a str) {
        let known = self.references.get(reference).copied();
        if let Some(target) = known.or_else(|| self.document.target(reference)) {
            self.references.insert(reference, target);
            self.targets.insert(address(from), target);
        }
    }

    /// What the reference in a schema of this document leads to.
    pub fn target(&self, schema: &Value) -> Option<&'a Value> {
        self.targets.get(&address(schema)).copied()
    }

    /// The JSON pointers of some of the document's values, found in one reading.
    pub fn pointers(&self, wanted: &HashSet<Address>) -> HashMap<Address, String> {
        let mut found = HashMap::default();
        if !wanted.is_empty() {
            find(self.document.root(), wanted, &mut Vec::new(), &mut found);
        }
        found
    }
}

/// One step into a document.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn find<'a>(
    value: &'a Value,
    wanted: &HashSet<Address>,
    path: &mut Vec<Step<'a>>,
    found: &mut HashMap<Address, String>,
) {
    if wanted.contains(&address(value)) {
        let parts = path.iter().map(|step| match step {
            Step::Key(key) => format!("/{}", escaped(key)),
            Step::Index(index) => format!("/{index}"),
        });
        found.insert(address(value), parts.collect());
    }
    let mut inside = |step: Step<'a>, inner: &'a Value| {
        path.push(step);
        find(inner, wanted, path, found);
        path.pop();
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| inside(Step::Index(index), item)),
        Value::Object(map) => map.iter().for_each(|(key, inner)| inside(Step::Key(key), inner)),
        _ => {}
    }
}

/// References that may lead to something else in the other document, and the values of both that hold such a reference.
pub struct Changed<'a> {
    references: HashSet<&'a str>,
    holders: HashSet<Address>,
}

impl<'a> Changed<'a> {
    pub fn between(old: &Source<'a>, new: &Source<'a>) -> Self {
        let mut users: HashMap<&str, Vec<&'a str>> = HashMap::default();
        let mut open = Vec::new();
        let added = new.references.keys().filter(|reference| !old.references.contains_key(*reference));
        for &reference in old.references.keys().chain(added) {
            let [was, is] = [old, new].map(|source| source.document.target(reference));
            let mut inside = HashSet::default();
            if was != is {
                open.push(reference);
                was.into_iter().for_each(|target| references(target, &mut inside));
            }
            is.into_iter().for_each(|target| references(target, &mut inside));
            for used in inside {
                users.entry(used).or_default().push(reference);
            }
        }
        let mut changed = Self { references: HashSet::default(), holders: HashSet::default() };
        while let Some(reference) = open.pop() {
            if changed.references.insert(reference) {
                open.extend(users.get(reference).into_iter().flatten());
            }
        }
        if !changed.references.is_empty() {
            for source in [old, new] {
                changed.hold(source.document.root());
            }
        }
        changed
    }

    /// Whether a reference leads to something else in the other document, or to what refers to such.
    pub fn has(&self, reference: &str) -> bool {
        self.references.contains(reference)
    }

    /// Whether such a reference stands in a value of either document.
    pub fn is_in(&self, value: &Value) -> bool {
        self.holders.contains(&address(value))
    }

    fn hold(&mut self, value: &'a Value) -> bool {
        let holds = match value {
            Value::Array(items) => items.iter().filter(|item| self.hold(item)).count() > 0,
            Value::Object(map) => map.iter().fold(false, |holds, (key, value)| match value {
                Value::String(reference) => holds || key == "$ref" && self.has(reference),
                value => self.hold(value) || holds,
            }),
            _ => false,
        };
        if holds {
            self.holders.insert(address(value));
        }
        holds
    }
}

fn references<'a>(value: &'a Value, all: &mut HashSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, all)),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        all.insert(reference);
                    }
                    value => references(value, all),
                }
            }
        }
        _ => {}
    }
}
