//! Values of the dataset as templates of the Amazon States Language: what a run brings becomes a path, a text with such
//! places `States.Format`, what has to be computed a value that the Lambda function gave before.

use std::collections::BTreeMap;

use dataset::expression::paths;
use dataset::{Body, Credentials, Dataset, Node, Operation, Published, Step};
use serde_json::{Map, Value, json};

use super::told;
use crate::reference::{Dynamic, Piece, Term, term};

/// Where values are that steps before have saved.
#[derive(Debug, Default)]
pub struct Known {
    paths: BTreeMap<String, String>,
}

impl Known {
    /// The path of a saved value.
    pub fn path(&self, name: &str) -> Result<&str, String> {
        self.paths.get(name).map(String::as_str).ok_or_else(|| format!("{name} was not saved by a step before"))
    }

    /// What a step saves, as a template over its answer.
    pub fn remember(&mut self, key: &str, step: &Step) -> Result<Value, String> {
        let mut saved = Map::new();
        for (name, from) in &step.save {
            let field: String =
                name.text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
            saved.insert(format!("{field}.$"), answer_path(from).into());
            self.paths.insert(name.text.clone(), format!("$.saved.{key}.{field}"));
        }
        Ok(saved.into())
    }
}

/// The path to a place of an answer: a pointer into its body, or the name of a header field.
pub fn answer_path(from: &str) -> String {
    match from.strip_prefix('/') {
        Some(pointer) => pointer.split('/').fold("$.answer.ResponseBody".to_owned(), |path, word| {
            let word = word.replace("~1", "/").replace("~0", "~");
            match word.parse::<usize>() {
                Ok(index) => format!("{path}[{index}]"),
                Err(_) => child(&path, &word),
            }
        }),
        None => format!("{}[0]", child("$.answer.Headers", &from.to_ascii_lowercase())),
    }
}

/// The path to a field.
pub fn child(path: &str, name: &str) -> String {
    match name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        true => format!("{path}.{name}"),
        false => format!("{path}['{name}']"),
    }
}

/// Texts that the Lambda function computes, by the name under which it gives their values.
#[derive(Debug, Default)]
pub struct Computed {
    texts: Vec<String>,
}

impl Computed {
    fn path(&mut self, text: &str) -> String {
        let at = self.texts.iter().position(|known| known == text).unwrap_or_else(|| {
            self.texts.push(text.to_owned());
            self.texts.len() - 1
        });
        format!("$.computed.values.v{}", at + 1)
    }

    /// What the function is told, if there is anything to compute.
    pub fn payload(&self, known: &Known) -> Result<Option<Value>, String> {
        if self.texts.is_empty() {
            return Ok(None);
        }
        let mut payload = told(known, &saved_in(self.texts.iter().map(String::as_str)))?;
        let values = self.texts.iter().enumerate().map(|(at, text)| (format!("v{}", at + 1), text.clone().into()));
        payload.insert("values".to_owned(), Value::Object(values.collect()));
        Ok(Some(payload.into()))
    }
}

/// The saved values that texts refer to.
pub fn saved_in<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut names: Vec<String> = texts
        .flat_map(paths)
        .filter_map(|path| path.split_first().filter(|(root, _)| *root == "saved").map(|(_, rest)| rest.join(".")))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A request as the parameters of an HTTP task.
pub struct Request {
    /// Of the task.
    pub parameters: Value,
    /// It changes nothing.
    pub is_safe: bool,
    /// The service whose signature it needs: the Lambda function has its secret, an HTTP task has not.
    pub signed_by: Option<String>,
}

impl Request {
    /// The request of a step.
    ///
    /// # Errors
    ///
    /// What an HTTP task cannot send.
    pub fn of(
        dataset: &Dataset,
        published: &Published,
        step: &Step,
        known: &Known,
        computed: &mut Computed,
    ) -> Result<Self, String> {
        let operation = published
            .operation(&step.service, &step.operation)
            .ok_or_else(|| format!("there is no operation {} of {}", step.operation, step.service))?;
        let mut writer = Writer { dataset, known, computed };
        let method = step.send.method.as_deref().unwrap_or(&operation.method);
        let mut parameters = Map::new();
        parameters.insert("Method".to_owned(), method.into());
        parameters.insert("ApiEndpoint.$".to_owned(), writer.endpoint(operation, step)?.into());
        parameters.insert("Authentication".to_owned(), json!({ "ConnectionArn.$": "$.connectionArn" }));
        let query = writer.fields(step.send.query.iter().map(|(key, node)| (key.text.as_str(), node)))?;
        if !query.is_empty() {
            parameters.insert("QueryParameters".to_owned(), query.into());
        }
        let signed_by = (step.credentials == Credentials::Signature).then(|| step.actor.clone());
        let mut headers = writer.headers(step)?;
        if signed_by.is_none() {
            headers = headers.into_iter().map(|(name, value)| (passed(name), value)).collect();
        }
        parameters.insert("Headers".to_owned(), headers.into());
        match &step.send.body {
            Body::None => {}
            Body::Raw(_) => return Err("it sends a body that is no JSON".to_owned()),
            Body::Json(node) => writer.field("RequestBody", node, &mut parameters)?,
            Body::Form(node) => {
                writer.field("RequestBody", node, &mut parameters)?;
                parameters.insert("Transform".to_owned(), json!({ "RequestBodyEncoding": "URL_ENCODED" }));
            }
        }
        Ok(Self { parameters: parameters.into(), is_safe: matches!(method, "GET" | "HEAD"), signed_by })
    }
}

/// The name under which an HTTP task sends a header field. Step Functions makes no state machine whose tasks send some of
/// them; the origin that flows ask sends what comes as `x-passed-authorization` on as `authorization`.
fn passed(name: String) -> String {
    const REFUSED: [&str; 5] = ["authorization", "cache-control", "if-match", "if-none-match", "origin"];
    let field = name.strip_suffix(".$").unwrap_or(&name).to_ascii_lowercase();
    if REFUSED.contains(&field.as_str()) { format!("x-passed-{name}") } else { name }
}

struct Writer<'a> {
    dataset: &'a Dataset,
    known: &'a Known,
    computed: &'a mut Computed,
}

impl Writer<'_> {
    fn endpoint(&mut self, operation: &Operation, step: &Step) -> Result<String, String> {
        let mut pieces = Vec::new();
        let mut rest = operation.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let (_, node) = (step.send.path.iter())
                .find(|(key, _)| key.text == name)
                .ok_or_else(|| format!("its path needs {name}"))?;
            pieces.push(Piece::Plain(before.to_owned()));
            match term(node, &self.dataset.entities)? {
                Term::Value(Value::String(text)) => pieces.push(Piece::Plain(text)),
                Term::Value(value) => pieces.push(Piece::Plain(value.to_string())),
                Term::Dynamic(dynamic) => pieces.push(Piece::Dynamic(dynamic)),
                Term::Text(inner) => pieces.extend(inner),
                Term::List(_) | Term::Object(_) => return Err(format!("{name} in its path is no text")),
            }
            rest = after;
        }
        pieces.push(Piece::Plain(rest.to_owned()));
        let (format, arguments) = self.format(&pieces)?;
        Ok(format!("States.Format('{{}}{format}', $.baseUrl{arguments})"))
    }

    fn headers(&mut self, step: &Step) -> Result<Map<String, Value>, String> {
        let mut headers = self.fields(step.send.headers.iter().map(|(key, node)| (key.text.as_str(), node)))?;
        let has = |name: &str| headers.keys().any(|known| known.trim_end_matches(".$").eq_ignore_ascii_case(name));
        let authorized = has("authorization");
        let media = match step.send.body {
            Body::Json(_) if !has("content-type") => Some("application/json"),
            Body::Form(_) if !has("content-type") => Some("application/x-www-form-urlencoded"),
            _ => None,
        };
        if let Some(media) = media {
            headers.insert("content-type".to_owned(), media.into());
        }
        match step.credentials {
            Credentials::Token if !authorized => {
                let token = self.known.path(&format!("tokens.{}", step.actor))?;
                headers.insert("authorization.$".to_owned(), format!("States.Format('Bearer {{}}', {token})").into());
            }
            Credentials::Broken if !authorized => {
                headers.insert("authorization".to_owned(), "Bearer nobody.issued.this".into());
            }
            _ => {}
        }
        Ok(headers)
    }

    fn fields<'n>(&mut self, fields: impl Iterator<Item = (&'n str, &'n Node)>) -> Result<Map<String, Value>, String> {
        let mut written = Map::new();
        for (name, node) in fields {
            self.field(name, node, &mut written)?;
        }
        // A header field or a parameter is a text, whatever it says.
        for value in written.values_mut().filter(|value| value.is_number() || value.is_boolean()) {
            *value = value.to_string().into();
        }
        Ok(written)
    }

    fn field(&mut self, name: &str, node: &Node, into: &mut Map<String, Value>) -> Result<(), String> {
        let term = term(node, &self.dataset.entities)?;
        self.write(name, &term, into)
    }

    fn write(&mut self, name: &str, term: &Term, into: &mut Map<String, Value>) -> Result<(), String> {
        match term {
            Term::Value(value) => {
                into.insert(name.to_owned(), value.clone());
            }
            Term::Object(fields) => {
                let mut object = Map::new();
                for (name, term) in fields {
                    self.write(name, term, &mut object)?;
                }
                into.insert(name.to_owned(), object.into());
            }
            Term::List(items) => match self.array(items)? {
                Some(array) => {
                    into.insert(format!("{name}.$"), array.into());
                }
                None => {
                    let items: Result<Vec<Value>, String> = items.iter().map(|item| self.item(item)).collect();
                    into.insert(name.to_owned(), items?.into());
                }
            },
            Term::Dynamic(_) | Term::Text(_) => {
                let argument = self.argument(term)?;
                into.insert(format!("{name}.$"), argument.into());
            }
        }
        Ok(())
    }

    /// An item of a list of mappings.
    fn item(&mut self, item: &Term) -> Result<Value, String> {
        match item {
            Term::Value(value) => Ok(value.clone()),
            Term::Object(_) => {
                let mut object = Map::new();
                self.write("item", item, &mut object)?;
                Ok(object.remove("item").unwrap_or_default())
            }
            _ => Err("it sends a list that mixes mappings and what a run brings".to_owned()),
        }
    }

    /// A list of scalars as `States.Array`.
    fn array(&mut self, items: &[Term]) -> Result<Option<String>, String> {
        let scalar = |item: &Term| match item {
            Term::Dynamic(_) | Term::Text(_) => true,
            Term::Value(value) => value.is_string() || value.is_number(),
            _ => false,
        };
        if !items.iter().all(scalar) {
            return Ok(None);
        }
        let arguments: Result<Vec<String>, String> = items.iter().map(|item| self.argument(item)).collect();
        Ok(Some(format!("States.Array({})", arguments?.join(", "))))
    }

    /// A path, an intrinsic function, or a literal as an argument of one.
    fn argument(&mut self, term: &Term) -> Result<String, String> {
        match term {
            Term::Dynamic(dynamic) => self.path(dynamic),
            Term::Text(pieces) => {
                let (format, arguments) = self.format(pieces)?;
                Ok(format!("States.Format('{format}'{arguments})"))
            }
            Term::Value(Value::String(text)) => Ok(format!("'{}'", escaped(text))),
            Term::Value(value) => Ok(value.to_string()),
            Term::List(_) | Term::Object(_) => Err("a list stands in a list".to_owned()),
        }
    }

    fn path(&mut self, dynamic: &Dynamic) -> Result<String, String> {
        Ok(match dynamic {
            Dynamic::Run => "$.run".to_owned(),
            Dynamic::Enver => "$.enver".to_owned(),
            Dynamic::Platform(field) => format!("$.platform.{field}"),
            Dynamic::Saved(name) => self.known.path(name)?.to_owned(),
            Dynamic::Computed(text) => self.computed.path(text),
        })
    }

    /// The template of `States.Format`, and its arguments with a comma before each.
    fn format(&mut self, pieces: &[Piece]) -> Result<(String, String), String> {
        let (mut format, mut arguments) = (String::new(), String::new());
        for piece in pieces {
            match piece {
                Piece::Plain(text) => format.push_str(&escaped(text)),
                Piece::Dynamic(dynamic) => {
                    format.push_str("{}");
                    arguments.push_str(", ");
                    arguments.push_str(&self.path(dynamic)?);
                }
            }
        }
        Ok((format, arguments))
    }
}

/// A text inside the quotes of an intrinsic function.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'").replace('{', "\\{").replace('}', "\\}")
}

/// A value that a step expects, as a template: a path, or an intrinsic function that a `Pass` state evaluates.
pub fn expected(dataset: &Dataset, known: &Known, computed: &mut Computed, term: &Term) -> Result<String, String> {
    Writer { dataset, known, computed }.argument(term)
}
