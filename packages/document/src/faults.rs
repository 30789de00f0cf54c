//! All that is wrong with what a document says, found in one pass before anything is made of it.
//!
//! Refused is what breaks the specification so that nobody knows what was meant. What documents of real APIs have wrong,
//! and of which enough is left to answer by, is a doubt: it is told and taken. What means the same anyway is neither; the
//! place of each rule says what.

mod asyncapi;
mod openapi;
mod paths;
mod schema;
mod words;

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::dialect;
use crate::document::{Document, Kind};
use crate::issue::shortened;
use crate::path::Path;
use crate::source::Place;
use words::named;

pub use openapi::METHODS;

/// How many faults are told; of more only the number.
const MOST_TOLD: usize = 200;

/// How long all that is told may become, with its pointers: names of a document may be as long as it is itself.
const LONGEST_TOLD: usize = 1024 * 1024;

/// One thing that is wrong with a document, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{place}: {why}")]
pub struct Fault {
    /// The document's name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// What is wrong, and the mend.
    pub why: String,
}

/// Why a document cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// In the order of their places.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub untold: usize,
}

impl fmt::Display for Unusable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [one] = self.faults.as_slice() {
            return one.fmt(out);
        }
        let name = self.faults.first().map_or("the document", |first| first.name.as_str());
        write!(out, "{name} has {} faults:", self.faults.len() + self.untold)?;
        self.faults.iter().try_for_each(|fault| write!(out, "\n{fault}"))?;
        if self.untold > 0 {
            write!(out, "\nand {} more, which are told when some of these are mended", self.untold)?;
        }
        Ok(())
    }
}

impl std::error::Error for Unusable {}

impl From<Fault> for Unusable {
    fn from(one: Fault) -> Self {
        Self { faults: vec![one], untold: 0 }
    }
}

/// Looks at everything in a document that means something, and gives what is doubtful about it.
///
/// # Errors
/// What is wrong with it.
pub fn check(document: &Document) -> Result<Vec<Fault>, Unusable> {
    let mut finder = Finder::new(document);
    finder.look_at_all();
    let refused = finder.refused;
    let told = finder.told();
    if refused { Err(told) } else { Ok(told.faults) }
}

/// Follows every reference of a document.
///
/// # Errors
/// Some lead nowhere; all that is wrong with it.
pub fn check_references(document: &Document) -> Result<(), Unusable> {
    let mut finder = Finder::new(document);
    dialect::check_references(document.root(), &mut |at, why| finder.tell(at, || why));
    if !finder.refused {
        return Ok(());
    }
    finder.look_at_all();
    Err(finder.told())
}

/// What a value is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Schema,
    PathItem,
    Callback,
    Parameter,
    Header,
    Body,
    Answer,
    SecurityScheme,
    Message,
    ChannelParameter,
}

struct Finder<'a> {
    document: &'a Document,
    /// A pointer, and what is wrong there.
    found: Vec<(String, String)>,
    /// Whether any of it is more than a doubt.
    refused: bool,
    /// How long all of that is.
    length: usize,
    untold: usize,
    /// The addresses of what was looked at: each is looked at once, however many refer to it.
    seen: HashSet<(usize, What)>,
    /// References that are still to be followed; they would lead deeper than a stack.
    left: Vec<(What, &'a str)>,
}

impl<'a> Finder<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            found: Vec::new(),
            refused: false,
            length: 0,
            untold: 0,
            seen: HashSet::new(),
            left: Vec::new(),
        }
    }

    fn look_at_all(&mut self) {
        match self.document.kind() {
            Kind::AsyncApi2 => asyncapi::document(self),
            Kind::OpenApi30 | Kind::OpenApi31 => openapi::document(self),
        }
        while let Some((what, reference)) = self.left.pop() {
            if let Some(target) = self.document.target(reference) {
                self.look(what, target, &Path::At(reference.trim_start_matches('#')));
            }
        }
    }

    fn told(self) -> Unusable {
        let pointers: Vec<&str> = self.found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let places = if pointers.is_empty() { Vec::new() } else { self.document.places(&pointers) };
        let name = self.document.name();
        let told = places.into_iter().zip(self.found);
        let mut faults: Vec<Fault> =
            told.map(|(place, (_, why))| Fault { name: name.to_owned(), place, why }).collect();
        faults.sort_by_key(|fault| fault.place);
        Unusable { faults, untold: self.untold }
    }

    fn tell(&mut self, at: &Path<'_>, why: impl FnOnce() -> String) {
        self.refused = true;
        self.doubt(at, why);
    }

    /// Tells what refuses nothing by itself.
    fn doubt(&mut self, at: &Path<'_>, why: impl FnOnce() -> String) {
        if self.found.len() >= MOST_TOLD || self.length >= LONGEST_TOLD {
            self.untold += 1;
            return;
        }
        let (pointer, why) = (at.pointer(), shortened(&why()));
        self.length += pointer.len() + why.len();
        self.found.push((pointer, why));
    }

    fn look(&mut self, what: What, value: &'a Value, at: &Path<'_>) {
        if !self.seen.insert((std::ptr::from_ref(value).addr(), what)) {
            return;
        }
        if let Some(Value::String(reference)) = value.get("$ref") {
            self.left.push((what, reference));
            // Beside a reference only these say something themselves.
            if !matches!(what, What::Schema | What::PathItem) {
                return;
            }
        }
        match what {
            What::Schema => schema::schema(self, value, at),
            What::PathItem => openapi::path_item(self, value, at),
            What::Callback => openapi::callback(self, value, at),
            What::Parameter => openapi::parameter(self, value, at),
            What::Header => openapi::header(self, value, at),
            What::Body => openapi::body(self, value, at),
            What::Answer => openapi::answer(self, value, at),
            What::SecurityScheme => openapi::security_scheme(self, value, at),
            What::Message => asyncapi::message(self, value, at),
            What::ChannelParameter => asyncapi::parameter(self, value, at),
        }
    }

    /// The object that must stand here. A key with nothing behind it says nothing.
    fn object(&mut self, value: &'a Value, at: &Path<'_>, what: fmt::Arguments<'_>) -> Option<&'a Map<String, Value>> {
        if !value.is_object() && !value.is_null() {
            self.tell(at, || format!("{what} is not an object but {}", named(value)));
        }
        value.as_object()
    }

    /// The list that must stand here.
    fn list(&mut self, value: &'a Value, at: &Path<'_>, what: fmt::Arguments<'_>) -> &'a [Value] {
        if !value.is_array() && !value.is_null() {
            self.tell(at, || format!("{what} is not a list but {}", named(value)));
        }
        value.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Looks at every member of the object under a key. Where a reference stands for all of them, as many write
    /// though OpenAPI does not know it, they are those it leads to.
    fn each(&mut self, what: What, map: &'a Map<String, Value>, key: &str, at: &Path<'_>) {
        let Some(value) = map.get(key) else { return };
        let at = Path::Key(at, key);
        let value = self.document.resolve(value).0;
        for (name, value) in self.object(value, &at, format_args!("`{key}`")).into_iter().flatten() {
            self.look(what, value, &Path::Key(&at, name));
        }
    }
}
