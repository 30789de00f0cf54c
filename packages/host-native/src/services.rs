//! Several services behind one endpoint, by the first segment of the path.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use operation::{Body, BoxError, BoxFuture, Endpoint, Environment, Hosted, Transport, full, refuse};
use service_errors::{Error, Kind};

/// The services of one constellation.
pub struct Services {
    environment: Environment,
    hosted: Vec<Arc<dyn Hosted>>,
    born: Instant,
    /// When the last request began or ended, in milliseconds since `born`.
    busy_at: AtomicU64,
}

impl Services {
    /// These services, in one environment.
    pub fn new(environment: Environment, hosted: Vec<Arc<dyn Hosted>>) -> Self {
        Self { environment, hosted, born: Instant::now(), busy_at: AtomicU64::new(0) }
    }

    /// Waits until no request began or ended for a moment, or as long as it may: somebody waits for the answer to a
    /// request, and nobody for an event.
    pub(crate) async fn lull(&self, at_most: Duration) {
        const MOMENT: u64 = 5;
        let begun = self.now();
        loop {
            let (now, busy_at) = (self.now(), self.busy_at.load(Ordering::Relaxed));
            let quiet_for = now.saturating_sub(busy_at);
            if quiet_for >= MOMENT || u128::from(now - begun) >= at_most.as_millis() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(MOMENT - quiet_for)).await;
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note_request(&self) {
        self.busy_at.store(self.now(), Ordering::Relaxed);
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Hosted>> {
        self.hosted.iter()
    }

    fn named(&self, path: &str) -> Option<&Arc<dyn Hosted>> {
        let name = path.strip_prefix('/')?.split('/').next()?;
        self.hosted.iter().find(|service| service.name() == name)
    }
}

impl Endpoint for Services {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        const HEALTH: &str = "/health";
        match self.named(request.uri().path()) {
            Some(service) => Box::pin(async move {
                self.note_request();
                let response = service.call(request).await;
                self.note_request();
                response
            }),
            None => Box::pin(async move {
                if request.uri().path() == HEALTH {
                    healthy()
                } else {
                    refuse(&Error::new(Kind::NotFound), request.headers(), self.environment)
                }
            }),
        }
    }
}

/// What a load balancer wants to hear: the process answers.
fn healthy() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"data":{"status":"ok"}}"#));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Calls between services that never leave the process. Services are mounted on it before they exist, so they are given
/// to it afterwards.
#[derive(Clone, Default)]
pub struct InProcess {
    services: Arc<OnceLock<Arc<Services>>>,
}

impl InProcess {
    /// From now on requests reach these services. The first call counts.
    pub fn connect(&self, services: Arc<Services>) {
        let _ = self.services.set(services);
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let services = self.services.get().ok_or("the services are not up yet")?;
        Ok(services.call(request.map(full)).await)
    }
}
