//! Documents over HTTP, from the configuration service's internal operations, signed by the calling service.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Platform, Secrets, Shares};
use http::{Request, Response, StatusCode, header};
use operation::{CacheRecord, Clock, Environment, Observe, Transport, sign};
use serde::Deserialize;
use serde_json::Value;
use service_errors::Error;

use crate::last_known_good::LastKnownGood;
use crate::{Fetched, Kept, Source, Usage};

/// The name of the service that keeps the documents.
const CONFIG: &str = "config";

/// The configuration service, seen from another service.
pub struct HttpSource {
    transport: Arc<dyn Transport>,
    shares: Arc<Shares>,
    service: &'static str,
    secrets: Secrets,
    clock: Clock,
    environment: Environment,
    observe: Arc<dyn Observe>,
    last_known_good: LastKnownGood,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Effective {
    value: Value,
    version: String,
}

#[derive(Deserialize)]
struct Origin {
    known: bool,
}

impl HttpSource {
    /// The configuration service behind `platform`, called in the name of `service`.
    pub fn new(platform: &Platform, service: &'static str) -> Self {
        Self {
            transport: Arc::clone(&platform.transport),
            shares: Shares::of(platform, service),
            service,
            secrets: platform.secrets.clone(),
            clock: Arc::clone(&platform.clock),
            environment: platform.environment,
            observe: Arc::clone(&platform.observe),
            last_known_good: LastKnownGood::new(platform, service),
        }
    }

    /// The answer to a GET: a success, or 304 when the version that is `known` is still the one.
    async fn get(&self, path: &str, known: Option<&str>) -> Result<Response<Bytes>, Error> {
        const RETRY_AFTER_SECONDS: u64 = 1;
        let down = |why: String| Error::unavailable(format!("configuration {path}: {why}"), RETRY_AFTER_SECONDS);
        let base = self.shares.base_url(CONFIG).await;
        let mut request = Request::get(format!("{base}{path}"));
        if let Some(version) = known {
            request = request.header(header::IF_NONE_MATCH, format!("\"{version}\""));
        }
        let mut request = request.body(Bytes::new()).map_err(Error::internal)?;
        sign(&mut request, &self.secrets.service().await?, self.service, (self.clock)() * 1000 + nonce());
        let response = self.transport.send(request).await.map_err(|error| down(error.to_string()))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::NOT_MODIFIED if known.is_some() => Ok(response),
            status => Err(down(status.to_string())),
        }
    }
}

/// Keeps two equal calls in one millisecond apart: a signature is good once.
fn nonce() -> i64 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed) % 1000
}

fn read<T: serde::de::DeserializeOwned>(response: &Response<Bytes>) -> Result<T, Error> {
    serde_json::from_slice::<Envelope<T>>(response.body()).map(|envelope| envelope.data).map_err(Error::internal)
}

#[async_trait]
impl Source for HttpSource {
    async fn fetch(&self, tenant: &str, document: &str, known: Option<&str>) -> Result<Fetched, Error> {
        let path = format!("/config/internal/v1/tenants/{tenant}/documents/{document}");
        let response = self.get(&path, known).await?;
        let max_age = response.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
        let max_age = max_age.and_then(|value| value.rsplit_once("max-age=")?.1.parse().ok()).unwrap_or(0);
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged { max_age });
        }
        let effective: Effective = read(&response)?;
        Ok(Fetched::New { value: effective.value, version: effective.version, max_age })
    }

    async fn origin_known(&self, origin: &str) -> Result<bool, Error> {
        let escaped: String = origin
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let response = self.get(&format!("/config/internal/v1/origins?origin={escaped}"), None).await?;
        read::<Origin>(&response).map(|origin| origin.known)
    }

    async fn keep(&self, tenant: &str, document: &str, kept: &Kept) -> Result<(), Error> {
        self.last_known_good.keep(tenant, document, kept).await
    }

    async fn recall(&self, tenant: &str, document: &str) -> Result<Option<Kept>, Error> {
        self.last_known_good.recall(tenant, document).await
    }

    fn report(&self, usage: &Usage) {
        self.observe.cache(&CacheRecord {
            service: self.service,
            environment: self.environment,
            hits: usage.hits,
            misses: usage.misses,
            fallbacks: usage.fallbacks,
            at: (self.clock)(),
        });
    }
}
