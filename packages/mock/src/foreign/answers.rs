//! The answers of operations, each written at the first request for it and kept as bytes.

use std::sync::OnceLock;

use bytes::Bytes;
use document::{Api, Media, MediaType, Operation, Parameter, Security};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::negotiation::best;
use super::refusal::{self, Refusal};

/// What a caller prefers.
pub struct Chosen<'a> {
    /// A status.
    pub code: Option<&'a str>,
    /// The name of an example.
    pub example: Option<&'a str>,
    /// A value that was not seen before.
    pub dynamic: bool,
}

/// For each operation, each of its answers, each of its media types (and one place for no body).
pub struct Answers {
    kept: Vec<Vec<Kept>>,
    /// The number of each operation's usual answer.
    usual: Vec<usize>,
    /// The refusal of each operation where credentials are missing: it says nothing of the request.
    unauthorized: Vec<OnceLock<Response<Bytes>>>,
}

struct Kept {
    /// Media types without parameters, in small letters.
    names: Vec<String>,
    written: Vec<OnceLock<Result<Response<Bytes>, String>>>,
}

impl Answers {
    pub fn new(api: &Api) -> Self {
        let of = |operation: &Operation| {
            let kept = |response: &document::Response| Kept {
                names: response.content.iter().map(|media| media.essence().into_owned()).collect(),
                written: (0..response.content.len().max(1)).map(|_| OnceLock::new()).collect(),
            };
            operation.responses.iter().map(kept).collect()
        };
        let usual = |operation: &Operation| {
            let success = operation.success().map(std::ptr::from_ref);
            operation.responses.iter().position(|response| Some(std::ptr::from_ref(response)) == success).unwrap_or(0)
        };
        Self {
            kept: api.operations.iter().map(of).collect(),
            usual: api.operations.iter().map(usual).collect(),
            unauthorized: api.operations.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The refusal where none of the alternatives of credentials is there.
    pub fn unauthorized(&self, number: usize, operation: &Operation, missing: &[Vec<Security>]) -> Response<Bytes> {
        let refused = || refusal::unauthorized(missing).answer(Some(operation));
        self.unauthorized.get(number).map_or_else(refused, |kept| kept.get_or_init(refused).clone())
    }

    /// The answer when all goes well.
    pub fn usual(
        &self,
        number: usize,
        operation: &Operation,
        accept: Option<&[u8]>,
    ) -> Result<Response<Bytes>, Refusal> {
        self.kept(number, operation, self.usual.get(number).copied().unwrap_or(0), None, accept)
    }

    /// The answer that is preferred.
    pub fn preferred(
        &self,
        number: usize,
        operation: &Operation,
        accept: Option<&[u8]>,
        chosen: &Chosen<'_>,
        seed: u64,
    ) -> Result<Response<Bytes>, Refusal> {
        let usual = self.usual.get(number).copied().unwrap_or(0);
        let (response, status) = match chosen.code {
            Some(code) => {
                let status = code.parse().ok().filter(|status: &StatusCode| (200..600).contains(&status.as_u16()));
                let found = status.and_then(|status| Some((operation.response(status)?, status)));
                let Some((found, status)) = found else { return Err(no_such(operation, &format!("answer {code}"))) };
                let position = operation.responses.iter().position(|response| std::ptr::eq(response, found));
                (position.unwrap_or(usual), Some(status))
            }
            // An example that another answer has means that answer.
            None => match chosen.example.and_then(|name| with_example(operation, name)) {
                Some(response) => (response, None),
                None => (usual, None),
            },
        };
        if chosen.example.is_none() && !chosen.dynamic {
            return self.kept(number, operation, response, status, accept);
        }
        let Some(declared) = operation.responses.get(response) else { return Ok(empty()) };
        let Some(media) = self.media(number, declared, response, accept)? else {
            return self.kept(number, operation, response, status, accept);
        };
        let value = match chosen.example {
            Some(name) => match media.examples.iter().find(|(known, _)| known == name) {
                Some((_, value)) => Some(value.clone()),
                None => return Err(no_such(operation, &format!("example `{name}` in {}", media.name))),
            },
            None => media.schema.as_ref().and_then(|schema| {
                // It will be asked for again: its validator is kept.
                schema.compiles().ok()?;
                schema.generate(seed)
            }),
        };
        let Some(value) = value else {
            return self.kept(number, operation, response, status, accept);
        };
        let mut answer = heads(declared, Some(media), status);
        *answer.body_mut() = media.write(&value);
        Ok(answer)
    }

    fn kept(
        &self,
        number: usize,
        operation: &Operation,
        response: usize,
        status: Option<StatusCode>,
        accept: Option<&[u8]>,
    ) -> Result<Response<Bytes>, Refusal> {
        let (Some(declared), Some(kept)) =
            (operation.responses.get(response), self.kept.get(number).and_then(|all| all.get(response)))
        else {
            // The document promises nothing.
            return Ok(empty());
        };
        let place = if kept.names.is_empty() { Some(0) } else { best(accept, &kept.names) };
        let Some(place) = place else { return Err(not_acceptable(declared)) };
        let Some(cell) = kept.written.get(place) else { return Ok(empty()) };
        match cell.get_or_init(|| write(declared, declared.content.get(place))) {
            Ok(written) => {
                let mut answer = written.clone();
                if let Some(status) = status {
                    *answer.status_mut() = status;
                }
                Ok(answer)
            }
            Err(why) => Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NO_EXAMPLE", why.clone())),
        }
    }

    fn media<'o>(
        &self,
        number: usize,
        declared: &'o document::Response,
        response: usize,
        accept: Option<&[u8]>,
    ) -> Result<Option<&'o Media>, Refusal> {
        let kept = self.kept.get(number).and_then(|all| all.get(response)).filter(|kept| !kept.names.is_empty());
        let Some(kept) = kept else { return Ok(None) };
        let place = best(accept, &kept.names).ok_or_else(|| not_acceptable(declared))?;
        Ok(declared.content.get(place))
    }
}

/// Where nothing is declared.
fn empty() -> Response<Bytes> {
    Response::new(Bytes::new())
}

fn with_example(operation: &Operation, name: &str) -> Option<usize> {
    let has = |response: &document::Response| {
        response.content.iter().any(|media| media.examples.iter().any(|(known, _)| known == name))
    };
    let success = operation.success().filter(|response| has(response));
    let found = success.or_else(|| operation.responses.iter().find(|response| has(response)))?;
    operation.responses.iter().position(|response| std::ptr::eq(response, found))
}

fn no_such(operation: &Operation, what: &str) -> Refusal {
    let codes: Vec<&str> = operation.responses.iter().map(|response| response.status.as_str()).collect();
    let mut names: Vec<&str> = operation
        .responses
        .iter()
        .flat_map(|response| &response.content)
        .flat_map(|media| &media.examples)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let names = if names.is_empty() { "no examples".to_owned() } else { format!("the examples {}", names.join(", ")) };
    let what = format!("{} declares no {what}; it has the answers {} and {names}", operation.id, codes.join(", "));
    Refusal::new(StatusCode::BAD_REQUEST, "NO_SUCH_ANSWER", what)
}

fn not_acceptable(declared: &document::Response) -> Refusal {
    let names: Vec<&str> = declared.content.iter().map(|media| media.name.as_str()).collect();
    let what = format!("the answer {} is in {}", declared.status, names.join(" or "));
    Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", what)
}

fn write(declared: &document::Response, media: Option<&Media>) -> Result<Response<Bytes>, String> {
    let mut answer = heads(declared, media, None);
    if let Some(media) = media {
        match (media.example(), &media.schema) {
            (Some(value), _) => *answer.body_mut() = media.write(&value),
            (None, None) => {}
            (None, Some(_)) if matches!(MediaType::of(&media.name), MediaType::Binary | MediaType::Text) => {}
            (None, Some(schema)) => {
                let why = schema.compiles().err().map_or_else(
                    || format!("no value was found that the schema at {} accepts", schema.pointer()),
                    str::to_owned,
                );
                return Err(why);
            }
        }
    }
    Ok(answer)
}

/// Status and header fields.
fn heads(declared: &document::Response, media: Option<&Media>, status: Option<StatusCode>) -> Response<Bytes> {
    let mut answer = empty();
    *answer.status_mut() = status.unwrap_or_else(|| declared.sent());
    *answer.headers_mut() = fields(declared, |_| true);
    if let Some(media) = media
        && let Ok(name) = HeaderValue::try_from(media.sent())
    {
        answer.headers_mut().insert(header::CONTENT_TYPE, name);
    }
    answer
}

/// The declared header fields, as the document gives examples of them, or else made.
pub fn fields(declared: &document::Response, wanted: impl Fn(&Parameter) -> bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for header in declared.headers.iter().filter(|header| wanted(header)) {
        let stated = header.examples.first().map(|(_, value)| value.clone());
        let Some(value) = stated.or_else(|| header.schema.example()) else { continue };
        let name = HeaderName::from_bytes(header.name.as_bytes());
        // Those of the connection are the server's.
        let ours = ["content-length", "transfer-encoding", "connection"];
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(header.encode(&value)))
            && !ours.contains(&name.as_str())
        {
            headers.insert(name, value);
        }
    }
    headers
}
