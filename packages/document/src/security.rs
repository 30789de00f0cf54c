//! Which credentials an operation demands, and whether a request has them. Whether they are good is not asked.

use http::HeaderMap;

use crate::operation::Operation;
use crate::parameter::{Location, form_decoded};
use crate::request::cookie;

/// How credentials are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// A key under this name
    ApiKey(Location, String),
    /// `Authorization` with this scheme, in small letters: `basic`, `bearer` …
    Http(String),
    /// A certificate of the caller: nothing a request shows
    Mutual,
}

/// One scheme of one alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// The scheme's name in the document.
    pub name: String,
    /// How its credentials are sent.
    pub scheme: Scheme,
    /// What they must allow.
    pub scopes: Vec<String>,
}

impl Security {
    /// Whether a request has such credentials.
    #[must_use]
    pub fn is_met(&self, query: &str, headers: &HeaderMap) -> bool {
        match &self.scheme {
            Scheme::Mutual => true,
            Scheme::Http(scheme) => {
                headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok()).is_some_and(|value| {
                    let (given, credentials) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
                    given.eq_ignore_ascii_case(scheme) && !credentials.trim().is_empty()
                })
            }
            Scheme::ApiKey(Location::Header, name) => headers.get(name).is_some_and(|value| !value.is_empty()),
            Scheme::ApiKey(Location::Cookie, name) => cookie(headers, name).is_some_and(|value| !value.is_empty()),
            Scheme::ApiKey(_, name) => query.split('&').any(|pair| {
                pair.split_once('=').is_some_and(|(key, value)| form_decoded(key) == *name && !value.is_empty())
            }),
        }
    }

    /// What `WWW-Authenticate` says of it.
    #[must_use]
    pub fn challenge(&self) -> String {
        match &self.scheme {
            Scheme::Http(scheme) if scheme == "basic" => "Basic realm=\"mock\", charset=\"UTF-8\"".to_owned(),
            Scheme::Http(scheme) => {
                let mut letters = scheme.chars();
                let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
                format!("{first}{} realm=\"mock\"", letters.as_str())
            }
            Scheme::ApiKey(_, name) => format!("ApiKey realm=\"mock\", name=\"{}\"", name.replace(['"', '\\'], "")),
            Scheme::Mutual => "Mutual realm=\"mock\"".to_owned(),
        }
    }
}

impl Operation {
    /// The alternatives of which none is met; nothing if credentials are there, or none are needed.
    #[must_use]
    pub fn missing_credentials(&self, query: &str, headers: &HeaderMap) -> Option<&[Vec<Security>]> {
        let met = |alternative: &Vec<Security>| alternative.iter().all(|security| security.is_met(query, headers));
        (!self.security.is_empty() && !self.security.iter().any(met)).then_some(&self.security)
    }
}
