//! Who calls: credentials as they are given on a command line, and put on requests.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};

/// Somebody with credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// As reports name them.
    pub name: String,
    parts: Vec<Credential>,
}

#[derive(Clone, PartialEq, Eq)]
enum Credential {
    Field(HeaderName, HeaderValue),
    Query(String),
}

/// Secrets stay out of whatever is printed.
impl fmt::Debug for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Caller").field(&self.name).finish()
    }
}

/// Credentials that are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: write bearer:TOKEN, basic:USER:PASSWORD, header:NAME:VALUE or query:NAME:VALUE")]
pub struct BadCredentials(String);

impl Caller {
    /// Somebody with a bearer token.
    pub fn bearer(name: &str, token: &str) -> Result<Self, BadCredentials> {
        Ok(Self { name: name.to_owned(), parts: vec![field("authorization", &format!("Bearer {}", token.trim()))?] })
    }

    /// Reads `bearer:TOKEN`, `basic:USER:PASSWORD`, `header:NAME:VALUE` or `query:NAME:VALUE`. The text itself stays
    /// out of errors.
    pub fn parse(text: &str) -> Result<Self, BadCredentials> {
        let bad = |what: &str| BadCredentials(what.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(|| bad("the credentials have no kind"))?;
        let pair = || rest.split_once(':').ok_or_else(|| bad(&format!("{kind} credentials have two parts")));
        let part = match kind {
            "bearer" => return Self::bearer("the caller", rest),
            "basic" => field("authorization", &format!("Basic {}", STANDARD.encode(rest)))?,
            "header" => {
                let (name, value) = pair()?;
                field(name, value.trim())?
            }
            "query" => {
                let (name, value) = pair()?;
                Credential::Query(
                    serde_urlencoded::to_string([(name, value)]).map_err(|_| bad("it cannot be written"))?,
                )
            }
            _ => return Err(bad("the kind of credentials is not known")),
        };
        Ok(Self { name: "the caller".to_owned(), parts: vec![part] })
    }

    /// Puts the credentials on a request, in place of what stands there.
    pub fn sign(&self, request: &mut Request<Bytes>) {
        for part in &self.parts {
            match part {
                Credential::Field(name, value) => drop(request.headers_mut().insert(name.clone(), value.clone())),
                Credential::Query(pair) => {
                    let uri = request.uri();
                    let between = if uri.query().is_some() { '&' } else { '?' };
                    if let Ok(signed) = format!("{uri}{between}{pair}").parse() {
                        *request.uri_mut() = signed;
                    }
                }
            }
        }
    }

    /// The same caller with credentials that nobody issued: each is changed in its last letters. `None` when there is
    /// nothing to change.
    pub fn forged(&self) -> Option<Self> {
        let mut forged = self.clone();
        let mut changed = false;
        for part in &mut forged.parts {
            if let Credential::Field(_, value) = part
                && let Ok(text) = value.to_str()
                && let Some(other) = tampered(text)
                && let Ok(other) = HeaderValue::from_str(&other)
            {
                *value = other;
                changed = true;
            }
        }
        changed.then_some(forged)
    }

    /// The bearer token, if that is what the credentials are.
    pub fn token(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Credential::Field(name, value) if name == header::AUTHORIZATION => {
                value.to_str().ok()?.strip_prefix("Bearer ")
            }
            _ => None,
        })
    }
}

fn field(name: &str, value: &str) -> Result<Credential, BadCredentials> {
    let bad = |what: &str| BadCredentials(what.to_owned());
    let name = HeaderName::try_from(name.trim()).map_err(|_| bad("that is no name of a header field"))?;
    let mut value = HeaderValue::from_str(value).map_err(|_| bad("a header field cannot hold that"))?;
    value.set_sensitive(true);
    Ok(Credential::Field(name, value))
}

/// The text with a letter in its last part changed. Not the very last: of a base64 text some of its bits mean nothing.
fn tampered(text: &str) -> Option<String> {
    const FROM_END: usize = 4;
    let (at, letter) = text.char_indices().rev().nth(FROM_END)?;
    let other = if letter == 'A' { 'B' } else { 'A' };
    Some(format!("{}{other}{}", text.get(..at)?, text.get(at + letter.len_utf8()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(credentials: &str) -> Request<Bytes> {
        let mut request = Request::get("/x?a=1").body(Bytes::new()).unwrap();
        Caller::parse(credentials).unwrap().sign(&mut request);
        request
    }

    #[test]
    fn credentials_of_every_kind_get_onto_requests() {
        assert_eq!(signed("bearer:abc").headers()["authorization"], "Bearer abc");
        assert_eq!(signed("basic:me:pw:1").headers()["authorization"], "Basic bWU6cHc6MQ==");
        assert_eq!(signed("header:X-Api-Key: k1").headers()["x-api-key"], "k1");
        assert_eq!(signed("query:key:k 1").uri(), "/x?a=1&key=k+1");
    }

    #[test]
    fn what_is_no_credentials_is_refused_without_saying_it() {
        for text in ["hunter2", "token:hunter2", "header:hunter2", "header:a b:hunter2", "bearer:hunter2\n\u{1}"] {
            let why = Caller::parse(text).map(|_| ()).unwrap_err().to_string();
            assert!(!why.contains("hunter2") && why.contains("bearer:TOKEN"), "{why}");
        }
        assert_eq!(format!("{:?}", Caller::parse("bearer:hunter2").unwrap()), "Caller(\"the caller\")");
    }

    #[test]
    fn forged_credentials_differ_where_they_count() {
        let caller = Caller::parse("bearer:aaaaaaaa").unwrap();
        assert_eq!(caller.forged().and_then(|forged| forged.token().map(str::to_owned)).as_deref(), Some("aaaAaaaa"));
        assert!(Caller::parse("query:a:b").unwrap().forged().is_none());
    }
}
