//! The client: a cache per tenant and document, with the last known good document behind it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use operation::{Clock, Environment, TenantSettings};
use policy::PLATFORM_TENANT;
use serde_json::Value;
use service_errors::Error;

use crate::documents::id;
use crate::{Document, Fetched, Kept, Source};

/// How the cache is doing. Every read is either a hit or a miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Answered from the cache.
    pub hits: u64,
    /// Not answered from the cache.
    pub misses: u64,
    /// Of the misses, those answered with the last known good document because its source could not.
    pub fallbacks: u64,
}

impl Usage {
    /// Which part of the reads were hits, from 0 to 1; 1 while there were none.
    pub fn hit_rate(&self) -> f64 {
        match self.hits + self.misses {
            0 => 1.0,
            reads => self.hits as f64 / reads as f64,
        }
    }

    /// What was counted after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            hits: self.hits.saturating_sub(earlier.hits),
            misses: self.misses.saturating_sub(earlier.misses),
            fallbacks: self.fallbacks.saturating_sub(earlier.fallbacks),
        }
    }
}

/// Configuration of all tenants, as one service sees it.
pub struct ConfigClient {
    source: Arc<dyn Source>,
    environment: Environment,
    clock: Clock,
    documents: RwLock<HashMap<String, HashMap<TypeId, Cached>>>,
    pub(crate) settings: RwLock<HashMap<String, (Arc<TenantSettings>, i64)>>,
    hits: AtomicU64,
    misses: AtomicU64,
    fallbacks: AtomicU64,
    reported: RwLock<Usage>,
    reported_at: AtomicI64,
}

#[derive(Clone)]
struct Cached {
    typed: Arc<dyn Any + Send + Sync>,
    version: Arc<str>,
    fresh_until: i64,
    /// It serves because its source could not be asked.
    fallback: bool,
}

/// For how long a source that failed is left alone. Callers would otherwise all wait for it.
const RETRY_AFTER_SECONDS: i64 = 1;
/// How many tenants are cached at most.
const MOST_TENANTS: usize = 10_000;
/// How often the usage is reported while nothing is wrong.
const REPORT_AFTER_SECONDS: i64 = 60;

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
            reported: RwLock::default(),
            reported_at: AtomicI64::new(i64::MIN),
        }
    }

    /// The effective document of a tenant. Fails only when it was never had: 503 when its source is down, 500 when the
    /// document does not fit its Rust form.
    pub async fn get<D: Document>(&self, tenant: &str) -> Result<Arc<D>, Error> {
        self.versioned::<D>(tenant).await.map(|(document, _)| document)
    }

    /// The effective document and its version, for answers that say which prices they were made with.
    pub async fn versioned<D: Document>(&self, tenant: &str) -> Result<(Arc<D>, Arc<str>), Error> {
        let cached = self.cached::<D>(tenant);
        if let Some((typed, cached)) = &cached
            && cached.fresh_until > self.now()
        {
            if cached.fallback {
                self.misses.fetch_add(1, Ordering::Relaxed);
                self.fallbacks.fetch_add(1, Ordering::Relaxed);
            } else {
                self.hits.fetch_add(1, Ordering::Relaxed);
            }
            return Ok((Arc::clone(typed), Arc::clone(&cached.version)));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let answer = self.ask::<D>(tenant, cached.map(|(typed, cached)| (typed, cached.version))).await;
        self.report();
        answer
    }

    /// Asks the source, and where it fails the cache, and where that is empty what was kept before the last start.
    async fn ask<D: Document>(
        &self,
        tenant: &str,
        cached: Option<(Arc<D>, Arc<str>)>,
    ) -> Result<(Arc<D>, Arc<str>), Error> {
        let document = id::<D>(self.environment);
        let read =
            |value: &Value| D::deserialize(value).map_err(|error| Error::internal(format!("{document}: {error}")));
        let known = cached.as_ref().map(|(_, version)| version.as_ref());
        let fetched = match (self.source.fetch(tenant, &document, known).await, &cached) {
            (Ok(Fetched::New { value, version, max_age }), _) => read(&value)
                .map(|typed| (Arc::new(typed), Arc::from(version.as_str()), max_age, Some((version, value)))),
            (Ok(Fetched::Unchanged { max_age }), Some((typed, version))) => {
                Ok((Arc::clone(typed), Arc::clone(version), max_age, None))
            }
            (Ok(Fetched::Unchanged { .. }), None) => {
                Err(Error::internal(format!("{document}: unchanged, but never read before")))
            }
            (Err(error), _) => Err(error),
        };
        let error = match fetched {
            Ok((typed, version, max_age, new)) => {
                self.cache(tenant, &typed, &version, max_age, false);
                if let Some((version, value)) = new {
                    // Whatever keeps it from being kept, the document itself is here.
                    let _ = self.source.keep(tenant, &document, &Kept { version, value }).await;
                }
                return Ok((typed, version));
            }
            Err(error) => error,
        };
        let last_known_good = match cached {
            Some(cached) => Some(cached),
            None => match self.source.recall(tenant, &document).await {
                Ok(Some(kept)) => read(&kept.value).ok().map(|typed| (Arc::new(typed), Arc::from(kept.version))),
                _ => None,
            },
        };
        let (typed, version) = last_known_good.ok_or(error)?;
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
        self.cache(tenant, &typed, &version, RETRY_AFTER_SECONDS, true);
        Ok((typed, version))
    }

    /// Asks for a tenant's documents again when they are next needed; for everybody's when the platform's defaults
    /// changed. The documents stay as last known good.
    pub fn invalidate(&self, tenant: &str) {
        let everybody = tenant == PLATFORM_TENANT;
        if let Ok(mut documents) = self.documents.write() {
            let affected = documents.iter_mut().filter(|(name, _)| everybody || *name == tenant);
            affected.flat_map(|(_, cached)| cached.values_mut()).for_each(|cached| cached.fresh_until = 0);
        }
        if let Ok(mut settings) = self.settings.write() {
            settings.retain(|name, _| !everybody && name != tenant);
        }
    }

    /// How the cache is doing since the start.
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

    fn cached<D: Document>(&self, tenant: &str) -> Option<(Arc<D>, Cached)> {
        let documents = self.documents.read().ok()?;
        let cached = documents.get(tenant)?.get(&TypeId::of::<D>())?.clone();
        Some((Arc::clone(&cached.typed).downcast::<D>().ok()?, cached))
    }

    fn cache<D: Document>(&self, tenant: &str, typed: &Arc<D>, version: &Arc<str>, max_age: i64, fallback: bool) {
        let Ok(mut documents) = self.documents.write() else { return };
        make_room(&mut documents, tenant);
        let entry = Cached {
            typed: Arc::clone(typed) as Arc<dyn Any + Send + Sync>,
            version: Arc::clone(version),
            fresh_until: self.now() + max_age,
            fallback,
        };
        documents.entry(tenant.to_owned()).or_default().insert(TypeId::of::<D>(), entry);
    }

    /// Reports now and then, and at once when a document had to be replaced by its last known good one.
    fn report(&self) {
        let (now, usage) = (self.now(), self.usage());
        let Ok(mut reported) = self.reported.write() else { return };
        let since = usage.since(&reported);
        let due = now.saturating_sub(self.reported_at.load(Ordering::Relaxed)) >= REPORT_AFTER_SECONDS;
        if due || since.fallbacks > 0 {
            self.source.report(&since);
            *reported = usage;
            self.reported_at.store(now, Ordering::Relaxed);
        }
    }
}

/// Forgets the tenants that are cached when another would be one too many; what is needed is soon there again.
pub(crate) fn make_room<T>(of_tenants: &mut HashMap<String, T>, tenant: &str) {
    if of_tenants.len() >= MOST_TENANTS && !of_tenants.contains_key(tenant) {
        of_tenants.retain(|name, _| name == PLATFORM_TENANT);
    }
}
