//! YAML as a tree that knows its lines: values as YAML 1.2 reads them, no anchors, no tags, no key twice.

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

use crate::problem::{Place, Problem};

/// A value and the line on which it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From 1.
    pub line: usize,
    /// What it is.
    pub content: Content,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Null, a truth value, a number or a text.
    Scalar(Value),
    /// In order.
    List(Vec<Node>),
    /// In order, each key once.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// From 1.
    pub line: usize,
}

/// Deeper than this nobody writes by hand.
const MAXIMUM_DEPTH: usize = 64;
/// Longer than this nobody reads.
const MAXIMUM_BYTES: usize = 4 << 20;

impl Node {
    /// Reads one document. A key that stands twice is a problem, and means what it says first.
    ///
    /// # Errors
    ///
    /// The first thing that is not YAML, or YAML of a kind that data does not need.
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let place = |line| Place { file: file.to_owned(), line };
        let problem = |line, what: String, mend: &str| place(line).problem("yaml", what, mend);
        if text.len() > MAXIMUM_BYTES {
            let what = format!("it has {} bytes", text.len());
            return Err(problem(0, what, "split it: a file of the dataset has at most 4 MiB"));
        }
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let marker = error.marker();
                let what = format!("column {}: {}", marker.col() + 1, error.info());
                problem(marker.line(), what, "correct the YAML there")
            })?;
            builder.take(event, &span).map_err(|(what, mend)| problem(span.start.line(), what, mend))?;
        }
        problems.extend(builder.twice.iter().map(|Twice { key, first }| {
            let what = format!("{} stands twice, first in line {first}", key.text);
            place(key.line).problem("twice", what, "keep one of the two")
        }));
        builder.done.ok_or_else(|| problem(1, "it is empty".into(), "write a mapping, or delete the file"))
    }

    /// A node that a JSON value makes, all of it on this line.
    pub fn of(value: Value, line: usize) -> Self {
        let content = match value {
            Value::Array(items) => Content::List(items.into_iter().map(|item| Self::of(item, line)).collect()),
            Value::Object(fields) => Content::Map(
                fields.into_iter().map(|(text, value)| (Key { text, line }, Self::of(value, line))).collect(),
            ),
            scalar => Content::Scalar(scalar),
        };
        Self { line, content }
    }

    /// The node as JSON, references unresolved.
    pub fn json(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::json).collect(),
            Content::Map(fields) => {
                fields.iter().map(|(key, value)| (key.text.clone(), value.json())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.content {
            Content::Map(fields) => fields.iter().find(|(known, _)| known.text == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A scalar that is a text.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Its fields, if it is a mapping.
    pub fn fields(&self) -> Option<&[(Key, Self)]> {
        match &self.content {
            Content::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Value::Null) => "nothing",
            Content::Scalar(Value::Bool(_)) => "a truth value",
            Content::Scalar(Value::Number(_)) => "a number",
            Content::Scalar(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }
}

type Refused = (String, &'static str);

/// Collections that are not closed yet, and the document when it is.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    twice: Vec<Twice>,
    done: Option<Node>,
}

/// A key, and the line where it stood first.
struct Twice {
    key: Key,
    first: usize,
}

struct Open {
    line: usize,
    content: Content,
    key: Option<Key>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Refused> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.scalar(text.into_owned(), style, line)
            }
            Event::SequenceStart(_, anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.open(Content::List(Vec::new()), line)
            }
            Event::MappingStart(_, anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.open(Content::Map(Vec::new()), line)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { line, content, .. }) => self.value(Node { line, content }),
                None => Ok(()),
            },
            Event::Alias(_) => plain(1, false),
            Event::DocumentStart(..) if self.done.is_some() => {
                Err(("a second document begins".into(), "write it to a file of its own"))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, content: Content, line: usize) -> Result<(), Refused> {
        if self.open.len() >= MAXIMUM_DEPTH {
            return Err((format!("it is nested more than {MAXIMUM_DEPTH} deep"), "flatten it"));
        }
        if let Some(Open { content: Content::Map(_), key: None, .. }) = self.open.last() {
            return Err(("a key is a collection".into(), "write a text as key"));
        }
        self.open.push(Open { line, content, key: None });
        Ok(())
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, line: usize) -> Result<(), Refused> {
        if let Some(Open { content: Content::Map(_), key: key @ None, .. }) = self.open.last_mut() {
            *key = Some(Key { text, line });
            return Ok(());
        }
        let value = if style == ScalarStyle::Plain { resolved(text) } else { Value::String(text) };
        self.value(Node { line, content: Content::Scalar(value) })
    }

    fn value(&mut self, node: Node) -> Result<(), Refused> {
        match self.open.last_mut() {
            None => self.done = Some(node),
            Some(Open { content: Content::List(items), .. }) => items.push(node),
            Some(Open { content: Content::Map(fields), key, .. }) => {
                if let Some(key) = key.take() {
                    match fields.iter().find(|(known, _)| known.text == key.text).map(|(known, _)| known.line) {
                        Some(first) => self.twice.push(Twice { key, first }),
                        None => fields.push((key, node)),
                    }
                }
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn plain(anchor: usize, tagged: bool) -> Result<(), Refused> {
    match (anchor, tagged) {
        (0, false) => Ok(()),
        _ => Err(("anchors, aliases and tags are not read".into(), "refer to a value with ${…}")),
    }
}

/// What an unquoted scalar is, by the core schema of YAML 1.2.
fn resolved(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let numeric = text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    if numeric && let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    let number = text.parse::<f64>().ok().filter(|_| numeric).and_then(Number::from_f64);
    number.map_or(Value::String(text), Value::Number)
}
