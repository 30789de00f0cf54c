//! A mock of any OpenAPI or AsyncAPI document, ours or anybody's.
//!
//! An OpenAPI document is answered as its operations declare: credentials that are demanded must be there (401), what is
//! sent must be as declared (400 with every issue; 415), and the answer is one that the schema accepts: the document's
//! example, or a value that is made. `Prefer: code=404, example=NAME, dynamic=true` (RFC 7240) chooses another, and
//! `Accept` the media type. An AsyncAPI document is answered below `/_mock` ([`control`]).
//!
//! Refusals are `application/problem+json` (RFC 9457) with `code` and `issues`, or the envelope
//! `{"error": {"message", "code", "details"}}`, or OAuth's form, where the operation declares that for the status.
//!
//! Nothing is made before it is asked for: validators are compiled and answers are written at the first request that
//! needs them, and kept.

mod answers;
mod channels;
mod control;
mod negotiation;
mod refusal;
mod router;

use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use document::{Api, Call, Operation, Part};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use operation::{Body, BoxFuture, Endpoint};
use service_errors::Kind;

use crate::prefer::preferences;
use answers::{Answers, Chosen};
use channels::Log;
use refusal::Refusal;
use router::{Found, Router};

/// The longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// A document that answers.
pub struct Foreign {
    api: Api,
    router: Router,
    answers: Answers,
    log: Log,
    seed: u64,
    /// How many values were made since the start or the last reset.
    made: AtomicU64,
}

impl Foreign {
    /// Makes a document answer. Values that are made follow from the seed.
    #[must_use]
    pub fn new(api: Api, seed: u64) -> Self {
        let (router, answers) = (Router::new(&api), Answers::new(&api));
        Self { api, router, answers, log: Log::default(), seed, made: AtomicU64::new(0) }
    }

    /// What answers.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    async fn answer(&self, request: http::Request<Body>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let query = head.uri.query().unwrap_or_default();
        if let Some(rest) = path.strip_prefix("/_mock") {
            return match read(body).await {
                Ok(body) => self.control(&head.method, rest, query, &body),
                Err(refusal) => refusal.answer(None),
            };
        }
        let (number, below) = match self.router.find(&self.api, &head.method, path) {
            Found::Operation { number, below } => (number, below),
            Found::OtherMethods(methods) => return other_method(&head.method, &methods, &head.headers),
            Found::Nothing => return self.unknown(path).answer(None),
        };
        let Some(operation) = self.api.operations.get(number) else { return self.unknown(path).answer(None) };
        if let Some(missing) = operation.missing_credentials(query, &head.headers) {
            return self.answers.unauthorized(number, operation, missing);
        }
        let body = match read(body).await {
            Ok(body) => body,
            Err(refusal) => return refusal.answer(Some(operation)),
        };
        let issues = operation.check_request(&Call { path: below, query, headers: &head.headers, body: &body });
        if !issues.is_empty() {
            let unsupported = issues.iter().any(|issue| issue.part == Part::Header && issue.rule == "contentType");
            return refusal::invalid(operation, &issues, unsupported).answer(Some(operation));
        }
        match self.chosen(number, operation, &head.headers) {
            Ok(answer) => answer,
            Err(refusal) => refusal.answer(Some(operation)),
        }
    }

    /// The answer that is preferred, in the media type that is accepted.
    fn chosen(&self, number: usize, operation: &Operation, headers: &HeaderMap) -> Result<Response<Bytes>, Refusal> {
        let accept = headers.get(header::ACCEPT).map(HeaderValue::as_bytes);
        if !headers.contains_key(header::HeaderName::from_static("prefer")) {
            return self.answers.usual(number, operation, accept);
        }
        let given = preferences(headers);
        let of = |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let chosen = Chosen { code: of("code"), example: of("example"), dynamic: of("dynamic") == Some("true") };
        let seed = if chosen.dynamic { self.next_seed() } else { 0 };
        let mut answer = self.answers.preferred(number, operation, accept, &chosen, seed)?;
        let known = |name: &str| matches!(name, "code" | "example" | "dynamic");
        let applied = given.iter().filter(|(name, _)| known(name)).map(|(name, value)| format!("{name}={value}"));
        if let Ok(applied) = HeaderValue::try_from(applied.collect::<Vec<_>>().join(", ")) {
            answer.headers_mut().insert(header::HeaderName::from_static("preference-applied"), applied);
        }
        Ok(answer)
    }

    fn unknown(&self, path: &str) -> Refusal {
        let what = if self.api.operations.is_empty() {
            "this document has channels, which answer below /_mock/channels".to_owned()
        } else {
            format!("the document has no path `{path}`; GET /_mock lists what it has")
        };
        Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", what)
    }
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let refused = |error: service_errors::Error| match error.kind() {
        Kind::PayloadTooLarge => {
            let what = format!("a body may have {LONGEST_BODY} bytes here");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", what)
        }
        _ => Refusal::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "the body broke off"),
    };
    operation::read(body, LONGEST_BODY).await.map_err(refused)
}

impl Endpoint for Foreign {
    fn call(&self, request: http::Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let from_page = request.headers().contains_key(header::ORIGIN);
            let mut answer = self.answer(request).await;
            if from_page {
                answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                answer.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
            }
            answer
        })
    }
}

/// 405 with `Allow`; 204 for OPTIONS, with what a browser asks for before a call from another origin.
fn other_method(method: &Method, methods: &[Method], headers: &HeaderMap) -> Response<Bytes> {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let allow = HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"));
    if method != Method::OPTIONS {
        let what = format!("{method} is not declared here; {} are", names.join(", "));
        let mut answer = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", what).answer(None);
        answer.headers_mut().insert(header::ALLOW, allow);
        return answer;
    }
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let fields = answer.headers_mut();
    if headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allow.clone());
        let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HeaderValue::from_static("*")));
    }
    fields.insert(header::ALLOW, allow);
    answer
}
