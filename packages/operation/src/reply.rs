//! Answers: the shapes a handler returns, and the one they are sent as.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::Serialize;

/// An answer ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Header fields of the operation's own.
    pub headers: HeaderMap,
    /// The JSON body; empty when there is none.
    pub body: Bytes,
}

/// What a handler returns: one of [`Data`], [`Page`], [`NoContent`], [`Bare`] and [`Redirect`].
pub trait Reply: Send + 'static {
    /// Whether there is a body.
    const HAS_BODY: bool = true;

    /// The schema of the body; of none, one that nothing fits.
    fn schema(generator: &mut SchemaGenerator) -> schemars::Schema;

    /// The body and the header fields, under the operation's status.
    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error>;
}

/// One thing: `{"data": …}`.
#[derive(Debug, Clone)]
pub struct Data<T> {
    data: T,
    headers: HeaderMap,
    known: bool,
}

impl<T> Data<T> {
    /// The thing itself.
    pub fn new(data: T) -> Self {
        Self { data, headers: HeaderMap::new(), known: false }
    }

    /// Adds a header field; a value HTTP cannot carry is left out.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Answers 304 without a body if `If-None-Match` names the `ETag` of this thing (RFC 9110, section 13.1.2): the
    /// caller has it already.
    pub fn unless_known(mut self, if_none_match: Option<&str>) -> Self {
        let etag = self.headers.get(http::header::ETAG).and_then(|etag| etag.to_str().ok());
        if let (Some(etag), Some(known)) = (etag, if_none_match) {
            self.known = known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag);
        }
        self
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    data: &'a T,
}

impl<T: Serialize + JsonSchema + Send + 'static> Reply for Data<T> {
    fn schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        let data = generator.subschema_for::<T>();
        json_schema!({
            "type": "object", "required": ["data"], "properties": { "data": data }, "additionalProperties": false,
        })
    }

    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error> {
        if self.known {
            let status = http::StatusCode::NOT_MODIFIED.as_u16();
            return Ok(Answer { status, headers: self.headers.clone(), body: Bytes::new() });
        }
        let body = serde_json::to_vec(&Envelope { data: &self.data })?.into();
        Ok(Answer { status, headers: self.headers.clone(), body })
    }
}

/// Where a page stands in its collection. A collection that keeps no count leaves the counting fields out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// How many items a page holds at most.
    pub page_size: u32,
    /// How many items there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
    /// How many pages there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u64>,
    /// Give it as `cursor` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Part of a collection: `{"data": […], "pagination": {…}}`.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The items.
    pub data: Vec<T>,
    /// Where they stand.
    pub pagination: Pagination,
}

impl<T: Serialize + JsonSchema + Send + 'static> Reply for Page<T> {
    fn schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        let item = generator.subschema_for::<T>();
        let pagination = generator.subschema_for::<Pagination>();
        json_schema!({
            "type": "object", "required": ["data", "pagination"], "additionalProperties": false,
            "properties": { "data": { "type": "array", "items": item }, "pagination": pagination },
        })
    }

    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error> {
        Ok(Answer { status, headers: HeaderMap::new(), body: serde_json::to_vec(self)?.into() })
    }
}

/// Nothing: a status without a body.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl Reply for NoContent {
    const HAS_BODY: bool = false;

    fn schema(_: &mut SchemaGenerator) -> schemars::Schema {
        json_schema!(false)
    }

    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error> {
        Ok(Answer { status, ..Answer::default() })
    }
}

/// A document whose shape another standard fixes (a JWK set), without our envelope.
#[derive(Debug, Clone)]
pub struct Bare<T> {
    document: T,
    headers: HeaderMap,
}

impl<T> Bare<T> {
    /// The document itself.
    pub fn new(document: T) -> Self {
        Self { document, headers: HeaderMap::new() }
    }

    /// Adds a header field; a value HTTP cannot carry is left out.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl<T: Serialize + JsonSchema + Send + 'static> Reply for Bare<T> {
    fn schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }

    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error> {
        Ok(Answer { status, headers: self.headers.clone(), body: serde_json::to_vec(&self.document)?.into() })
    }
}

/// The way elsewhere, for a browser: a `Location` and no body, under a 302 or 303.
#[derive(Debug, Clone)]
pub struct Redirect {
    headers: HeaderMap,
}

impl Redirect {
    /// To this address. Fails when it is none that HTTP can carry.
    pub fn to(address: &str) -> Result<Self, http::header::InvalidHeaderValue> {
        let location = HeaderValue::from_str(address)?;
        Ok(Self { headers: HeaderMap::from_iter([(http::header::LOCATION, location)]) })
    }

    /// Adds a header field beside those of its name, as cookies are set; a value HTTP cannot carry is left out.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}

impl Reply for Redirect {
    const HAS_BODY: bool = false;

    fn schema(_: &mut SchemaGenerator) -> schemars::Schema {
        json_schema!(false)
    }

    fn answer(&self, status: u16) -> Result<Answer, serde_json::Error> {
        Ok(Answer { status, headers: self.headers.clone(), body: Bytes::new() })
    }
}
