//! What is said in one media type: read from bytes into a value of JSON, and written back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

use crate::issue::{Issue, Part};
use crate::parameter::{deep, encoded, scalar};
use crate::schema::Schema;
use crate::style::{Raw, Shape, brackets, place};

mod multipart;
mod xml;

/// How a media type is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`, `application/problem+json` …
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data` …
    Multipart,
    /// `application/xml`, `image/svg+xml` …: its syntax is not looked at
    Xml,
    /// `text/plain` …
    Text,
    /// Anything else: bytes
    Binary,
}

impl MediaType {
    /// Of a media type as it is written in a header.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match &*essence(text) {
            "application/x-www-form-urlencoded" => Self::Form,
            other
                if other.ends_with("/json")
                    || other.ends_with("+json")
                    || other == "*/*"
                    || other == "application/*" =>
            {
                Self::Json
            }
            other if other.ends_with("/xml") || other.ends_with("+xml") => Self::Xml,
            other if other.starts_with("multipart/") => Self::Multipart,
            other if other.starts_with("text/") => Self::Text,
            _ => Self::Binary,
        }
    }
}

/// A media type without its parameters, in small letters.
#[must_use]
pub fn essence(text: &str) -> Cow<'_, str> {
    let name = text.split(';').next().unwrap_or_default().trim();
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

/// Whether a range (`text/*`) covers a media type.
pub(crate) fn covers(range: &str, name: &str) -> bool {
    range == name
        || range == "*/*"
        || range == "*"
        || range.strip_suffix("/*").is_some_and(|kind| name.split('/').next() == Some(kind))
}

/// A media type of a body or an answer.
#[derive(Debug)]
pub struct Media {
    /// The media type or range, as the document writes it.
    pub name: String,
    /// What is said in it.
    pub schema: Option<Schema>,
    /// Values that the document gives as examples, by name.
    pub examples: Vec<(String, Value)>,
    /// How parts of a form are written, by name.
    pub encoding: BTreeMap<String, Value>,
    /// Where it stands in the document.
    pub pointer: String,
    pub(crate) shape: OnceLock<Shape>,
}

impl Media {
    /// Without parameters, in small letters.
    #[must_use]
    pub fn essence(&self) -> Cow<'_, str> {
        essence(&self.name)
    }

    fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| match &self.schema {
            Some(schema) => Shape::of(schema.document(), schema.value()),
            None => Shape::default(),
        })
    }

    /// All that is wrong with a body of this media type; `given` is what the header says.
    #[must_use]
    pub fn check(&self, given: &str, body: &[u8]) -> Vec<Issue> {
        let json = self.kind(given) == MediaType::Json;
        if json && self.schema.as_ref().is_some_and(|schema| schema.accepts_text(body)) {
            return Vec::new();
        }
        match self.read(given, body) {
            Err(issue) => vec![*issue],
            Ok(Read::Value(value)) => self.schema.as_ref().map_or_else(Vec::new, |schema| schema.check(&value)),
            Ok(Read::Opaque) => Vec::new(),
            Ok(Read::Raw(raw)) => {
                let Some(schema) = &self.schema else { return Vec::new() };
                let first = self.shape().value(&raw, false);
                if schema.accepts(&first) || schema.accepts(&self.shape().value(&raw, true)) {
                    return Vec::new();
                }
                schema.check(&first)
            }
        }
    }

    /// The value that a body says, its types guessed from the schema where the media type has none.
    ///
    /// # Errors
    /// It is not what its media type says.
    pub fn value(&self, given: &str, body: &[u8]) -> Result<Option<Value>, Box<Issue>> {
        Ok(match self.read(given, body)? {
            Read::Value(value) => Some(value),
            Read::Raw(raw) => {
                let first = self.shape().value(&raw, false);
                let fits = self.schema.as_ref().is_none_or(|schema| schema.accepts(&first));
                Some(if fits { first } else { self.shape().value(&raw, true) })
            }
            Read::Opaque => None,
        })
    }

    fn kind(&self, given: &str) -> MediaType {
        MediaType::of(if given.is_empty() { &self.name } else { given })
    }

    fn read(&self, given: &str, body: &[u8]) -> Result<Read, Box<Issue>> {
        let wrong = |message: String| Box::new(Issue::new(Part::Body, "", "syntax", message));
        match self.kind(given) {
            MediaType::Json => match serde_json::from_slice(body) {
                Ok(value) => Ok(Read::Value(value)),
                Err(error) => Err(wrong(format!("the body is not JSON: {error}"))),
            },
            MediaType::Form => {
                let Ok(text) = std::str::from_utf8(body) else { return Err(wrong("the form is not text".to_owned())) };
                let mut entries = Vec::new();
                for (key, value) in form_urlencoded::parse(text.as_bytes()) {
                    self.part(&mut entries, &key, &value);
                }
                Ok(Read::Raw(Raw::Map(entries)))
            }
            MediaType::Multipart => {
                let parts = multipart::read(given, body).map_err(wrong)?;
                let mut entries = Vec::new();
                for part in parts {
                    let declared = self.encoding.get(&part.name).and_then(|encoding| encoding.get("contentType"));
                    let kind = part.content_type.as_deref().or_else(|| declared.and_then(Value::as_str));
                    let text = String::from_utf8_lossy(part.content);
                    let object =
                        self.shape().property(&part.name).is_some_and(|shape| !shape.is_scalar() && shape.is_map());
                    if kind.map_or(object, |kind| MediaType::of(kind) == MediaType::Json) {
                        let value = serde_json::from_slice(part.content)
                            .map_err(|error| wrong(format!("the part `{}` is not JSON: {error}", part.name)))?;
                        place(&mut entries, &[&part.name], Raw::Json(value));
                    } else {
                        self.part(&mut entries, &part.name, &text);
                    }
                }
                Ok(Read::Raw(Raw::Map(entries)))
            }
            MediaType::Text => match std::str::from_utf8(body) {
                Ok(text) if self.shape().is_scalar() => Ok(Read::Raw(Raw::Text(text.to_owned()))),
                Ok(_) => Ok(Read::Opaque),
                Err(_) => Err(wrong("the body is not text in UTF-8".to_owned())),
            },
            MediaType::Xml | MediaType::Binary => Ok(Read::Opaque),
        }
    }

    /// One part of a form.
    fn part(&self, entries: &mut Vec<(String, Raw)>, key: &str, value: &str) {
        let path = brackets(key);
        let name = path.first().copied().unwrap_or_default();
        let encoding = self.encoding.get(name);
        let style = encoding.and_then(|encoding| encoding.get("style")).and_then(Value::as_str).unwrap_or("form");
        let explode = encoding.and_then(|encoding| encoding.get("explode")).and_then(Value::as_bool);
        let between = match style {
            "spaceDelimited" => Some(' '),
            "pipeDelimited" => Some('|'),
            "form" if explode == Some(false) => Some(','),
            _ => None,
        };
        let list = self.shape().property(name).is_some_and(Shape::is_list);
        let raw = match between.filter(|_| list) {
            Some(between) => Raw::List(value.split(between).map(|part| Raw::Text(part.to_owned())).collect()),
            None => Raw::Text(value.to_owned()),
        };
        // A name with brackets of its own is one key, not a path.
        if self.shape().names().any(|known| known == key) {
            place(entries, &[key], raw)
        } else {
            place(entries, &path, raw)
        }
    }

    /// The media type that is sent: the document's, or the usual one of its range.
    #[must_use]
    pub fn sent(&self) -> String {
        match &*self.essence() {
            "*/*" | "*" | "application/*" => "application/json".to_owned(),
            "text/*" => "text/plain".to_owned(),
            "image/*" => "image/png".to_owned(),
            "multipart/form-data" => format!("multipart/form-data; boundary={}", multipart::BOUNDARY),
            other if other.contains('*') => "application/octet-stream".to_owned(),
            _ => self.name.clone(),
        }
    }

    /// A value as a body of this media type.
    #[must_use]
    pub fn write(&self, value: &Value) -> Bytes {
        match MediaType::of(&self.name) {
            MediaType::Json => Bytes::from(value.to_string()),
            MediaType::Form => {
                let mut pairs = Vec::new();
                // Nothing says null in a form; it is left out.
                for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                    let exploded =
                        value.as_array().filter(|items| !items.iter().any(|item| item.is_object() || item.is_array()));
                    match exploded {
                        Some(items) => {
                            pairs.extend(
                                items.iter().map(|item| format!("{}={}", encoded(key), encoded(&scalar(item)))),
                            );
                        }
                        None => deep(&encoded(key), value, &mut pairs),
                    }
                }
                Bytes::from(pairs.join("&"))
            }
            MediaType::Multipart => multipart::write(value),
            MediaType::Xml => match value {
                Value::String(text) => Bytes::from(text.clone()),
                _ => xml::write(self.schema.as_ref(), value),
            },
            MediaType::Text | MediaType::Binary => match value {
                Value::String(text) => Bytes::from(text.clone()),
                other => Bytes::from(other.to_string()),
            },
        }
    }

    /// What the document gives as the first example, or else a value of the schema.
    #[must_use]
    pub fn example(&self) -> Option<Value> {
        let accepted = |value: &&Value| self.schema.as_ref().is_none_or(|schema| schema.accepts(value));
        let stated = self.examples.iter().map(|(_, value)| value);
        let stated = if MediaType::of(&self.name) == MediaType::Json {
            stated.clone().find(accepted)
        } else {
            // Here an example is the text of the body.
            stated.clone().next()
        };
        stated.cloned().or_else(|| self.schema.as_ref()?.example())
    }
}

enum Read {
    Value(Value),
    /// Texts, whose types the schema says.
    Raw(Raw),
    /// Nothing a schema could be held against.
    Opaque,
}
