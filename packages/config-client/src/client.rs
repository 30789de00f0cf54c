//! The client: a cache per tenant and document, with the last known good document behind it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use operation::{Clock, Environment, TenantSettings};
use serde_json::Value;
use service_errors::Error;

use crate::Document;
use crate::documents::id;

/// A document as its source gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// The effective value: the tenant's keys over the platform's.
    pub value: Value,
    /// Which version that is.
    pub version: String,
    /// Seconds for which it need not be asked for again.
    pub max_age: i64,
}

/// Where documents come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The effective document of a tenant. Fails when it cannot be had now.
    async fn fetch(&self, tenant: &str, document: &str) -> Result<Fetched, Error>;

    /// Whether any tenant lists this origin as a caller.
    async fn origin_known(&self, origin: &str) -> Result<bool, Error>;
}

/// How the cache is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Answered from the cache.
    pub hits: u64,
    /// Asked for.
    pub misses: u64,
    /// Answered with the last known good document because its source could not.
    pub fallbacks: u64,
}

/// Configuration of all tenants, as one service sees it.
pub struct ConfigClient {
    source: Arc<dyn Source>,
    environment: Environment,
    clock: Clock,
    documents: RwLock<HashMap<String, HashMap<String, Cached>>>,
    pub(crate) settings: RwLock<HashMap<String, (Arc<TenantSettings>, i64)>>,
    hits: AtomicU64,
    misses: AtomicU64,
    fallbacks: AtomicU64,
}

#[derive(Clone)]
struct Cached {
    typed: Arc<dyn Any + Send + Sync>,
    version: Arc<str>,
    fresh_until: i64,
}

impl ConfigClient {
    /// A client with an empty cache.
    pub fn new(source: Arc<dyn Source>, environment: Environment, clock: Clock) -> Self {
        Self {
            source,
            environment,
            clock,
            documents: RwLock::default(),
            settings: RwLock::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            fallbacks: AtomicU64::new(0),
        }
    }

    /// The effective document of a tenant. Fails only when it was never had: 503 when its source is down, 500 when the
    /// document does not fit its Rust form.
    pub async fn get<D: Document>(&self, tenant: &str) -> Result<Arc<D>, Error> {
        self.versioned::<D>(tenant).await.map(|(document, _)| document)
    }

    /// The effective document and its version, for answers that say which prices they were made with.
    pub async fn versioned<D: Document>(&self, tenant: &str) -> Result<(Arc<D>, Arc<str>), Error> {
        let document = id::<D>(self.environment);
        let cached = self.cached(tenant, &document);
        let typed = |cached: Cached| cached.typed.downcast::<D>().ok().map(|typed| (typed, cached.version));
        if let Some(cached) = cached.clone().filter(|cached| cached.fresh_until > self.now()) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return typed(cached).ok_or_else(|| Error::internal(format!("{document} was read in two forms")));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let fetched = self.source.fetch(tenant, &document).await.and_then(|fetched| {
            let parsed = serde_json::from_value::<D>(fetched.value);
            let parsed = parsed.map_err(|error| Error::internal(format!("{document}: {error}")))?;
            Ok((Arc::new(parsed), fetched.version, fetched.max_age))
        });
        match (fetched, cached.and_then(typed)) {
            (Ok((parsed, version, max_age)), _) => {
                let version: Arc<str> = version.into();
                let entry = Cached {
                    typed: Arc::clone(&parsed) as Arc<dyn Any + Send + Sync>,
                    version: Arc::clone(&version),
                    fresh_until: self.now() + max_age,
                };
                if let Ok(mut documents) = self.documents.write() {
                    documents.entry(tenant.to_owned()).or_default().insert(document, entry);
                }
                Ok((parsed, version))
            }
            (Err(_), Some(last_known_good)) => {
                self.fallbacks.fetch_add(1, Ordering::Relaxed);
                Ok(last_known_good)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Asks for a tenant's documents again when they are next needed; for everybody's when the platform's defaults
    /// changed. The documents stay as last known good.
    pub fn invalidate(&self, tenant: &str) {
        let everybody = tenant == policy::PLATFORM_TENANT;
        if let Ok(mut documents) = self.documents.write() {
            let affected = documents.iter_mut().filter(|(name, _)| everybody || *name == tenant);
            affected.flat_map(|(_, cached)| cached.values_mut()).for_each(|cached| cached.fresh_until = 0);
        }
        if let Ok(mut settings) = self.settings.write() {
            settings.retain(|name, _| !everybody && name != tenant);
        }
    }

    /// How the cache is doing.
    pub fn usage(&self) -> Usage {
        Usage {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            fallbacks: self.fallbacks.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)() / 1000
    }

    fn cached(&self, tenant: &str, document: &str) -> Option<Cached> {
        self.documents.read().ok()?.get(tenant)?.get(document).cloned()
    }
}
