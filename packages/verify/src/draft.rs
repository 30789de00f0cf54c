//! A request to an operation before it is bytes, so that one thing of it can be changed at a time.

use std::collections::BTreeMap;

use bytes::Bytes;
use document::{Body, Call, Issue, Location, Media, MediaType, Operation, Schema};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use serde_json::{Number, Value};

/// A request to an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The values of parameters, by their place in the operation's list.
    pub parameters: BTreeMap<usize, Value>,
    /// The body.
    pub body: Option<Content>,
    /// Header fields that are no parameters.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// Another method than the operation's.
    pub method: Option<Method>,
    /// Pairs of the query that are no parameters, encoded.
    pub surplus: Option<String>,
}

/// What is sent as body.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A value in a media type of the operation, by its place in the list.
    Value(usize, Value),
    /// Bytes under a media type; an empty one is not sent.
    Bytes(String, Bytes),
}

impl Draft {
    /// A request that keeps the contract, as far as values for it can be made: plain for the seed 0, otherwise varied.
    /// Optional parts are there in a plain one.
    pub fn generated(operation: &Operation, seed: u64) -> Option<Self> {
        let mut parameters = BTreeMap::new();
        for (index, parameter) in operation.parameters.iter().enumerate() {
            let own = seed.wrapping_mul(31).wrapping_add(index as u64);
            // One in two optional parameters is there, and other ones with the next seed.
            if !parameter.required && seed != 0 && own.count_ones().is_multiple_of(2) {
                continue;
            }
            let stated =
                parameter.examples.iter().map(|(_, value)| value).find(|value| parameter.schema.accepts(value));
            let made = match (seed, stated) {
                (0, Some(stated)) => Some(stated.clone()),
                (0, None) => parameter.schema.example(),
                _ => parameter.schema.generate(own.max(1)),
            };
            match made {
                Some(value) => drop(parameters.insert(index, value)),
                None if parameter.required => return None,
                None => {}
            }
        }
        let body = match &operation.body {
            Some(body) if body.required || seed == 0 || !seed.is_multiple_of(4) => {
                let index = usual_media(body)?;
                let media = body.content.get(index)?;
                let made = match seed {
                    0 => media.example(),
                    _ => media.schema.as_ref().and_then(|schema| schema.generate(seed)),
                };
                Some(Content::Value(index, made?))
            }
            _ => None,
        };
        Some(Self { parameters, body, fields: Vec::new(), method: None, surplus: None })
    }

    /// A request that somebody sent, as a draft; `None` when it is not one of this operation.
    pub fn of(operation: &Operation, request: &Request<Bytes>) -> Option<Self> {
        let path = operation.template.matches(request.uri().path())?;
        let query: Vec<(String, String)> =
            serde_urlencoded::from_str(request.uri().query().unwrap_or_default()).unwrap_or_default();
        let mut parameters = BTreeMap::new();
        for (index, parameter) in operation.parameters.iter().enumerate() {
            let texts: Vec<String> = match parameter.location {
                Location::Path => {
                    let words = path.iter().filter(|(name, _)| *name == parameter.name);
                    words.filter_map(|(_, word)| decoded(word)).collect()
                }
                Location::Query => {
                    query.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value.clone()).collect()
                }
                Location::Header => {
                    let values = request.headers().get_all(parameter.name.as_str()).iter();
                    values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect()
                }
                Location::Cookie => Vec::new(),
            };
            match texts.as_slice() {
                [] => {}
                [text] => drop(parameters.insert(index, read(&parameter.schema, text))),
                several => drop(parameters.insert(index, several.iter().cloned().map(Value::String).collect())),
            }
        }
        let body = match (&operation.body, request.body().is_empty()) {
            (Some(body), false) => {
                let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())?;
                let index = body.content.iter().position(|media| media.essence() == document::essence(given))?;
                let media = body.content.get(index)?;
                Some(match media.value(given, request.body()) {
                    Ok(Some(value)) => Content::Value(index, value),
                    _ => Content::Bytes(given.to_owned(), request.body().clone()),
                })
            }
            _ => None,
        };
        Some(Self { parameters, body, fields: Vec::new(), method: None, surplus: None })
    }

    /// The request; `None` when a value cannot stand where it belongs: a line break in a header field, nothing in a path.
    pub fn request(&self, operation: &Operation) -> Option<Request<Bytes>> {
        let mut query: Vec<String> = Vec::new();
        let mut cookies: Vec<String> = Vec::new();
        let mut headers = HeaderMap::new();
        let mut words: BTreeMap<&str, String> = BTreeMap::new();
        for (index, value) in &self.parameters {
            let parameter = operation.parameters.get(*index)?;
            let text = parameter.encode(value);
            match parameter.location {
                Location::Path if text.is_empty() || text == "." || text == ".." => return None,
                Location::Path => drop(words.insert(parameter.name.as_str(), text)),
                Location::Query if text.is_empty() => {}
                Location::Query => query.push(text),
                Location::Cookie => cookies.push(text),
                Location::Header => {
                    headers.insert(
                        HeaderName::try_from(parameter.name.as_str()).ok()?,
                        HeaderValue::from_str(&text).ok()?,
                    );
                }
            }
        }
        if operation.template.names().any(|name| !words.contains_key(name)) {
            return None;
        }
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, HeaderValue::from_str(&cookies.join("; ")).ok()?);
        }
        query.extend(self.surplus.clone());
        let path = operation.template.render(|name| words.get(name).cloned().unwrap_or_default());
        let uri = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let body = match &self.body {
            None => Bytes::new(),
            Some(Content::Value(index, value)) => {
                let media = operation.body.as_ref()?.content.get(*index)?;
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&media.sent()).ok()?);
                media.write(value)
            }
            Some(Content::Bytes(media_type, bytes)) => {
                if !media_type.is_empty() {
                    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(media_type).ok()?);
                }
                bytes.clone()
            }
        };
        headers.extend(self.fields.iter().cloned());
        let method = self.method.clone().unwrap_or_else(|| operation.method.clone());
        let mut request = Request::builder().method(method).uri(uri).body(body).ok()?;
        *request.headers_mut() = headers;
        Some(request)
    }

    /// All that the contract has against it; `None` when it cannot be sent.
    pub fn issues(&self, operation: &Operation) -> Option<Vec<Issue>> {
        let request = self.request(operation)?;
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        Some(operation.check_request(&Call { path, query, headers: request.headers(), body: request.body() }))
    }

    /// The same with one text of the body's own another one, by a seed, for each that can be one; and with all of them.
    pub fn others(&self, operation: &Operation, seed: u64) -> Vec<Self> {
        let Some(Content::Value(media, Value::Object(fields))) = &self.body else { return Vec::new() };
        let schema = operation.body.as_ref().and_then(|body| body.content.get(*media)?.schema.as_ref());
        let Some(Value::Object(made)) = schema.and_then(|schema| schema.generate(seed)) else { return Vec::new() };
        let differs = |(name, _): &(&String, &Value)| fields.get(*name).is_some_and(Value::is_string);
        let texts: Vec<_> = made.iter().filter(|(_, value)| value.is_string()).filter(differs).collect();
        let with = |texts: &[(&String, &Value)]| {
            let mut fields = fields.clone();
            fields.extend(texts.iter().map(|(name, value)| ((*name).clone(), (*value).clone())));
            Self { body: Some(Content::Value(*media, fields.into())), ..self.clone() }
        };
        let keeps = |draft: &Self| draft.issues(operation).is_some_and(|issues| issues.is_empty());
        texts.chunks(1).chain([texts.as_slice()]).map(with).filter(keeps).collect()
    }

    /// The same without one thing, for each thing that could be left out: header fields, parameters, parts of the body.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.surplus.is_some() {
            all.push(Self { surplus: None, ..self.clone() });
        }
        for index in 0..self.fields.len() {
            let mut fields = self.fields.clone();
            fields.remove(index);
            all.push(Self { fields, ..self.clone() });
        }
        for index in self.parameters.keys() {
            let mut parameters = self.parameters.clone();
            parameters.remove(index);
            all.push(Self { parameters, ..self.clone() });
        }
        if let Some(Content::Value(media, value)) = &self.body {
            all.push(Self { body: None, ..self.clone() });
            let mut places = Vec::new();
            parts(value, "", &mut places, 0);
            for place in places {
                if let Some(value) = without(value, &place) {
                    all.push(Self { body: Some(Content::Value(*media, value)), ..self.clone() });
                }
            }
        }
        all
    }
}

/// JSON if the body can be JSON, otherwise what stands first.
fn usual_media(body: &Body) -> Option<usize> {
    let json = |media: &Media| MediaType::of(&media.name) == MediaType::Json;
    body.content.iter().position(json).or_else(|| (!body.content.is_empty()).then_some(0))
}

/// The value that a text says, of the type that the schema asks for.
fn read(schema: &Schema, text: &str) -> Value {
    let number = || {
        text.parse::<i64>().ok().map(Value::from).or_else(|| {
            let number = text.parse::<f64>().ok()?;
            Number::from_f64(number).map(Value::Number)
        })
    };
    let boolean = || text.parse::<bool>().ok().map(Value::Bool);
    let string = Value::String(text.to_owned());
    if schema.accepts(&string) {
        return string;
    }
    [number(), boolean()].into_iter().flatten().find(|value| schema.accepts(value)).unwrap_or(string)
}

fn decoded(word: &str) -> Option<String> {
    // A form decodes as a path does, but for `+`.
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("w={}", word.replace('+', "%2B"))).ok()?;
    pairs.into_iter().next().map(|(_, value)| value)
}

/// Pointers to everything that could be left out, the outer before the inner.
fn parts(value: &Value, pointer: &str, to: &mut Vec<String>, depth: usize) {
    const DEEPEST: usize = 8;
    const MOST: usize = 64;
    if depth > DEEPEST || to.len() >= MOST {
        return;
    }
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| (document::escaped(name), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    to.extend(below.iter().map(|(step, _)| format!("{pointer}/{step}")));
    for (step, value) in below {
        parts(value, &format!("{pointer}/{step}"), to, depth + 1);
    }
}

fn without(value: &Value, place: &str) -> Option<Value> {
    let mut rest = value.clone();
    let (parent, step) = place.rsplit_once('/')?;
    match rest.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.remove(&step.replace("~1", "/").replace("~0", "~"))),
        Value::Array(items) => {
            let index = step.parse::<usize>().ok().filter(|index| *index < items.len())?;
            items.remove(index);
        }
        _ => return None,
    }
    Some(rest)
}
