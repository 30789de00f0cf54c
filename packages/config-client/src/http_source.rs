//! Documents over HTTP, from the configuration service's internal operations, signed by the calling service.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Platform, Secrets};
use http::{Request, Response, header};
use operation::{Clock, Transport, sign};
use serde::Deserialize;
use serde_json::Value;
use service_errors::Error;

use crate::{Fetched, Source};

/// The configuration service, seen from another service.
pub struct HttpSource {
    transport: Arc<dyn Transport>,
    base: String,
    service: &'static str,
    secrets: Secrets,
    clock: Clock,
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
            base: platform.config_service_url.clone(),
            service,
            secrets: platform.secrets.clone(),
            clock: Arc::clone(&platform.clock),
        }
    }

    async fn get(&self, path: &str) -> Result<Response<Bytes>, Error> {
        const RETRY_AFTER_SECONDS: u64 = 1;
        let down = |why: String| Error::unavailable(format!("configuration {path}: {why}"), RETRY_AFTER_SECONDS);
        let mut request = Request::get(format!("{}{path}", self.base)).body(Bytes::new()).map_err(Error::internal)?;
        sign(&mut request, &self.secrets.service().await?, self.service, (self.clock)() * 1000 + nonce());
        let response = self.transport.send(request).await.map_err(|error| down(error.to_string()))?;
        match response.status().is_success() {
            true => Ok(response),
            false => Err(down(response.status().to_string())),
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
    async fn fetch(&self, tenant: &str, document: &str) -> Result<Fetched, Error> {
        let response = self.get(&format!("/config/internal/v1/tenants/{tenant}/documents/{document}")).await?;
        let max_age = response.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
        let max_age = max_age.and_then(|value| value.rsplit_once("max-age=")?.1.parse().ok()).unwrap_or(0);
        let effective: Effective = read(&response)?;
        Ok(Fetched { value: effective.value, version: effective.version, max_age })
    }

    async fn origin_known(&self, origin: &str) -> Result<bool, Error> {
        let escaped: String = origin
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let response = self.get(&format!("/config/internal/v1/origins?origin={escaped}")).await?;
        read::<Origin>(&response).map(|origin| origin.known)
    }
}
