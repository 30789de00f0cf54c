//! A document as it is used: read from hostile bytes, recognised, its schemas in one dialect, its references local.

use std::fmt;

use serde_json::Value;

use crate::anchors;
use crate::dialect;
use crate::faults::{self, Fault, Unusable};
use crate::source::{self, Place};
use crate::stack;

/// The longest document that is read, in bytes.
pub const LONGEST_DOCUMENT: usize = 32 * 1024 * 1024;

/// What a document says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAPI 3.0: schemas in its own dialect
    OpenApi30,
    /// OpenAPI 3.1: JSON Schema 2020-12
    OpenApi31,
    /// AsyncAPI 2.x: JSON Schema draft 7 and a little more
    AsyncApi2,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
            Self::AsyncApi2 => "AsyncAPI 2",
        })
    }
}

/// An OpenAPI or AsyncAPI document whose references all lead to something in it.
#[derive(Debug)]
pub struct Document {
    name: String,
    kind: Kind,
    text: String,
    root: Value,
}

impl Document {
    /// Reads JSON or YAML.
    ///
    /// # Errors
    /// What is neither, is longer than [`LONGEST_DOCUMENT`], too deep, or expands without end; another kind or version
    /// of document; references to other documents, to nothing, or to themselves, and then all that is wrong beside them.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, Unusable> {
        stack::deep(|| Self::read(bytes, name))
    }

    fn read(bytes: &[u8], name: &str) -> Result<Self, Unusable> {
        let unusable = |place: Place, why: String| Unusable::from(Fault { name: name.to_owned(), place, why });
        if bytes.len() > LONGEST_DOCUMENT {
            let (length, most) = (bytes.len(), LONGEST_DOCUMENT);
            let why = format!("it has {length} bytes; a document may have {most}. Split it by service");
            return Err(unusable(Place::START, why));
        }
        let (text, mut root) = source::read(bytes).map_err(|(place, why)| unusable(place, why))?;
        let at = |pointer: &str, why: String| unusable(source::find(&text, pointer), why);
        let kind = recognise(&root).map_err(|(pointer, why)| at(pointer, why))?;
        dialect::translate(&mut root, kind);
        anchors::resolve(&mut root, &text);
        let document = Self { name: name.to_owned(), kind, text, root };
        faults::check_references(&document)?;
        Ok(document)
    }

    /// As it was given to [`Document::parse`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its content, with schemas in JSON Schema 2020-12.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Where JSON pointers lead in its text: each to its key, or to the nearest one above that stands there.
    #[must_use]
    pub fn places(&self, pointers: &[&str]) -> Vec<Place> {
        source::find_all(&self.text, pointers)
    }

    /// Patterns that cannot be read, so that nothing is held against them; all else is.
    #[must_use]
    pub fn unread_patterns(&self) -> Vec<Fault> {
        let found = stack::deep(|| dialect::unread_patterns(&self.root));
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let places = if pointers.is_empty() { Vec::new() } else { self.places(&pointers) };
        let told =
            |(place, (_, why)): (Place, &(String, String))| Fault { name: self.name.clone(), place, why: why.clone() };
        places.into_iter().zip(&found).map(told).collect()
    }

    /// What a local reference (`#/components/…`) leads to, one step.
    #[must_use]
    pub fn target(&self, reference: &str) -> Option<&Value> {
        dialect::lookup(&self.root, reference)
    }

    /// What stands here, or what the reference here leads to in the end, with its JSON pointer if one was followed.
    #[must_use]
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> (&'a Value, Option<&'a str>) {
        let mut followed = None;
        // Circles were refused when the document was read; the bound keeps this true whatever happens there.
        for _ in 0..dialect::LONGEST_CHAIN {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { break };
            let Some(target) = self.target(reference) else { break };
            (value, followed) = (target, reference.strip_prefix('#'));
        }
        (value, followed)
    }
}

fn recognise(root: &Value) -> Result<Kind, (&'static str, String)> {
    let version = |key: &str| root.get(key).map(|version| version.as_str().map_or(version.to_string(), str::to_owned));
    if !root.is_object() {
        return Err(("", "it is no OpenAPI or AsyncAPI document: the top is not an object".to_owned()));
    }
    if let Some(version) = version("swagger") {
        let mend = "Convert it to OpenAPI 3.0 or 3.1 first";
        return Err(("/swagger", format!("Swagger {version} cannot be read. {mend}")));
    }
    if let Some(version) = version("openapi") {
        let needs = if version.starts_with("3.0.") || version == "3.0" {
            Kind::OpenApi30
        } else if version.starts_with("3.1.") || version == "3.1" {
            Kind::OpenApi31
        } else {
            return Err(("/openapi", format!("OpenAPI {version} cannot be read; 3.0 and 3.1 can")));
        };
        return match root.get("paths") {
            Some(Value::Object(_)) => Ok(needs),
            None if needs == Kind::OpenApi31 => Ok(needs),
            None => Err(("", "it has no `paths`".to_owned())),
            Some(_) => Err(("/paths", "`paths` is not an object".to_owned())),
        };
    }
    if let Some(version) = version("asyncapi") {
        if !version.starts_with("2.") {
            return Err(("/asyncapi", format!("AsyncAPI {version} cannot be read; 2.0 to 2.6 can")));
        }
        return match root.get("channels") {
            Some(Value::Object(_)) => Ok(Kind::AsyncApi2),
            None => Err(("", "it has no `channels`".to_owned())),
            Some(_) => Err(("/channels", "`channels` is not an object".to_owned())),
        };
    }
    Err(("", "it is no OpenAPI or AsyncAPI document: neither `openapi` nor `asyncapi` stands at its top".to_owned()))
}
