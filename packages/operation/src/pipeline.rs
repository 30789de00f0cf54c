//! The request pipeline: one order of stages on every host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use bytes::Bytes;
use http::request::Parts as Head;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body as _;
use policy::{Denied, PLATFORM_TENANT, Principal, Rule};
use serde_json::json;
use service_errors::{Error, Kind};
use sha2::{Digest, Sha256};
use validation::Part;
use validation::types::Timestamp;

use crate::operation::Parts;
use crate::signature::{SERVICE_HEADER, SIGNATURE_HEADER, Signed, TIMESTAMP_HEADER, Tolerance};
use crate::{
    Answer, Body, Call, Claim, Context, Dialect, Environment, KEY_REUSED, Mounted, Operation, Record, Remembered,
    Standing, TenantSettings, body, catch, cors, random_id, signature,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Path parameters by name.
pub(crate) type Parameters = Vec<(String, String)>;

/// Set by the host from the connection; a caller's own field of this name never reaches the pipeline.
pub const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-client-address");

/// What becomes known about a request on its way, for the header fields of its answer and for its lines.
struct Trace<'a, S> {
    request_id: String,
    started: u64,
    operation: Option<&'a Operation<S>>,
    dialect: Dialect,
    principal: Principal,
    tenant: Option<String>,
    standing: Option<Standing>,
    settings: Option<Arc<TenantSettings>>,
}

impl<S: Send + Sync + 'static> Mounted<S> {
    pub(crate) async fn serve(&self, request: Request<Body>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let mut trace = Trace {
            request_id: request_id(&head.headers),
            started: (self.ports.stopwatch)(),
            operation: None,
            dialect: Dialect::Enver,
            principal: Principal::Anonymous,
            tenant: None,
            standing: None,
            settings: None,
        };
        let outcome = catch::panics(self.answer(&mut trace, &head, body)).await;
        self.finish(&trace, &head, outcome).await
    }

    async fn answer<'a>(&'a self, trace: &mut Trace<'a, S>, head: &Head, body: Body) -> Result<Answer, Error> {
        let (route, path) = self.route(head.uri.path())?;
        // Also a method that nobody has under a path of OAuth is refused in its form.
        trace.dialect =
            route.first().map_or(Dialect::Enver, |index| self.service.operations()[*index].declaration.dialect);
        if head.method == Method::OPTIONS {
            return self.options(head, route).await;
        }
        let operation = self.operation(&head.method, route)?;
        trace.operation = Some(operation);
        let facts = operation.declaration;
        // A declared length over the limit is refused before a byte of the body is read.
        if body.size_hint().lower() > facts.body_limit as u64 {
            return Err(body::too_large(facts.body_limit));
        }
        let now = (self.ports.clock)();

        // A signature covers the body; a token does not, so the body of everybody else is read after the policy.
        let (body, principal) = if facts.policy.rule == Rule::Internal {
            let bytes = body::read(body, facts.body_limit).await?;
            let principal = self.authenticate_service(head, &bytes, now / 1000).await?;
            (Err(bytes), principal)
        } else {
            (Ok(body), self.authenticate_user(head, facts.dialect, now / 1000).await?)
        };
        trace.tenant = principal.tenant().map(str::to_owned);
        trace.principal = principal;
        let tenant = trace.tenant.as_deref().unwrap_or(PLATFORM_TENANT);
        let settings = self.ports.settings.of(tenant).await?;
        trace.settings = Some(Arc::clone(&settings));

        let client = head.headers.get(CLIENT_ADDRESS).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
        let standing = self.count(operation, &settings, &trace.principal, tenant, client, now / 1000).await?;
        trace.standing = standing;
        if let Some(standing) = standing.filter(Standing::exceeded) {
            let wait = u64::try_from(standing.reset - now / 1000).unwrap_or_default().max(1);
            return Err(Error::rate_limited(wait));
        }

        policy::decide(facts.policy.rule, &trace.principal, now / 1000, settings.fresh_login).map_err(denied)?;
        if settings.switched_off.iter().any(|id| id == facts.id) {
            return Err(Error::new(Kind::NotImplemented));
        }

        let body = match body {
            Ok(stream) => body::read(stream, facts.body_limit).await?,
            Err(bytes) => bytes,
        };
        let query = head.uri.query().unwrap_or_default().to_owned();
        let claim = if facts.idempotent {
            let caller = format!("{}#{}", trace.principal.id(), facts.id);
            claim(head, &body, tenant, &caller, now / 1000 + settings.idempotency_retention)?
        } else {
            None
        };
        let ready = operation.parse(Parts { path, query, headers: head.headers.clone(), body })?;

        if let Some(claim) = &claim
            && let Some(first) = self.ports.memory.recall(claim).await?
        {
            return replay(claim, first);
        }
        let call = Arc::new(Call {
            service: self.service.name,
            operation: facts.id,
            audit: facts.audit,
            success: facts.success,
            environment: self.ports.environment,
            request_id: trace.request_id.clone(),
            principal: trace.principal.clone(),
            tenant: tenant.to_owned(),
            now: Timestamp::from_unix_millis(now),
            client: client.to_owned(),
            claim: claim.clone(),
            claimed: AtomicBool::new(false),
        });
        let context = Context { state: Arc::clone(&self.state), call: Arc::clone(&call) };
        let outcome = ready(context).await;

        // Whatever went wrong, if a twin has answered meanwhile, its answer is the answer.
        if let (Err(error), Some(claim)) = (&outcome, &claim)
            && error.kind() != Kind::Internal
            && let Some(first) = self.ports.memory.recall(claim).await?
        {
            return replay(claim, first);
        }
        self.check(operation, &call, outcome)
    }

    /// The route of a path, and its parameters, decoded.
    pub(crate) fn route(&self, path: &str) -> Result<(&[usize], Parameters), Error> {
        let matched = self.router.at(path).map_err(|_| Error::new(Kind::NotFound))?;
        let parameters: Option<Parameters> =
            matched.params.iter().map(|(name, word)| Some((name.to_owned(), percent_decoded(word)?))).collect();
        Ok((&self.routes[*matched.value], parameters.ok_or_else(|| Error::new(Kind::NotFound))?))
    }

    /// The operation under the request's method; HEAD is answered by GET.
    pub(crate) fn operation(&self, method: &Method, route: &[usize]) -> Result<&Operation<S>, Error> {
        let wanted = if *method == Method::HEAD { "GET" } else { method.as_str() };
        let under = |index: &&usize| self.service.operations()[**index].declaration.method.name() == wanted;
        route
            .iter()
            .find(under)
            .map(|index| &self.service.operations()[*index])
            .ok_or_else(|| Error::new(Kind::MethodNotAllowed).with_details(json!({ "allow": self.methods(route) })))
    }

    fn path_of(&self, id: &str) -> Option<&'static str> {
        let mut all = self.service.operations().iter().map(|operation| operation.declaration);
        all.find(|facts| facts.id == id).map(|facts| facts.path)
    }

    fn methods(&self, route: &[usize]) -> String {
        let mut names: Vec<_> =
            route.iter().map(|index| self.service.operations()[*index].declaration.method.name()).collect();
        if names.contains(&"GET") {
            names.push("HEAD");
        }
        names.push("OPTIONS");
        names.sort_unstable();
        names.join(", ")
    }

    /// OPTIONS: what the path answers, and to a preflight of a known origin, that it may be called.
    async fn options(&self, head: &Head, route: &[usize]) -> Result<Answer, Error> {
        let methods = HeaderValue::try_from(self.methods(route)).map_err(Error::internal)?;
        let mut answer = Answer { status: 204, ..Answer::default() };
        if let Some(origin) = head.headers.get(header::ORIGIN)
            && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
            && self.ports.settings.origin_known(origin.to_str().unwrap_or_default()).await
        {
            let max_age = self.ports.settings.of(PLATFORM_TENANT).await?.preflight_max_age;
            cors::preflight(&mut answer.headers, origin, &methods, max_age);
        }
        answer.headers.insert(header::ALLOW, methods);
        Ok(answer)
    }

    async fn authenticate_user(&self, head: &Head, dialect: Dialect, now: i64) -> Result<Principal, Error> {
        if dialect == Dialect::OAuth {
            return Ok(Principal::Anonymous);
        }
        let mut given = head.headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = given.next() else { return Ok(Principal::Anonymous) };
        let malformed =
            || Error::new(Kind::Unauthorized).with_message("The Authorization header must be one `Bearer` token.");
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") || given.next().is_some() {
            return Err(malformed());
        }
        let settings = self.ports.settings.of(PLATFORM_TENANT).await?;
        let user = self.verified.user(token.trim(), self.ports.keys.as_ref(), &settings, now).await?;
        Ok(Principal::User(user))
    }

    async fn authenticate_service(&self, head: &Head, body: &[u8], now: i64) -> Result<Principal, Error> {
        let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(timestamp), Some(service), Some(given)) =
            (field(TIMESTAMP_HEADER), field(SERVICE_HEADER), field(SIGNATURE_HEADER))
        else {
            return Ok(Principal::Anonymous);
        };
        let settings = self.ports.settings.of(PLATFORM_TENANT).await?;
        let tolerance = Tolerance { max_age: settings.signature_max_age, max_ahead: settings.signature_max_ahead };
        let secret = self.ports.keys.service_secret().await?;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let signed = Signed { timestamp, service, signature: given, method: head.method.as_str(), path, body };
        signature::verify(&signed, &secret, now, tolerance)?;
        let expires_at = now + tolerance.max_age + tolerance.max_ahead;
        if !self.ports.counters.first_use(given, now, expires_at).await? {
            return Err(Error::new(Kind::Unauthorized).with_message("The signature was used before."));
        }
        Ok(Principal::Service { name: service.to_owned() })
    }

    /// Counts the call: by person, by service, and for strangers by address.
    async fn count(
        &self,
        operation: &Operation<S>,
        settings: &TenantSettings,
        principal: &Principal,
        tenant: &str,
        client: &str,
        now: i64,
    ) -> Result<Option<Standing>, Error> {
        let preset = operation.declaration.policy.rate_limit;
        let Some((_, window)) = settings.rate_limits.iter().find(|(known, _)| *known == preset) else {
            return Err(Error::internal(format!("no rate limit {} is configured", preset.name())));
        };
        let caller = if *principal == Principal::Anonymous { client } else { principal.id() };
        let key = format!("{tenant}#{}#{}#{caller}", preset.name(), operation.declaration.id);
        self.ports.counters.hit(&key, *window, now).await.map(Some)
    }

    /// In mock and dev, an answer outside the contract is a fault of ours, found before anybody relies on it.
    fn check(&self, operation: &Operation<S>, call: &Call, outcome: Result<Answer, Error>) -> Result<Answer, Error> {
        if self.ports.environment == Environment::Main {
            return outcome;
        }
        let broken = |why: String| Err(Error::internal(format!("contract of {} broken: {why}", call.operation)));
        match outcome {
            Ok(answer) => {
                if call.claim.is_some() && !call.claimed.load(Ordering::Relaxed) {
                    return broken("it is idempotent but did not write its claim".into());
                }
                let Some(schema) = &operation.schemas.answer else { return Ok(answer) };
                if answer.status == StatusCode::NOT_MODIFIED.as_u16() {
                    return Ok(answer);
                }
                let value = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
                match schema.get().issues(Part::Body, &value).first() {
                    Some(issue) => broken(format!("the answer at {} {}", issue.pointer, issue.message)),
                    None => Ok(answer),
                }
            }
            Err(error)
                if error.kind() == Kind::Internal || operation.declaration.declares(error.kind(), error.code()) =>
            {
                Err(error)
            }
            Err(error) => broken(format!("it does not declare {} {}", error.status(), error.code())),
        }
    }

    /// Turns the outcome into a response and writes the lines.
    async fn finish(&self, trace: &Trace<'_, S>, head: &Head, outcome: Result<Answer, Error>) -> Response<Bytes> {
        let (code, cause) = match &outcome {
            Ok(_) => ("", String::new()),
            Err(error) => (error.code(), error.chain()),
        };
        let mut answer = outcome.unwrap_or_else(|error| render(&error, trace.dialect));
        let headers = &mut answer.headers;
        if let Ok(value) = HeaderValue::from_str(&trace.request_id) {
            headers.insert(REQUEST_ID, value);
        }
        if let Some(standing) = trace.standing {
            headers.insert("x-ratelimit-limit", standing.limit.into());
            headers.insert("x-ratelimit-remaining", standing.remaining().into());
            headers.insert("x-ratelimit-reset", standing.reset.into());
        }
        if let Some(deprecation) = trace.operation.and_then(|operation| operation.declaration.deprecated) {
            deprecation.announce(headers, self.path_of(deprecation.instead));
        }
        cors::secure(headers, self.ports.environment == Environment::Main);
        if let Some(origin) = head.headers.get(header::ORIGIN) {
            headers.append(header::VARY, HeaderValue::from_name(header::ORIGIN));
            let name = origin.to_str().unwrap_or_default();
            let admitted = match (&trace.settings, &trace.tenant) {
                (Some(settings), Some(_)) => settings.origins.iter().any(|known| known == name),
                _ => head.method != Method::OPTIONS && self.ports.settings.origin_known(name).await,
            };
            if admitted {
                cors::admit(headers, origin);
            }
        }
        if !answer.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if head.method == Method::HEAD {
            headers.insert(header::CONTENT_LENGTH, answer.body.len().into());
            answer.body = Bytes::new();
        }
        self.ports.observe.request(&Record {
            service: self.service.name,
            environment: self.ports.environment,
            operation: trace.operation.map_or("", |operation| operation.declaration.id),
            method: head.method.as_str(),
            route: trace.operation.map_or("", |operation| operation.declaration.path),
            status: answer.status,
            micros: (self.ports.stopwatch)().saturating_sub(trace.started),
            request_id: &trace.request_id,
            tenant: trace.tenant.as_deref().unwrap_or_default(),
            principal: trace.principal.id(),
            code,
            cause: &cause,
            at: (self.ports.clock)(),
        });
        let mut response = Response::new(answer.body);
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = answer.headers;
        response
    }
}

/// Refuses a request that no service's pipeline will see: the same envelope and header fields as everywhere.
pub fn refuse(error: &Error, request: &HeaderMap, environment: Environment) -> Response<Bytes> {
    let mut answer = render(error, Dialect::Enver);
    if let Ok(value) = HeaderValue::from_str(&request_id(request)) {
        answer.headers.insert(REQUEST_ID, value);
    }
    answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    cors::secure(&mut answer.headers, environment == Environment::Main);
    let mut response = Response::new(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = answer.headers;
    response
}

/// The caller's request id if it is a plain word, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    const LONGEST: usize = 128;
    let plain = |text: &&str| {
        (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain).map_or_else(random_id, str::to_owned)
}

/// The claim of an idempotent request that carries a key; keys of one `caller` never meet another's.
fn claim(head: &Head, body: &Bytes, tenant: &str, caller: &str, expires_at: i64) -> Result<Option<Claim>, Error> {
    let Some(value) = head.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    const LONGEST: usize = 255;
    let key = value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len())).ok_or_else(|| {
        Error::new(Kind::Validation).with_details(json!({ "issues": [{
            "in": "header", "pointer": "/idempotency-key", "rule": "maxLength",
            "message": "must be 1 to 255 visible ASCII characters",
        }]}))
    })?;
    let mut digest = Sha256::new();
    for part in [head.method.as_str().as_bytes(), head.uri.to_string().as_bytes(), body] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let fingerprint = base64::engine::general_purpose::STANDARD.encode(digest.finalize());
    Ok(Some(Claim { tenant: tenant.to_owned(), key: format!("call#{caller}#{key}"), fingerprint, expires_at }))
}

/// The first answer again, if the question is the same.
fn replay(claim: &Claim, first: Remembered) -> Result<Answer, Error> {
    if first.fingerprint != claim.fingerprint {
        return Err(KEY_REUSED.into());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &first.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(Answer { status: first.status, headers, body: first.body })
}

fn denied(denied: Denied) -> Error {
    match denied {
        Denied::Unauthenticated => Error::new(Kind::Unauthorized),
        Denied::Forbidden => Error::new(Kind::Forbidden),
        Denied::StaleLogin => Error::new(Kind::Forbidden)
            .with_message("Log in again, or with a second factor, to do this.")
            .with_details(json!({ "reason": "stale_login" })),
    }
}

/// An error as an answer: the envelope of its dialect, and the header fields its status asks for.
fn render(error: &Error, dialect: Dialect) -> Answer {
    let mut headers = HeaderMap::new();
    let (envelope, scheme) = match dialect {
        Dialect::Enver => (error.envelope(), "Bearer"),
        Dialect::OAuth => (oauth_envelope(error), "Basic"),
    };
    match error.kind() {
        Kind::Unauthorized => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        Kind::MethodNotAllowed => {
            let whole = error.envelope();
            let allow = whole["error"]["details"]["allow"].as_str().unwrap_or_default();
            if let Ok(allow) = HeaderValue::from_str(allow) {
                headers.insert(header::ALLOW, allow);
            }
        }
        _ => {}
    }
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Answer { status: error.status(), headers, body: envelope.to_string().into() }
}

/// An error as OAuth writes it (RFC 6749, sections 4.1.2.1 and 5.2).
fn oauth_envelope(error: &Error) -> serde_json::Value {
    let code = Dialect::OAuth.code(error.kind(), error.code());
    let issues = &error.envelope()["error"]["details"]["issues"];
    let issues = issues.as_array().into_iter().flatten();
    let wrong: Vec<&str> = issues.filter_map(|issue| issue["pointer"].as_str()?.strip_prefix('/')).collect();
    let description = match wrong.is_empty() {
        true => error.message().to_owned(),
        false => format!("{} Look at: {}.", error.message(), wrong.join(", ")),
    };
    json!({ "error": code, "error_description": description })
}

/// A path parameter as text. `None` when the escapes are broken or the bytes are not UTF-8.
fn percent_decoded(word: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => bytes.push(u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}
