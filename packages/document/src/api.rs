//! What a document says, understood: its operations, or its channels.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::{Map, Value};

use crate::asyncapi::{self, Channel};
use crate::body::Body;
use crate::document::{Document, Kind};
use crate::faults::{self, Fault, METHODS, Unusable};
use crate::issue::escaped;
use crate::media::Media;
use crate::operation::Operation;
use crate::parameter::{Location, Parameter, Style};
use crate::response::Response;
use crate::schema::{Schema, View};
use crate::security::{Scheme, Security};
use crate::stack;
use crate::template::Template;

/// A document, understood.
#[derive(Debug)]
pub struct Api {
    /// The document itself.
    pub document: Arc<Document>,
    /// Its `info.title`.
    pub title: String,
    /// Its `info.version`.
    pub version: String,
    /// The operations of an OpenAPI document, in its order of paths and in that of the methods' names.
    pub operations: Vec<Operation>,
    /// The channels of an AsyncAPI document.
    pub channels: Vec<Channel>,
    /// What is wrong with the document, and was taken as far as it means something.
    pub doubts: Vec<Fault>,
}

impl Api {
    /// Reads a document of this text; its name in errors is `document`.
    ///
    /// # Errors
    /// As [`Api::of`].
    pub fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        Self::of(Document::parse(bytes, "document")?)
    }

    /// Understands a document that was read.
    ///
    /// # Errors
    /// Everything that has not the form that OpenAPI or AsyncAPI gives it, each with its place.
    pub fn of(document: Document) -> Result<Self, Unusable> {
        let document = Arc::new(document);
        let (doubts, operations, channels) = stack::deep(|| {
            let doubts = faults::check(&document)?;
            Ok::<_, Unusable>(match document.kind() {
                Kind::AsyncApi2 => (doubts, Vec::new(), asyncapi::channels(&document)),
                Kind::OpenApi30 | Kind::OpenApi31 => (doubts, Reader { document: &document }.operations(), Vec::new()),
            })
        })?;
        let info = |key: &str| {
            let text = document.root().pointer(&format!("/info/{key}")).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Ok(Self {
            title: info("title"),
            version: info("version"),
            operations,
            channels,
            doubts,
            document: Arc::clone(&document),
        })
    }

    /// An operation by its id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// Reads what was found to be without faults; whatever is not as it must be says nothing.
struct Reader<'a> {
    document: &'a Arc<Document>,
}

/// A value and where it stands.
#[derive(Clone)]
struct At<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Reader<'a> {
    fn operations(&self) -> Vec<Operation> {
        let mut all = Vec::new();
        let root = At { value: self.document.root(), pointer: String::new() };
        let Some(paths) = self.member(&root, "paths") else { return all };
        let mut ids = BTreeSet::new();
        for (path, item) in self.entries(&paths).filter(|(path, _)| path.starts_with('/')) {
            for name in METHODS {
                if let Some(found) = self.member(&item, name) {
                    let method = Method::from_bytes(name.to_ascii_uppercase().as_bytes()).unwrap_or(Method::GET);
                    let mut operation = self.operation(path, method, &item, &found);
                    if !ids.insert(operation.id.clone()) {
                        operation.id = format!("{} {path}", operation.method);
                    }
                    all.push(operation);
                }
            }
        }
        all
    }

    fn operation(&self, path: &str, method: Method, item: &At<'a>, at: &At<'a>) -> Operation {
        let template = Template::new(path);
        let mut parameters: Vec<Parameter> = Vec::new();
        for around in [item, at] {
            for parameter in self.parameters(around) {
                parameters.retain(|known| known.location != parameter.location || known.name != parameter.name);
                parameters.push(parameter);
            }
        }
        let responses = self.member(at, "responses").map(|responses| {
            let answers = self.entries(&responses).filter(|(status, _)| !status.starts_with("x-"));
            answers.map(|(status, at)| self.response(status, &at)).collect()
        });
        let body = self.member(at, "requestBody").map(|body| {
            let required = body.value.get("required") == Some(&Value::Bool(true));
            Body { required, content: self.content(&body, View::Request) }
        });
        let text = |key: &str| at.value.get(key).and_then(Value::as_str);
        Operation {
            id: text("operationId").map_or_else(|| format!("{method} {path}"), str::to_owned),
            bases: self.bases(at).or_else(|| self.bases(item)).unwrap_or_else(|| {
                let root = At { value: self.document.root(), pointer: String::new() };
                self.bases(&root).unwrap_or_else(|| vec![String::new()])
            }),
            summary: text("summary").or_else(|| text("description")).unwrap_or_default().to_owned(),
            deprecated: at.value.get("deprecated") == Some(&Value::Bool(true)),
            security: self.security(at),
            pointer: at.pointer.clone(),
            document: Arc::clone(self.document),
            chosen: OnceLock::new(),
            method,
            template,
            parameters,
            body,
            responses: responses.unwrap_or_default(),
        }
    }

    fn parameters(&self, around: &At<'a>) -> Vec<Parameter> {
        let Some(list) = self.member(around, "parameters") else { return Vec::new() };
        let mut all = Vec::new();
        for index in 0..list.value.as_array().map_or(0, Vec::len) {
            let Some(at) = self.member(&list, &index.to_string()) else { continue };
            let text = |key: &str| at.value.get(key).and_then(Value::as_str);
            let location = match text("in") {
                Some("path") => Location::Path,
                Some("query") => Location::Query,
                Some("header") => Location::Header,
                Some("cookie") => Location::Cookie,
                _ => continue,
            };
            let Some(name) = text("name") else { continue };
            // OpenAPI: these three are described elsewhere, and ignored here.
            let elsewhere = ["accept", "content-type", "authorization"];
            if location == Location::Header && elsewhere.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            all.push(self.parameter(name, location, &at, View::Request));
        }
        all
    }

    /// A parameter, or a header field, which has neither name nor place of its own.
    fn parameter(&self, name: &str, location: Location, at: &At<'a>, view: View) -> Parameter {
        let flag = |key: &str| at.value.get(key).and_then(Value::as_bool);
        let content = self.member(at, "content").and_then(|content| {
            let first = content.value.as_object()?.keys().next()?;
            self.member(&content, first)
        });
        let usual = if matches!(location, Location::Query | Location::Cookie) { Style::Form } else { Style::Simple };
        let style = match at.value.get("style").and_then(Value::as_str) {
            _ if content.is_some() => Style::Content,
            Some("matrix") => Style::Matrix,
            Some("label") => Style::Label,
            Some("simple") => Style::Simple,
            Some("form") => Style::Form,
            Some("spaceDelimited") => Style::SpaceDelimited,
            Some("pipeDelimited") => Style::PipeDelimited,
            Some("deepObject") => Style::DeepObject,
            _ => usual,
        };
        let style = if style.fits(location) { style } else { usual };
        let described = content.as_ref().unwrap_or(at);
        Parameter {
            name: name.to_owned(),
            location,
            required: flag("required") == Some(true) || location == Location::Path,
            style,
            explode: flag("explode").unwrap_or(style == Style::Form),
            allow_empty: flag("allowEmptyValue") == Some(true),
            schema: self.schema(described, view),
            examples: self.examples(described),
            pointer: at.pointer.clone(),
            shape: OnceLock::new(),
        }
    }

    fn response(&self, status: &str, at: &At<'a>) -> Response {
        let all = self.member(at, "headers");
        let headers = all.iter().flat_map(|all| self.entries(all));
        let headers = headers.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        Response {
            status: status.to_owned(),
            description: at.value.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            headers: headers.map(|(name, at)| self.parameter(name, Location::Header, &at, View::Answer)).collect(),
            content: self.content(at, View::Answer),
            pointer: at.pointer.clone(),
        }
    }

    fn content(&self, at: &At<'a>, view: View) -> Vec<Media> {
        let Some(content) = self.member(at, "content") else { return Vec::new() };
        self.entries(&content)
            .map(|(name, at)| Media {
                name: name.to_owned(),
                schema: at.value.get("schema").is_some().then(|| self.schema(&at, view)),
                examples: self.examples(&at),
                encoding: self.encoding(&at),
                pointer: at.pointer,
                shape: OnceLock::new(),
            })
            .collect()
    }

    fn encoding(&self, at: &At<'a>) -> BTreeMap<String, Value> {
        let all = at.value.get("encoding").and_then(Value::as_object).into_iter().flatten();
        all.map(|(name, encoding)| (name.clone(), encoding.clone())).collect()
    }

    fn schema(&self, at: &At<'a>, view: View) -> Schema {
        Schema::new(self.document, format!("{}/schema", at.pointer), view)
    }

    fn examples(&self, at: &At<'a>) -> Vec<(String, Value)> {
        let mut all: Vec<(String, Value)> =
            at.value.get("example").map(|value| ("example".to_owned(), value.clone())).into_iter().collect();
        if let Some(examples) = self.member(at, "examples") {
            for (name, _) in examples.value.as_object().into_iter().flatten() {
                let value = self.member(&examples, name).and_then(|example| example.value.get("value"));
                all.extend(value.map(|value| (name.clone(), value.clone())));
            }
        }
        all
    }

    /// The base paths of `servers`, their variables at their defaults.
    fn bases(&self, at: &At<'a>) -> Option<Vec<String>> {
        let servers = at.value.get("servers")?.as_array().filter(|servers| !servers.is_empty())?;
        let mut all: Vec<String> = Vec::new();
        for server in servers {
            let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
            for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
                let usual = variable.get("default").and_then(Value::as_str).unwrap_or_default();
                url = url.replace(&format!("{{{name}}}"), usual);
            }
            let path = match url.split_once("://") {
                Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
                None => url.as_str(),
            };
            let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
            let base = if path.is_empty() { String::new() } else { format!("/{path}") };
            if !all.contains(&base) {
                all.push(base);
            }
        }
        Some(all)
    }

    fn security(&self, at: &At<'a>) -> Vec<Vec<Security>> {
        let root = At { value: self.document.root(), pointer: String::new() };
        let around = if at.value.get("security").is_some() { at } else { &root };
        let Some(list) = self.member(around, "security") else { return Vec::new() };
        let one = |(name, scopes): (&String, &Value)| {
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            Some(Security { name: name.clone(), scheme: self.scheme(name)?, scopes })
        };
        let alternatives = list.value.as_array().into_iter().flatten();
        let all: Vec<Vec<Security>> = alternatives
            .map(|alternative| alternative.as_object().into_iter().flatten().filter_map(one).collect())
            .collect();
        // An empty alternative: anybody may call.
        if all.iter().any(Vec::is_empty) { Vec::new() } else { all }
    }

    fn scheme(&self, name: &str) -> Option<Scheme> {
        let scheme = self.document.root().get("components")?.get("securitySchemes")?.get(name)?;
        let (scheme, _) = self.document.resolve(scheme);
        let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
        Some(match text("type") {
            "apiKey" => {
                let location = match text("in") {
                    "query" => Location::Query,
                    "cookie" => Location::Cookie,
                    _ => Location::Header,
                };
                Scheme::ApiKey(location, text("name").to_owned())
            }
            "http" => Scheme::Http(text("scheme").to_ascii_lowercase()),
            "mutualTLS" => Scheme::Mutual,
            // OAuth 2 and OpenID Connect: a token in the Authorization header (RFC 6750).
            _ => Scheme::Http("bearer".to_owned()),
        })
    }

    /// What stands under a key, references followed.
    fn member(&self, at: &At<'a>, key: &str) -> Option<At<'a>> {
        let value = match at.value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
        let (value, followed) = self.document.resolve(value);
        let pointer = followed.map_or_else(|| format!("{}/{}", at.pointer, escaped(key)), str::to_owned);
        Some(At { value, pointer })
    }

    fn entries<'s>(&'s self, at: &'s At<'a>) -> impl Iterator<Item = (&'a str, At<'a>)> + 's {
        let keys = at.value.as_object().into_iter().flat_map(Map::keys);
        keys.filter_map(|key| Some((key.as_str(), self.member(at, key)?)))
    }
}
