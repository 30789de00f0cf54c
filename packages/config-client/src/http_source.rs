//! Documents over HTTP, from the configuration service's internal operations, through the client generated from its
//! contract.

use std::sync::Arc;

use async_trait::async_trait;
use cloud::{Platform, Shares};
use http::{HeaderMap, header};
use operation::{CacheRecord, Clock, Environment, Observe, random_id};
use service_errors::Error;

use crate::last_known_good::LastKnownGood;
use crate::upstreams::config::Config;
use crate::{Fetched, Kept, Source, Usage};

/// The configuration service, seen from another service. What it is asked serves many requests, so each call has an id
/// of its own.
pub struct HttpSource {
    config: Config,
    service: &'static str,
    clock: Clock,
    environment: Environment,
    observe: Arc<dyn Observe>,
    last_known_good: LastKnownGood,
}

impl HttpSource {
    /// The configuration service behind `platform`, called in the name of `service`.
    pub fn new(platform: &Platform, service: &'static str) -> Self {
        Self {
            config: Config::new(platform, service, Shares::of(platform)),
            service,
            clock: Arc::clone(&platform.clock),
            environment: platform.environment,
            observe: Arc::clone(&platform.observe),
            last_known_good: LastKnownGood::new(platform, service),
        }
    }
}

#[async_trait]
impl Source for HttpSource {
    async fn fetch(&self, tenant: &str, document: &str, known: Option<&str>) -> Result<Fetched, Error> {
        let known = known.map(|version| format!("\"{version}\""));
        let answer = self.config.read_tenant_document(&random_id(), document, tenant, known.as_deref()).await?;
        let max_age = max_age(&answer.headers);
        Ok(match answer.body {
            Some(body) => Fetched::New { value: body.data.value.0, version: body.data.version, max_age },
            None => Fetched::Unchanged { max_age },
        })
    }

    async fn origin_known(&self, origin: &str) -> Result<bool, Error> {
        Ok(self.config.find_origin(&random_id(), origin).await?.body.data.known)
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

/// For how many seconds an answer may be kept; 0 where it does not say.
fn max_age(headers: &HeaderMap) -> i64 {
    let value = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.rsplit_once("max-age=")?.1.parse().ok()).unwrap_or(0)
}
