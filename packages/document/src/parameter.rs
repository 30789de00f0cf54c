//! A parameter: how its value is written in a path, a query, a header or a cookie, read back and checked.

use std::sync::OnceLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::issue::{Issue, Part, escaped};
use crate::schema::Schema;
use crate::style::{Raw, Shape, brackets, place};
use crate::template::decoded;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the path
    Path,
    /// In the query
    Query,
    /// In a header field
    Header,
    /// In a cookie
    Cookie,
}

impl Location {
    pub(crate) fn part(self) -> Part {
        match self {
            Self::Path => Part::Path,
            Self::Query => Part::Query,
            Self::Header => Part::Header,
            Self::Cookie => Part::Cookie,
        }
    }
}

/// How a value of several parts is written (OpenAPI, Style Values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// `;color=blue,black`
    Matrix,
    /// `.blue,black`
    Label,
    /// `blue,black`
    Simple,
    /// `color=blue&color=black`
    Form,
    /// `color=blue%20black`
    SpaceDelimited,
    /// `color=blue|black`
    PipeDelimited,
    /// `color[R]=100&color[G]=200`
    DeepObject,
    /// A document of this media type
    Content,
}

impl Style {
    /// Whether values can be written so there.
    pub(crate) fn fits(self, location: Location) -> bool {
        match self {
            Self::Matrix | Self::Label => location == Location::Path,
            Self::Simple => matches!(location, Location::Path | Location::Header),
            Self::Form => matches!(location, Location::Query | Location::Cookie),
            Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject => location == Location::Query,
            Self::Content => true,
        }
    }
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Whether it must be there.
    pub required: bool,
    /// How its value is written.
    pub style: Style,
    /// Whether each part of the value is written for itself.
    pub explode: bool,
    /// Whether its value may be empty.
    pub allow_empty: bool,
    /// What its value must be.
    pub schema: Schema,
    /// Values that the document gives as examples.
    pub examples: Vec<(String, Value)>,
    /// Where it stands in the document.
    pub pointer: String,
    pub(crate) shape: OnceLock<Shape>,
}

/// What stands literally in a path or a query.
const LITERAL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Parameter {
    pub(crate) fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| Shape::of(self.schema.document(), self.schema.value()))
    }

    /// All that is wrong with it; `raw` is what was found.
    pub(crate) fn check(&self, raw: Option<Raw>) -> Vec<Issue> {
        let at = format!("/{}", escaped(&self.name));
        let part = self.location.part();
        let Some(raw) = raw else {
            let missing = || Issue::new(part, at.as_str(), "required", format!("`{}` is missing", self.name));
            return if self.required { vec![missing()] } else { Vec::new() };
        };
        if self.allow_empty && raw == Raw::Text(String::new()) {
            return Vec::new();
        }
        if self.style == Style::Content {
            let Raw::Text(text) = &raw else { return Vec::new() };
            return match serde_json::from_str(text) {
                Ok(value) => self.schema.check_in(&value, part, &at),
                Err(error) => vec![Issue::new(part, at, "syntax", format!("`{}` is not JSON: {error}", self.name))],
            };
        }
        let first = self.shape().value(&raw, false);
        if self.schema.accepts(&first) {
            return Vec::new();
        }
        let second = self.shape().value(&raw, true);
        if second != first && self.schema.accepts(&second) {
            return Vec::new();
        }
        self.schema.check_in(&first, part, &at)
    }

    /// What stands in a path for it.
    ///
    /// # Errors
    /// It is not written in the parameter's style.
    pub(crate) fn in_path(&self, text: &str) -> Result<Raw, Issue> {
        let (list, map) = (self.shape().is_list(), self.shape().is_map());
        let other = |begins: &str| {
            let message = format!("`{}` is not written in its style, in which it begins with `{begins}`", self.name);
            Issue::new(Part::Path, format!("/{}", escaped(&self.name)), "syntax", message)
        };
        match self.style {
            Style::Matrix => {
                let begins = || if self.explode && map { ";".to_owned() } else { format!(";{}=", self.name) };
                let found = text.strip_prefix(';').and_then(|text| self.matrix(text, list, map));
                found.ok_or_else(|| other(&begins()))
            }
            Style::Label => {
                let text = text.strip_prefix('.').ok_or_else(|| other("."))?;
                // OpenAPI 3.0.0 to 3.0.3 write `.blue.black` in both cases.
                let between = if self.explode || !text.contains(',') { '.' } else { ',' };
                Ok(self.parts(text, between, list, map))
            }
            _ => Ok(self.parts(text, ',', list, map)),
        }
    }

    fn matrix(&self, text: &str, list: bool, map: bool) -> Option<Raw> {
        let pairs = text.split(';').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let own = |(name, _): &(&str, &str)| decoded(name) == self.name.as_str();
        if self.explode && map {
            return Some(Raw::Map(pairs.map(|(name, value)| (decoded(name).into_owned(), leaf(value))).collect()));
        }
        let mut own = pairs.filter(own).map(|(_, value)| value).peekable();
        let first = *own.peek()?;
        Some(if self.explode && list {
            Raw::List(own.map(leaf).collect())
        } else {
            pieces(first, ',', false, list, map)
        })
    }

    fn parts(&self, text: &str, between: char, list: bool, map: bool) -> Raw {
        pieces(text, between, self.explode, list, map)
    }

    /// What a header field says.
    pub(crate) fn in_header(&self, text: &str) -> Raw {
        let (list, map) = (self.shape().is_list(), self.shape().is_map());
        if self.style == Style::Content || !list && !map {
            return Raw::Text(text.trim().to_owned());
        }
        let split = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        if list {
            return Raw::List(split(text).into_iter().map(Raw::Text).collect());
        }
        let all = split(text);
        let entries = if self.explode {
            let pair =
                |text: &String| text.split_once('=').map(|(key, value)| (key.to_owned(), Raw::Text(value.to_owned())));
            all.iter().filter_map(pair).collect()
        } else {
            all.chunks(2).filter_map(|pair| Some((pair.first()?.clone(), Raw::Text(pair.get(1)?.clone())))).collect()
        };
        Raw::Map(entries)
    }

    /// What a query says of it. `pairs` are decoded names with values as they were written; `others` are the names of the
    /// other parameters.
    pub(crate) fn in_query(&self, pairs: &[(String, &str)], others: &dyn Fn(&str) -> bool) -> Option<Raw> {
        let (list, map) = (self.shape().is_list(), self.shape().is_map());
        let mut own = pairs.iter().filter(|(name, _)| *name == self.name).map(|(_, value)| *value);
        let plain = |value: &str| Raw::Text(form_decoded(value));
        match self.style {
            Style::DeepObject => {
                let mut entries = Vec::new();
                for (name, value) in pairs {
                    if let [first, path @ ..] = brackets(name).as_slice()
                        && *first == self.name
                        && !path.is_empty()
                    {
                        place(&mut entries, path, plain(value));
                    }
                }
                (!entries.is_empty()).then_some(Raw::Map(entries))
            }
            Style::SpaceDelimited | Style::PipeDelimited => {
                let between = if self.style == Style::SpaceDelimited { ' ' } else { '|' };
                let all: Vec<String> = own.map(form_decoded).collect();
                let parts =
                    |text: &String| text.split(between).map(|part| Raw::Text(part.to_owned())).collect::<Vec<_>>();
                match all.as_slice() {
                    [] => None,
                    all if map => Some(paired(all.iter().flat_map(parts).collect())),
                    all => Some(Raw::List(all.iter().flat_map(parts).collect())),
                }
            }
            Style::Form if self.explode && map && !self.shape().is_scalar() => {
                let mine = |name: &str| {
                    self.shape().names().any(|known| known == name) || self.shape().is_open() && !others(name)
                };
                let mut entries = Vec::new();
                for (name, value) in pairs.iter().filter(|(name, _)| mine(name)) {
                    place(&mut entries, &[name], plain(value));
                }
                (!entries.is_empty()).then_some(Raw::Map(entries))
            }
            Style::Form if self.explode || self.style == Style::Content => {
                let mut all: Vec<Raw> = own.map(plain).collect();
                // Many write a list as `ids[]=1`, whatever the document says.
                if all.is_empty() && list {
                    let listed = pairs.iter().filter(|(name, _)| name.strip_suffix("[]") == Some(&self.name));
                    all.extend(listed.map(|(_, value)| plain(value)));
                }
                match all.len() {
                    0 => None,
                    1 => all.pop(),
                    _ => Some(Raw::List(all)),
                }
            }
            Style::Content => own.next().map(plain),
            _ => {
                let value = own.next()?;
                if !list && !map {
                    return Some(plain(value));
                }
                let spaced = value.replace('+', "%20");
                Some(pieces(&spaced, ',', false, list, map))
            }
        }
    }

    /// The value as it is written: a part of a path, pairs of a query (`a=1&a=2`), the value of a header field or of a
    /// cookie.
    #[must_use]
    pub fn encode(&self, value: &Value) -> String {
        let name = encoded(&self.name);
        if self.style == Style::Content {
            let text = value.to_string();
            return match self.location {
                Location::Query => format!("{name}={}", encoded(&text)),
                Location::Header => text,
                _ => encoded(&text),
            };
        }
        let literal = self.location == Location::Header;
        let write = |value: &Value| {
            let text = scalar(value);
            if literal { text } else { encoded(&text) }
        };
        let between = |separator: &str| match value {
            Value::Array(items) => items.iter().map(write).collect::<Vec<_>>().join(separator),
            Value::Object(map) => {
                let join = if self.explode { "=" } else { separator };
                let pair = |(key, value): (&String, &Value)| {
                    format!("{}{join}{}", if literal { key.clone() } else { encoded(key) }, write(value))
                };
                map.iter().map(pair).collect::<Vec<_>>().join(separator)
            }
            other => write(other),
        };
        match (self.style, value) {
            (Style::Matrix, Value::Array(items)) if self.explode => {
                items.iter().map(|item| format!(";{name}={}", write(item))).collect()
            }
            (Style::Matrix, Value::Object(_)) if self.explode => format!(";{}", between(";")),
            (Style::Matrix, _) => format!(";{name}={}", between(",")),
            (Style::Label, _) if self.explode => format!(".{}", between(".")),
            (Style::Label, _) => format!(".{}", between(",")),
            (Style::Simple, _) => between(","),
            (Style::SpaceDelimited, _) => format!("{name}={}", between("%20")),
            (Style::PipeDelimited, _) => format!("{name}={}", between("%7C")),
            (Style::DeepObject, Value::Object(_)) => {
                let mut pairs = Vec::new();
                deep(&name, value, &mut pairs);
                pairs.join("&")
            }
            (_, Value::Array(items)) if self.explode => {
                items.iter().map(|item| format!("{name}={}", write(item))).collect::<Vec<_>>().join("&")
            }
            (_, Value::Object(_)) if self.explode => between("&"),
            _ if self.location == Location::Cookie => format!("{}={}", self.name, between(",")),
            _ => format!("{name}={}", between(",")),
        }
    }
}

/// `a[b][c]=1`, for everything in a value.
pub(crate) fn deep(name: &str, value: &Value, pairs: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                deep(&format!("{name}[{}]", encoded(key)), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                deep(&format!("{name}[{index}]"), item, pairs);
            }
        }
        other => pairs.push(format!("{name}={}", encoded(&scalar(other)))),
    }
}

/// A value as a text without quotes.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, LITERAL).to_string()
}

/// Percent-decoded, `+` being a blank.
pub(crate) fn form_decoded(text: &str) -> String {
    if text.contains('+') { decoded(&text.replace('+', " ")).into_owned() } else { decoded(text).into_owned() }
}

fn leaf(text: &str) -> Raw {
    Raw::Text(decoded(text).into_owned())
}

fn pieces(text: &str, between: char, explode: bool, list: bool, map: bool) -> Raw {
    if map && explode {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(key).into_owned(), leaf(value))
        };
        return Raw::Map(text.split(between).map(pair).collect());
    }
    if map && text.contains(between) {
        return paired(text.split(between).map(leaf).collect());
    }
    if list { Raw::List(text.split(between).map(leaf).collect()) } else { leaf(text) }
}

/// `R,100,G,200`
fn paired(parts: Vec<Raw>) -> Raw {
    let mut entries = Vec::new();
    let mut parts = parts.into_iter();
    while let Some(Raw::Text(key)) = parts.next() {
        entries.push((key, parts.next().unwrap_or_else(|| Raw::Text(String::new()))));
    }
    Raw::Map(entries)
}
