//! The services as callers of this Worker see them: an operation marked for the edge is run here, every other declared
//! one is passed on to its service, and what nobody declared is refused here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloud::{Platform, Shares, VariableError};
use host_worker::Unanswered;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use operation::{Body, BoxFuture, Endpoint, Environment, Hosted, RouteError, refuse};
use service_errors::{Error, Kind, Refusal};

use crate::passed_on;

/// Why the services cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The variables are not whole.
    #[error("the Worker's variables are not whole")]
    Environment(#[from] VariableError),
    /// A service has two operations on one route.
    #[error("the routes cannot be mounted")]
    Routes(#[from] RouteError),
}

/// The mounted services.
pub struct Services {
    environment: Environment,
    hosted: Vec<Box<dyn Hosted>>,
    shares: Arc<Shares>,
}

impl Services {
    /// Every service this Worker carries, and what it knows of the others.
    pub fn mount(platform: &Platform) -> Result<Self, StartError> {
        let mut hosted: Vec<Box<dyn Hosted>> = vec![Box::new(booking::mount(platform)?)];
        hosted.extend(passed_on::mount(platform, &[booking::NAME])?);
        Ok(Self { environment: platform.environment, hosted, shares: Shares::of(platform) })
    }

    /// The service that this request is passed on to; `None` when it is answered here.
    pub fn elsewhere(&self, head: &Request<()>) -> Option<&'static str> {
        let path = head.uri().path();
        let service = self.named(path)?;
        let facts = service.finds(head.method(), path)?;
        (!facts.at_edge).then(|| service.name())
    }

    /// Where that service answers.
    pub async fn base_url(&self, service: &str) -> String {
        self.shares.base_url(service).await
    }

    /// The answer to a request that was passed on in vain.
    pub fn in_vain(&self, why: &Unanswered, headers: &HeaderMap) -> Response<Bytes> {
        let (status, refusal) = match why {
            Unanswered::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, GATEWAY_TIMEOUT),
            Unanswered::Unsayable(_) | Unanswered::Broken(_) => (StatusCode::BAD_GATEWAY, BAD_GATEWAY),
        };
        let mut answer = refuse(&refusal.into(), headers, self.environment);
        // Services have no such status; only who stands before them does.
        *answer.status_mut() = status;
        answer
    }

    /// The answer to a request that panicked.
    pub fn panicked(&self, headers: &HeaderMap) -> Response<Bytes> {
        refuse(&Error::new(Kind::Internal), headers, self.environment)
    }

    fn named(&self, path: &str) -> Option<&dyn Hosted> {
        let name = path.split('/').nth(1)?;
        self.hosted.iter().find(|service| service.name() == name).map(AsRef::as_ref)
    }
}

/// How long a service may take to begin its answer: as long as its functions may run, by the configuration of
/// deployments.
pub const ALLOWED: Duration = Duration::from_secs(include!(concat!(env!("OUT_DIR"), "/seconds.rs")));

const BAD_GATEWAY: Refusal = Refusal::new(Kind::Unavailable, "BAD_GATEWAY", "The service cannot be reached.");
const GATEWAY_TIMEOUT: Refusal =
    Refusal::new(Kind::Unavailable, "GATEWAY_TIMEOUT", "The service did not answer in time.");

impl Endpoint for Services {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        const HEALTH: &str = "/health";
        match self.named(request.uri().path()) {
            Some(service) => service.call(request),
            None if request.uri().path() == HEALTH => Box::pin(async { healthy() }),
            None => Box::pin(async move { refuse(&Error::new(Kind::NotFound), request.headers(), self.environment) }),
        }
    }
}

/// What a load balancer wants to hear: the Worker answers.
fn healthy() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"data":{"status":"ok"}}"#));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Stands in for services that could not be mounted: a fault of ours, told to the console and to no caller.
pub struct Broken(Error);

impl Broken {
    pub fn because(error: StartError) -> Self {
        Self(Error::internal(error))
    }

    /// What happened, with its causes.
    pub fn cause(&self) -> String {
        self.0.chain()
    }
}

impl Endpoint for Broken {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        // Which environment this is may be what is wrong, so the answer is as careful as the strictest.
        Box::pin(async move { refuse(&self.0, request.headers(), Environment::Main) })
    }
}
