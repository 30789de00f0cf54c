//! The services as callers of this Worker see them: an operation marked for the edge is run here, every other declared
//! one is passed on to its service, and what nobody declared is refused here.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use cloud::{Platform, Shares};
use host_worker::Unanswered;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use operation::{Body, BoxFuture, Endpoint, Environment, Hosted, RouteError, refuse};
use service_errors::{Error, Kind, Refusal};
use worker::console_error;

use crate::passed_on;

/// The services, each mounted by the first request that names it.
pub struct Services {
    platform: Platform,
    services: Vec<Service>,
    shares: OnceLock<Arc<Shares>>,
}

/// A service, mounted or not yet: one this Worker carries, or what it knows of another.
struct Service {
    name: &'static str,
    mount: Box<dyn Fn(&Platform) -> Mounting + Send + Sync>,
    mounted: OnceLock<Result<Box<dyn Hosted>, Broken>>,
}

type Mounting = Result<Box<dyn Hosted>, RouteError>;

impl Service {
    fn new(name: &'static str, mount: impl Fn(&Platform) -> Mounting + Send + Sync + 'static) -> Self {
        Self { name, mount: Box::new(mount), mounted: OnceLock::new() }
    }

    /// The service, or why it cannot be mounted.
    fn get(&self, platform: &Platform) -> Result<&dyn Hosted, &Broken> {
        let mount = || (self.mount)(platform).map_err(|error| Broken::because("the routes cannot be mounted", error));
        self.mounted.get_or_init(mount).as_ref().map(AsRef::as_ref)
    }
}

impl Services {
    /// Every service, on this platform.
    pub fn new(platform: Platform) -> Self {
        let mut services = vec![Service::new(booking::NAME, |platform| Ok(Box::new(booking::mount(platform)?)))];
        for (name, declarations) in passed_on::DECLARED.iter().filter(|(name, _)| *name != booking::NAME) {
            services.push(Service::new(name, |platform| passed_on::mount(platform, name, declarations)));
        }
        Self { platform, services, shares: OnceLock::new() }
    }

    /// The service that this request is passed on to; `None` when it is answered here.
    pub fn elsewhere(&self, head: &Request<()>) -> Option<&'static str> {
        let path = head.uri().path();
        let service = self.named(path)?.ok()?;
        let facts = service.finds(head.method(), path)?;
        (!facts.at_edge).then(|| service.name())
    }

    /// Where that service answers.
    pub async fn base_url(&self, service: &str) -> String {
        self.shares.get_or_init(|| Shares::of(&self.platform)).base_url(service).await
    }

    /// The answer to a request that was passed on in vain.
    pub fn in_vain(&self, why: &Unanswered, headers: &HeaderMap) -> Response<Bytes> {
        let (status, refusal) = match why {
            Unanswered::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, GATEWAY_TIMEOUT),
            Unanswered::Unsayable(_) | Unanswered::Broken(_) => (StatusCode::BAD_GATEWAY, BAD_GATEWAY),
        };
        let mut answer = refuse(&refusal.into(), headers, self.platform.environment);
        // Services have no such status; only who stands before them does.
        *answer.status_mut() = status;
        answer
    }

    /// Which environment they are in.
    pub fn environment(&self) -> Environment {
        self.platform.environment
    }

    /// The service that a path names.
    fn named(&self, path: &str) -> Option<Result<&dyn Hosted, &Broken>> {
        let asked = path.split('/').nth(1)?;
        let service = self.services.iter().find(|service| service.name == asked)?;
        Some(service.get(&self.platform))
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
            Some(Ok(service)) => service.call(request),
            Some(Err(broken)) => broken.call(request),
            None if request.uri().path() == HEALTH => Box::pin(async { healthy() }),
            None => {
                Box::pin(
                    async move { refuse(&Error::new(Kind::NotFound), request.headers(), self.platform.environment) },
                )
            }
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
    /// Says on the console what happened, and why.
    pub fn because(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        let broken = Error::internal(error);
        console_error!("{what}: {}", broken.chain());
        Self(broken)
    }
}

impl Endpoint for Broken {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        // Which environment this is may be what is wrong, so the answer is as careful as the strictest.
        Box::pin(async move { refuse(&self.0, request.headers(), Environment::Main) })
    }
}
