//! What a text of the dataset refers to, as far as that is known before a run: entities are replaced by what they are,
//! what a run brings stays.

use dataset::expression::{self, Expression, Part};
use dataset::{Content, Entities, Node};
use serde_json::{Map, Value};

/// A value with places that a run fills.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Known.
    Value(Value),
    /// Known in a run.
    Dynamic(Dynamic),
    /// A text with such places.
    Text(Vec<Piece>),
    /// In order.
    List(Vec<Term>),
    /// In order.
    Object(Vec<(String, Term)>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// As it stands.
    Plain(String),
    /// Known in a run.
    Dynamic(Dynamic),
}

/// What a run brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Dynamic {
    /// `${run}`
    Run,
    /// `${enver}`
    Enver,
    /// `${platform.email}`: the field.
    Platform(String),
    /// `${saved.bookingId}`: the name.
    Saved(String),
    /// A text that has to be computed, as it stands in the dataset: `${now+3d}`.
    Computed(String),
}

/// A chain of references longer than this is a circle.
const MAXIMUM_DEPTH: usize = 32;

/// A node with its entities replaced.
///
/// # Errors
///
/// A reference that means nothing.
pub fn term(node: &Node, entities: &Entities) -> Result<Term, String> {
    node_at(node, entities, 0)
}

fn node_at(node: &Node, entities: &Entities, depth: usize) -> Result<Term, String> {
    if depth > MAXIMUM_DEPTH {
        return Err("a reference comes back to itself".to_owned());
    }
    match &node.content {
        Content::Scalar(Value::String(text)) => text_at(text, entities, depth),
        Content::Scalar(value) => Ok(Term::Value(value.clone())),
        Content::List(items) => {
            let items: Vec<Term> = items.iter().map(|item| node_at(item, entities, depth)).collect::<Result<_, _>>()?;
            Ok(list(items))
        }
        Content::Map(fields) => {
            let mut object: Vec<(String, Term)> = match node.get("$from") {
                Some(from) => fields_of(node_at(from, entities, depth)?)?,
                None => Vec::new(),
            };
            for (key, value) in fields {
                match key.text.as_str() {
                    "$from" => {}
                    "$without" => {
                        let left_out = value.json();
                        let left_out: Vec<&str> =
                            left_out.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                        object.retain(|(name, _)| !left_out.contains(&name.as_str()));
                    }
                    name => {
                        let value = node_at(value, entities, depth)?;
                        object.retain(|(known, _)| known != name);
                        object.push((name.to_owned(), value));
                    }
                }
            }
            Ok(mapping(object))
        }
    }
}

fn text_at(text: &str, entities: &Entities, depth: usize) -> Result<Term, String> {
    let parts = expression::parts(text)?;
    let mut pieces = Vec::new();
    for part in &parts {
        let found = match part {
            Part::Text(plain) => {
                pieces.push(Piece::Plain(plain.clone()));
                continue;
            }
            Part::Reference(Expression::Path(path)) => path_at(path, entities, depth)?,
            // A text with something to compute is computed as a whole.
            Part::Reference(_) => return Ok(Term::Dynamic(Dynamic::Computed(text.to_owned()))),
        };
        if parts.len() == 1 {
            return Ok(found);
        }
        match found {
            Term::Value(Value::String(plain)) => pieces.push(Piece::Plain(plain)),
            Term::Value(value) => pieces.push(Piece::Plain(value.to_string())),
            Term::Dynamic(Dynamic::Computed(_)) => return Ok(Term::Dynamic(Dynamic::Computed(text.to_owned()))),
            Term::Dynamic(dynamic) => pieces.push(Piece::Dynamic(dynamic)),
            Term::Text(inner) => pieces.extend(inner),
            Term::List(_) | Term::Object(_) => return Err(format!("{text} puts a mapping or a list into a text")),
        }
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Dynamic(_))) {
        return Ok(Term::Text(pieces));
    }
    let plain = pieces.into_iter().map(|piece| match piece {
        Piece::Plain(text) => text,
        Piece::Dynamic(_) => String::new(),
    });
    Ok(Term::Value(plain.collect::<String>().into()))
}

fn path_at(path: &[String], entities: &Entities, depth: usize) -> Result<Term, String> {
    match path {
        [root] if root == "run" => Ok(Term::Dynamic(Dynamic::Run)),
        [root] if root == "enver" => Ok(Term::Dynamic(Dynamic::Enver)),
        [root, field] if root == "platform" => Ok(Term::Dynamic(Dynamic::Platform(field.clone()))),
        [root, rest @ ..] if root == "saved" => Ok(Term::Dynamic(Dynamic::Saved(rest.join(".")))),
        [kind, key, fields @ ..] => {
            let mut node = &entities.get(kind, key)?.value;
            for (at, field) in fields.iter().enumerate() {
                let next = match &node.content {
                    Content::List(items) => field.parse::<usize>().ok().and_then(|index| items.get(index)),
                    _ => node.get(field),
                };
                match next {
                    Some(next) => node = next,
                    None => return within(node_at(node, entities, depth + 1)?, &fields[at..], path),
                }
            }
            node_at(node, entities, depth + 1)
        }
        _ => Err(format!("${{{}}} names no value", path.join("."))),
    }
}

/// Goes on in what a node refers to.
fn within(mut term: Term, fields: &[String], path: &[String]) -> Result<Term, String> {
    let lost = || format!("${{{}}} names no value", path.join("."));
    for field in fields {
        term = match term {
            Term::Value(value) => Term::Value(value.get(field).cloned().ok_or_else(lost)?),
            Term::Object(object) => {
                object.into_iter().find(|(name, _)| name == field).map(|(_, value)| value).ok_or_else(lost)?
            }
            _ => return Err(lost()),
        };
    }
    Ok(term)
}

fn fields_of(term: Term) -> Result<Vec<(String, Term)>, String> {
    match term {
        Term::Object(fields) => Ok(fields),
        Term::Value(Value::Object(fields)) => {
            Ok(fields.into_iter().map(|(name, value)| (name, Term::Value(value))).collect())
        }
        _ => Err("$from names no mapping".to_owned()),
    }
}

/// Known when all of it is.
fn list(items: Vec<Term>) -> Term {
    let known: Option<Vec<Value>> = items.iter().map(known).collect();
    known.map_or(Term::List(items), |items| Term::Value(items.into()))
}

fn mapping(fields: Vec<(String, Term)>) -> Term {
    let all: Option<Map<String, Value>> =
        fields.iter().map(|(name, value)| Some((name.clone(), known(value)?))).collect();
    all.map_or(Term::Object(fields), |fields| Term::Value(fields.into()))
}

fn known(term: &Term) -> Option<Value> {
    match term {
        Term::Value(value) => Some(value.clone()),
        _ => None,
    }
}

/// For people.
impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => plain(value, f),
            Self::Dynamic(dynamic) => write!(f, "{dynamic}"),
            Self::Text(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Plain(text) => f.write_str(text),
                Piece::Dynamic(Dynamic::Run) => f.write_str("…"),
                Piece::Dynamic(dynamic) => write!(f, "({dynamic})"),
            }),
            Self::List(items) => separated(items, f, |item, f| write!(f, "{item}")),
            Self::Object(fields) => separated(fields, f, |(name, value), f| write!(f, "{name} {value}")),
        }
    }
}

impl std::fmt::Display for Dynamic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run => f.write_str("the run's own name"),
            Self::Enver => f.write_str("the enver"),
            Self::Platform(field) => write!(f, "the platform administrator's {field}"),
            Self::Saved(name) => write!(f, "the {name} from before"),
            Self::Computed(text) => f.write_str(text.trim_start_matches("${").trim_end_matches('}')),
        }
    }
}

fn plain(value: &Value, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    match value {
        Value::String(text) => f.write_str(text),
        Value::Array(items) => separated(items, f, plain),
        Value::Object(fields) => separated(fields, f, |(name, value), f| {
            write!(f, "{name} ")?;
            plain(value, f)
        }),
        other => write!(f, "{other}"),
    }
}

fn separated<T>(
    items: impl IntoIterator<Item = T>,
    f: &mut std::fmt::Formatter<'_>,
    one: impl Fn(T, &mut std::fmt::Formatter<'_>) -> std::fmt::Result,
) -> std::fmt::Result {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        one(item, f)?;
    }
    Ok(())
}
