//! An operation: everything that a document says about one method of one path.

use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::Value;

use crate::body::Body;
use crate::document::Document;
use crate::parameter::{Location, Parameter};
use crate::response::Response;
use crate::security::Security;
use crate::template::Template;

/// One method of one path.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`; method and path where it has none.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path below the server's base path.
    pub template: Template,
    /// The base paths of its servers, without a slash at the end; an empty one among them where a server has none.
    pub bases: Vec<String>,
    /// What it does, in a line.
    pub summary: String,
    /// Whether callers should leave it.
    pub deprecated: bool,
    /// Its parameters, those of its path included.
    pub parameters: Vec<Parameter>,
    /// The body it takes.
    pub body: Option<Body>,
    /// Its answers, in the order of the document.
    pub responses: Vec<Response>,
    /// Alternatives of credentials; none are needed when it is empty.
    pub security: Vec<Vec<Security>>,
    /// Where it stands in the document.
    pub pointer: String,
    pub(crate) document: Arc<Document>,
    pub(crate) chosen: OnceLock<usize>,
}

impl Operation {
    /// What the document says of it under this key: `x-policy`, `tags` …
    #[must_use]
    pub fn extension(&self, key: &str) -> Option<&Value> {
        self.document.root().pointer(&self.pointer)?.get(key)
    }

    /// A parameter by place and name; names of header fields in any case.
    #[must_use]
    pub fn parameter(&self, location: Location, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.location == location
                && (parameter.name == name || location == Location::Header && parameter.name.eq_ignore_ascii_case(name))
        })
    }

    /// The answer when all goes well: the lowest 2xx, else `2XX`, `default`, or the first there is.
    #[must_use]
    pub fn success(&self) -> Option<&Response> {
        let chosen = *self.chosen.get_or_init(|| {
            let rank = |response: &Response| match response.status.to_ascii_uppercase().as_str() {
                "2XX" => 300,
                "DEFAULT" => 301,
                other => match other.parse::<u16>() {
                    Ok(code @ 200..=299) => code,
                    Ok(code) => 1_000 + code,
                    Err(_) => 1_300,
                },
            };
            let all = self.responses.iter().enumerate();
            all.min_by_key(|(_, response)| rank(response)).map_or(0, |(index, _)| index)
        });
        self.responses.get(chosen)
    }
}
