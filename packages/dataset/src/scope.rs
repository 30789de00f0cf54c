//! What references mean at one moment of a run: entities, what was saved, the run's own values and its clock.

use serde_json::{Map, Value};

use crate::entity::Entities;
use crate::expression::{Expression, Part, parts};
use crate::function;
use crate::yaml::{Content, Node};

/// What the runner of a flow gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Makes the names of a run its own: lower-case letters and digits. `${run}`
    pub run: String,
    /// Where it runs: `mock`, `dev` or `main`. `${enver}`
    pub enver: String,
    /// The log-in of the platform's administrator. `${platform.email}`, `${platform.password}`
    pub platform: Option<LogIn>,
}

/// How somebody logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// What cannot be resolved, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The line of the text with the reference.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// What references mean now.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `${vehicles.tata_407.registration}`
    pub entities: &'a Entities,
    /// `${saved.bookingId}`
    pub saved: &'a Map<String, Value>,
    /// `${run}`, `${enver}`, `${platform.email}`
    pub setting: &'a Setting,
    /// `${now}`: when the flow began, in milliseconds since 1970.
    pub began: i64,
    /// The present, in milliseconds since 1970: for one-time passwords.
    pub now: i64,
}

/// A chain of references longer than this is a circle.
const MAXIMUM_DEPTH: usize = 32;

impl Scope<'_> {
    /// A node with its references resolved. `{ $from: X, … }` is X with these fields instead of its own, and
    /// `$without: […]` names fields of X that are left out.
    ///
    /// # Errors
    ///
    /// The first reference that means nothing.
    pub fn value(&self, node: &Node) -> Result<Value, Unresolved> {
        self.value_at(node, 0)
    }

    /// A text with its references resolved, as text.
    ///
    /// # Errors
    ///
    /// The first reference that means nothing.
    pub fn text(&self, node: &Node) -> Result<String, Unresolved> {
        self.value(node).map(|value| plain(&value))
    }

    /// A text with its references resolved, for people: what means nothing stays as it stands.
    pub fn sentence(&self, text: &str) -> String {
        self.resolve(text, 0, 0).map_or_else(|_| text.to_owned(), |value| plain(&value))
    }

    fn value_at(&self, node: &Node, depth: usize) -> Result<Value, Unresolved> {
        match &node.content {
            Content::Scalar(Value::String(text)) => self.resolve(text, node.line, depth),
            Content::Scalar(value) => Ok(value.clone()),
            Content::List(items) => items.iter().map(|item| self.value_at(item, depth)).collect(),
            Content::Map(fields) => {
                let mut object = match node.get("$from") {
                    Some(from) => match self.value_at(from, depth)? {
                        Value::Object(object) => object,
                        _ => return unresolved(from.line, "$from names no mapping"),
                    },
                    None => Map::new(),
                };
                for (key, value) in fields {
                    match key.text.as_str() {
                        "$from" => {}
                        "$without" => {
                            let left_out = self.value_at(value, depth)?;
                            for name in left_out.as_array().into_iter().flatten().filter_map(Value::as_str) {
                                object.remove(name);
                            }
                        }
                        name => {
                            object.insert(name.to_owned(), self.value_at(value, depth)?);
                        }
                    }
                }
                Ok(object.into())
            }
        }
    }

    fn resolve(&self, text: &str, line: usize, depth: usize) -> Result<Value, Unresolved> {
        if !text.contains("${") {
            return Ok(text.into());
        }
        if depth > MAXIMUM_DEPTH {
            return unresolved(line, format!("{text} comes back to itself"));
        }
        let parts = parts(text).map_err(|what| Unresolved { line, what })?;
        if let [Part::Reference(expression)] = parts.as_slice() {
            return self.expression(expression, line, depth);
        }
        let mut whole = String::new();
        for part in &parts {
            match part {
                Part::Text(text) => whole.push_str(text),
                Part::Reference(expression) => whole.push_str(&plain(&self.expression(expression, line, depth)?)),
            }
        }
        Ok(whole.into())
    }

    fn expression(&self, expression: &Expression, line: usize, depth: usize) -> Result<Value, Unresolved> {
        match expression {
            Expression::Literal(value) => Ok(value.clone()),
            Expression::Now(offset) => Ok(rfc3339(self.began.div_euclid(1000).saturating_add(*offset)).into()),
            Expression::Call(name, arguments) => {
                let arguments: Result<Vec<Value>, _> =
                    arguments.iter().map(|argument| self.expression(argument, line, depth)).collect();
                function::call(name, &arguments?, self.now).map_err(|what| Unresolved { line, what })
            }
            Expression::Path(path) => self.path(path, line, depth),
        }
    }

    fn path(&self, path: &[String], line: usize, depth: usize) -> Result<Value, Unresolved> {
        let whole = || format!("${{{}}}", path.join("."));
        let [root, rest @ ..] = path else { return unresolved(line, "a reference is empty") };
        match (root.as_str(), rest) {
            ("run", []) => Ok(self.setting.run.clone().into()),
            ("enver", []) => Ok(self.setting.enver.clone().into()),
            ("saved", rest) => {
                // A name may hold dots: `tokens.shipper`.
                let name = rest.join(".");
                let known = self.saved.get(&name).cloned();
                known.ok_or_else(|| Unresolved { line, what: format!("{} was not saved by a step before", whole()) })
            }
            ("platform", [field]) => match (&self.setting.platform, field.as_str()) {
                (Some(log_in), "email") => Ok(log_in.email.clone().into()),
                (Some(log_in), "password") => Ok(log_in.password.clone().into()),
                (None, "email" | "password") => {
                    unresolved(line, format!("{} is not known: the runner was given no administrator", whole()))
                }
                _ => unresolved(line, format!("{} is nothing: the platform has an email and a password", whole())),
            },
            (kind, [key, fields @ ..]) => {
                let found = self.entities.get(kind, key);
                let item = found.map_err(|what| Unresolved { line, what: format!("{}: {what}", whole()) })?;
                self.walk(&item.value, fields, depth + 1).map_err(|why| match why.line {
                    0 => Unresolved { line, what: format!("{}: {}", whole(), why.what) },
                    _ => why,
                })
            }
            _ => unresolved(line, format!("{} names no value: write kind.key.field", whole())),
        }
    }

    /// Goes down a node, and on in the value it resolves to.
    fn walk(&self, node: &Node, fields: &[String], depth: usize) -> Result<Value, Unresolved> {
        let mut node = node;
        for (index, field) in fields.iter().enumerate() {
            let next = match &node.content {
                Content::Map(_) => node.get(field),
                Content::List(items) => field.parse::<usize>().ok().and_then(|index| items.get(index)),
                Content::Scalar(_) => None,
            };
            let Some(next) = next else {
                let value = self.value_at(node, depth)?;
                let pointer: String = fields.iter().skip(index).map(|field| format!("/{field}")).collect();
                return value.pointer(&pointer).cloned().ok_or_else(|| {
                    let known: Vec<&str> =
                        node.fields().into_iter().flatten().map(|(key, _)| key.text.as_str()).collect();
                    Unresolved { line: 0, what: format!("there is no {field}; there is {}", known.join(", ")) }
                });
            };
            node = next;
        }
        self.value_at(node, depth)
    }
}

/// A value inside a text.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time in UTC, to the second.
pub fn rfc3339(unix_seconds: i64) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(unix_seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    time.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

fn unresolved<T>(line: usize, what: impl Into<String>) -> Result<T, Unresolved> {
    Err(Unresolved { line, what: what.into() })
}
