//! An operation: a declaration and the function that serves it. The function's signature says the types.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use service_errors::{Error, Kind};
use validation::{
    Contract, Nothing, Part, Rejection, Schema, check_body, check_fields, check_form, check_query, parse_body,
    parse_fields, parse_form, parse_query,
};

use crate::{Answer, BoxFuture, Context, Declaration, Dialect, Reply};

/// What a handler is given: the parts of the request it names, parsed and valid. What it does not name must be absent.
#[derive(Debug, Clone)]
pub struct Input<Path = Nothing, Query = Nothing, Body = Nothing, Headers = Nothing> {
    /// The path parameters.
    pub path: Path,
    /// The query.
    pub query: Query,
    /// The body: JSON, or a form where the declaration says so.
    pub body: Body,
    /// The header fields the operation reads, named in lower case.
    pub headers: Headers,
}

/// One HTTP route of a service whose state is an `S`.
pub struct Operation<S> {
    /// The facts.
    pub declaration: &'static Declaration,
    /// The schemas of the request's parts and of the answer.
    pub schemas: Schemas,
    parse: Box<ParseFn<S>>,
}

/// The schemas of one operation; a part the operation does not have accepts nothing.
pub struct Schemas {
    /// Path parameters.
    pub path: LazySchema,
    /// Query.
    pub query: LazySchema,
    /// Body; `None` when a body is refused.
    pub body: Option<LazySchema>,
    /// Header fields.
    pub headers: LazySchema,
    /// The answer's body; `None` when there is none.
    pub answer: Option<LazySchema>,
}

/// A schema made when it is first asked for: start-up does no work a request does not need.
pub struct LazySchema {
    make: Make,
    parse: fn(&Schema, &[u8]) -> Result<(), Rejection>,
    made: std::sync::OnceLock<Schema>,
}

/// Where a schema comes from: a type, or a document that was read.
enum Make {
    OfType(fn() -> Schema),
    Read(Box<dyn Fn() -> Schema + Send + Sync>),
}

impl Make {
    fn schema(&self) -> Schema {
        match self {
            Self::OfType(make) => make(),
            Self::Read(make) => make(),
        }
    }
}

impl LazySchema {
    /// The schema of a `T` that is read.
    pub const fn of_request<T: Contract>() -> Self {
        Self {
            make: Make::OfType(Schema::of_request::<T>),
            parse: |schema, bytes| parse_body::<T>(schema, bytes).map(drop),
            made: std::sync::OnceLock::new(),
        }
    }

    /// The schema of a `T` that is read from a path, a query or header fields.
    fn of_parameters<T: Contract>() -> Self {
        let parse = |schema: &Schema, bytes: &[u8]| {
            // A type takes null for what is absent; in words, which parameters are, nothing is null.
            let fields: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
            let nulls = fields.values().any(Value::is_null);
            let issues = if nulls { schema.issues(Part::Query, &Value::Object(fields)) } else { Vec::new() };
            match issues.is_empty() {
                true => parse_body::<T>(schema, bytes).map(drop),
                false => Err(Rejection::Issues(issues)),
            }
        };
        Self { make: Make::OfType(Schema::of_parameters::<T>), parse, ..Self::of_request::<T>() }
    }

    const fn of_answer<R: Reply>() -> Self {
        Self { make: Make::OfType(answer_schema::<R>), parse: |_, _| Ok(()), made: std::sync::OnceLock::new() }
    }

    /// The schema that `make` reads from a document.
    pub fn read(make: impl Fn() -> Schema + Send + Sync + 'static) -> Self {
        Self {
            make: Make::Read(Box::new(make)),
            parse: |schema, bytes| check_body(schema, bytes).map(drop),
            made: std::sync::OnceLock::new(),
        }
    }

    /// The schema.
    pub fn get(&self) -> &Schema {
        self.made.get_or_init(|| self.make.schema())
    }

    /// The document of the schema, for whoever keeps it: it is not made twice, nor copied when nobody else has it.
    pub fn to_document(&self) -> serde_json::Value {
        match self.made.get() {
            Some(schema) => schema.document().clone(),
            None => self.make.schema().into_document(),
        }
    }

    /// What the pipeline says of this part when it is given as JSON: a test holds it against the schema.
    pub fn accepts(&self, json: &[u8]) -> Result<(), Rejection> {
        (self.parse)(self.get(), json)
    }
}

/// What a handler is given that knows no types: each part as the contract's schema accepts it.
#[derive(Debug, Clone)]
pub struct Untyped {
    /// The path parameters, an object.
    pub path: serde_json::Value,
    /// The query, an object.
    pub query: serde_json::Value,
    /// The header fields that the contract names, in lower case, an object.
    pub headers: serde_json::Value,
    /// The body; null when the operation takes none.
    pub body: serde_json::Value,
    /// All header fields as they came.
    pub fields: HeaderMap,
}

/// Serves an operation whose types are not known.
pub type UntypedFn<S> = dyn Fn(Context<S>, Untyped) -> Result<Answer, Error> + Send + Sync;

/// The raw parts of a request that was let in.
pub(crate) struct Parts {
    pub path: Vec<(String, String)>,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A handler with its parsed input, ready to run.
pub(crate) type Ready<S> = Box<dyn FnOnce(Context<S>) -> BoxFuture<'static, Result<Answer, Error>> + Send>;
type ParseFn<S> = dyn Fn(&Schemas, Parts) -> Result<Ready<S>, Error> + Send + Sync;

impl<S: Send + Sync + 'static> Operation<S> {
    /// Joins a declaration with the function that serves it.
    pub fn new<P, Q, B, H, R, F, Fut>(declaration: &'static Declaration, handle: F) -> Self
    where
        P: Contract,
        Q: Contract,
        B: Contract,
        H: Contract,
        R: Reply,
        F: Fn(Context<S>, Input<P, Q, B, H>) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Error>> + Send + 'static,
    {
        let absent = |id: std::any::TypeId| id == std::any::TypeId::of::<Nothing>();
        let has_body = !absent(std::any::TypeId::of::<B>());
        let schemas = Schemas {
            path: LazySchema::of_parameters::<P>(),
            query: LazySchema::of_parameters::<Q>(),
            body: has_body.then(LazySchema::of_request::<B>),
            headers: LazySchema::of_parameters::<H>(),
            answer: R::HAS_BODY.then(LazySchema::of_answer::<R>),
        };
        let parse = move |schemas: &Schemas, parts: Parts| -> Result<Ready<S>, Error> {
            let input = parse_input::<P, Q, B, H>(schemas, &parts, declaration.dialect)?;
            let success = declaration.success;
            Ok(Box::new(move |context| {
                Box::pin(async move {
                    let reply = handle(context, input).await?;
                    reply.answer(success).map_err(Error::internal)
                })
            }))
        };
        Self { declaration, schemas, parse: Box::new(parse) }
    }

    /// Joins a declaration and schemas that were read from a contract with a function that takes what they accept.
    pub fn untyped(declaration: &'static Declaration, schemas: Schemas, handle: Arc<UntypedFn<S>>) -> Self {
        let parse = move |schemas: &Schemas, parts: Parts| -> Result<Ready<S>, Error> {
            let input = check_input(schemas, parts, declaration.dialect)?;
            let handle = Arc::clone(&handle);
            Ok(Box::new(move |context| Box::pin(async move { handle(context, input) })))
        };
        Self { declaration, schemas, parse: Box::new(parse) }
    }

    pub(crate) fn parse(&self, parts: Parts) -> Result<Ready<S>, Error> {
        (self.parse)(&self.schemas, parts)
    }
}

impl<S> std::fmt::Debug for Operation<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Operation").field(&self.declaration.id).field(&PhantomData::<S>).finish()
    }
}

fn answer_schema<R: Reply>() -> Schema {
    Schema::of_answer_with(R::schema)
}

/// Holds every part against its schema, in the order and with the words of [`parse_input`].
fn check_input(schemas: &Schemas, parts: Parts, dialect: Dialect) -> Result<Untyped, Error> {
    let words = parts.path.iter().map(|(name, word)| (name.as_str(), word.as_str()));
    let path = check_fields(schemas.path.get(), Part::Path, words);
    let query = check_query(schemas.query.get(), &parts.query);
    let named = named_headers(schemas.headers.get(), &parts.headers);
    let headers = check_fields(schemas.headers.get(), Part::Header, named.into_iter());
    let body = match &schemas.body {
        Some(schema) => {
            expect(dialect.media_type(), &parts.headers)?;
            match dialect {
                Dialect::Enver => check_body(schema.get(), &parts.body),
                Dialect::OAuth => check_form(schema.get(), &parts.body),
            }
        }
        None if parts.body.is_empty() => Ok(serde_json::Value::Null),
        None => Err(no_body()),
    };
    match (path, query, headers, body) {
        (Ok(path), Ok(query), Ok(headers), Ok(body)) => {
            Ok(Untyped { path, query, headers, body, fields: parts.headers })
        }
        (path, query, headers, body) => {
            let rejections = [path.err(), query.err(), headers.err(), body.err()];
            Err(refuse(rejections.into_iter().flatten().collect()))
        }
    }
}

/// Parses every part and reports the issues of all of them together.
fn parse_input<P: Contract, Q: Contract, B: Contract, H: Contract>(
    schemas: &Schemas,
    parts: &Parts,
    dialect: Dialect,
) -> Result<Input<P, Q, B, H>, Error> {
    let path: Vec<(&str, &str)> = parts.path.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
    let path = parse_fields::<P>(schemas.path.get(), Part::Path, &path);
    let query = parse_query::<Q>(schemas.query.get(), &parts.query);
    let headers = parse_headers::<H>(schemas.headers.get(), &parts.headers);
    let body = match &schemas.body {
        Some(schema) => {
            expect(dialect.media_type(), &parts.headers)?;
            match dialect {
                Dialect::Enver => parse_body::<B>(schema.get(), &parts.body),
                Dialect::OAuth => parse_form::<B>(schema.get(), &parts.body),
            }
        }
        None if parts.body.is_empty() => B::deserialize(serde_json::json!({})).map_err(|_| Rejection::Issues(vec![])),
        None => Err(no_body()),
    };
    match (path, query, headers, body) {
        (Ok(path), Ok(query), Ok(headers), Ok(body)) => Ok(Input { path, query, body, headers }),
        (path, query, headers, body) => {
            let rejections = [path.err(), query.err(), headers.err(), body.err()];
            Err(refuse(rejections.into_iter().flatten().collect()))
        }
    }
}

fn no_body() -> Rejection {
    Rejection::Issues(vec![validation::Issue {
        part: Part::Body,
        pointer: String::new(),
        rule: "maxLength".into(),
        message: "this operation takes no body".into(),
    }])
}

fn refuse(rejections: Vec<Rejection>) -> Error {
    let mut issues = Vec::new();
    for rejection in rejections {
        match rejection {
            Rejection::NotJson { line, column, message } => {
                return Error::new(Kind::InvalidJson).with_details(serde_json::json!({
                    "line": line, "column": column, "reason": message
                }));
            }
            Rejection::Issues(found) => issues.extend(found.iter().map(validation::Issue::to_json)),
        }
    }
    Error::new(Kind::Validation).with_details(serde_json::json!({ "issues": issues }))
}

fn parse_headers<H: Contract>(schema: &Schema, headers: &HeaderMap) -> Result<H, Rejection> {
    parse_fields(schema, Part::Header, &named_headers(schema, headers))
}

/// The header fields a schema names; a value that is not text counts as unreadable, not as absent.
fn named_headers<'a>(schema: &'a Schema, headers: &'a HeaderMap) -> Vec<(&'a str, &'a str)> {
    let named = schema.document()["properties"].as_object().into_iter().flat_map(serde_json::Map::keys);
    named
        .flat_map(|name| headers.get_all(name.as_str()).iter().map(move |value| (name, value)))
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("\u{fffd}")))
        .collect()
}

/// The one media type an operation takes, in UTF-8 (RFC 8259, section 8.1; RFC 6749, appendix B).
fn expect(media_type: &str, headers: &HeaderMap) -> Result<(), Error> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = declared.split(';').map(str::trim);
    let is_it = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(media_type));
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_it && is_utf8 && !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(());
    }
    Err(Error::new(Kind::UnsupportedMediaType).with_message(format!("The body must be {media_type}.")))
}
