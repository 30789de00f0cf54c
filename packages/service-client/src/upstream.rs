//! Another service, as this one calls it: where it is, in whose name it is called, and what its answers must hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Platform, Secrets, Shares};
use http::{HeaderMap, Response, StatusCode, header};
use operation::{BreachRecord, Clock, Environment, LazySchema, Observe, Transport, sign};
use serde_json::{Map, Value};
use service_errors::Error;
use validation::{Contract, Issue, Part, Rejection, parse_body};

use crate::{Cause, Declared, Failure, Outgoing, Refused, Route};

/// Where services are.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The origin that a service answers under, without a slash at the end.
    async fn origin(&self, service: &str) -> Result<String, Error>;
}

/// Where each service shares that it is.
#[async_trait]
impl Directory for Shares {
    async fn origin(&self, service: &str) -> Result<String, Error> {
        Ok(self.base_url(service).await)
    }
}

/// One origin for every service.
#[async_trait]
impl Directory for String {
    async fn origin(&self, _: &str) -> Result<String, Error> {
        Ok(self.clone())
    }
}

/// Another service.
pub struct Upstream {
    name: &'static str,
    consumer: &'static str,
    directory: Arc<dyn Directory>,
    transport: Arc<dyn Transport>,
    secrets: Secrets,
    clock: Clock,
    environment: Environment,
    observe: Arc<dyn Observe>,
}

/// A success.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The header fields.
    pub headers: HeaderMap,
    /// What was read of the body.
    pub body: T,
}

impl Upstream {
    /// The service `name`, called over this platform in the name of `consumer`.
    pub fn new(platform: &Platform, name: &'static str, consumer: &'static str, directory: Arc<dyn Directory>) -> Self {
        Self {
            name,
            consumer,
            directory,
            transport: Arc::clone(&platform.transport),
            secrets: platform.secrets.clone(),
            clock: Arc::clone(&platform.clock),
            environment: platform.environment,
            observe: Arc::clone(&platform.observe),
        }
    }

    /// Calls an operation that answers with a `T`, whose schema is `schema`.
    pub async fn call<T: Contract>(
        &self,
        outgoing: Outgoing,
        schema: &LazySchema,
        request_id: &str,
    ) -> Result<Answer<T>, Failure> {
        let (route, response) = (outgoing.route, self.exchange(outgoing, request_id).await?);
        let outcome = self.success(route, &response).and_then(|()| read(schema, &response));
        let body = outcome.map_err(|cause| self.failed(route, response.status(), request_id, cause))?;
        Ok(Answer { headers: response.into_parts().0.headers, body })
    }

    /// The same for a request that names what the caller already has: `None` when that is still the one.
    pub async fn call_unless_known<T: Contract>(
        &self,
        outgoing: Outgoing,
        schema: &LazySchema,
        request_id: &str,
    ) -> Result<Answer<Option<T>>, Failure> {
        let (route, response) = (outgoing.route, self.exchange(outgoing, request_id).await?);
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Answer { headers: response.into_parts().0.headers, body: None });
        }
        let outcome = self.success(route, &response).and_then(|()| read(schema, &response));
        let body = outcome.map_err(|cause| self.failed(route, response.status(), request_id, cause))?;
        Ok(Answer { headers: response.into_parts().0.headers, body: Some(body) })
    }

    /// Calls an operation whose answer has no body, or none that is read.
    pub async fn tell(&self, outgoing: Outgoing, request_id: &str) -> Result<Answer<()>, Failure> {
        let (route, response) = (outgoing.route, self.exchange(outgoing, request_id).await?);
        let outcome = self.success(route, &response);
        outcome.map_err(|cause| self.failed(route, response.status(), request_id, cause))?;
        Ok(Answer { headers: response.into_parts().0.headers, body: () })
    }

    async fn exchange(&self, outgoing: Outgoing, request_id: &str) -> Result<Response<Bytes>, Failure> {
        let route = outgoing.route;
        let failed = |cause| Failure { upstream: self.name, operation: route.id, cause };
        let unsendable = |why: String| failed(Cause::Unsendable(why));
        let origin = self.directory.origin(self.name).await.map_err(|error| unsendable(error.chain()))?;
        let mut request = outgoing.request(&origin, request_id).map_err(unsendable)?;
        if route.signed {
            let secret = self.secrets.service().await.map_err(|error| unsendable(error.chain()))?;
            sign(&mut request, &secret, self.consumer, (self.clock)() * 1000 + nonce());
        }
        self.transport.send(request).await.map_err(|error| failed(Cause::Unreachable(error)))
    }

    /// Whether this is the success the contract promises; otherwise why not.
    fn success(&self, route: &Route, response: &Response<Bytes>) -> Result<(), Cause> {
        let status = response.status().as_u16();
        if status == route.success {
            return Ok(());
        }
        let (code, message, details) = refusal(response.body());
        if let Some(declared) = route.errors.iter().find(|known| known.status == status && known.code == code) {
            return Err(Cause::Refused(Refused { declared: *declared, message, details }));
        }
        let of_something_between = matches!(status, 502..=504) && code.is_empty();
        Err(match of_something_between {
            true => Cause::Unreachable(format!("something between answered {status}").into()),
            false => Cause::Undeclared { status, code },
        })
    }

    /// The failure; when the contract was broken, that is told and counted.
    fn failed(&self, route: &Route, status: StatusCode, request_id: &str, cause: Cause) -> Failure {
        if matches!(cause, Cause::Broken(_) | Cause::Undeclared { .. }) {
            self.observe.breach(&BreachRecord {
                service: self.consumer,
                environment: self.environment,
                upstream: self.name,
                operation: route.id,
                request_id,
                status: status.as_u16(),
                cause: &cause.to_string(),
                at: (self.clock)(),
            });
        }
        Failure { upstream: self.name, operation: route.id, cause }
    }
}

/// Reads what the consumer needs; everything else in the answer is left alone.
fn read<T: Contract>(schema: &LazySchema, response: &Response<Bytes>) -> Result<T, Cause> {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let whole = |rule: &str, message: String| {
        Cause::Broken(vec![Issue { part: Part::Body, pointer: String::new(), rule: rule.to_owned(), message }])
    };
    if let Some(other) = media_type.filter(|given| !given.to_ascii_lowercase().contains("json")) {
        return Err(whole("contentMediaType", format!("is {other}, not JSON")));
    }
    parse_body(schema.get(), response.body()).map_err(|rejection| match rejection {
        Rejection::Issues(issues) => Cause::Broken(issues),
        Rejection::NotJson { line, column, message } => {
            whole("json", format!("is not JSON at line {line}, column {column}: {message}"))
        }
    })
}

/// The code, the message and the details of an error, in our envelope or in OAuth's; empty where there are none.
fn refusal(body: &[u8]) -> (String, String, Map<String, Value>) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match &body["error"] {
        Value::String(code) => (code.clone(), text(&body["error_description"]), Map::new()),
        error => {
            (text(&error["code"]), text(&error["message"]), error["details"].as_object().cloned().unwrap_or_default())
        }
    }
}

/// Keeps two equal calls in one millisecond apart: a signature is good once.
fn nonce() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed) % 1000
}

impl std::fmt::Display for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.code)
    }
}
