//! The configuration client: typed, cached, and with the last known good document behind it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod restarts;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use config_client::{ConfigClient, Document, Fetched, Scope, Source, Usage};
use operation::Environment;
use serde::Deserialize;
use serde_json::{Value, json};
use service_errors::Error;

#[derive(Debug, PartialEq, Deserialize)]
pub struct Pricing {
    pub rate: u32,
}

impl Document for Pricing {
    const SCOPE: Scope = Scope::Service("booking");
    const NAME: &'static str = "business/pricing";
}

/// A configuration service that counts, changes and breaks down when the test says so.
struct Counted {
    value: Mutex<Value>,
    asked: AtomicU32,
    names: Mutex<Vec<String>>,
    reports: Mutex<Vec<Usage>>,
    down: AtomicBool,
}

impl Counted {
    /// A document's version is its content, so that the same one is never sent twice.
    fn version(&self) -> String {
        self.value.lock().unwrap().to_string()
    }
}

#[async_trait]
impl Source for Counted {
    async fn fetch(&self, tenant: &str, document: &str, known: Option<&str>) -> Result<Fetched, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.names.lock().unwrap().push(format!("{tenant}/{document}"));
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::unavailable("down", 1));
        }
        if known == Some(&self.version()) {
            return Ok(Fetched::Unchanged { max_age: 300 });
        }
        let value = self.value.lock().unwrap().clone();
        Ok(Fetched::New { version: value.to_string(), value, max_age: 300 })
    }

    fn report(&self, usage: &Usage) {
        self.reports.lock().unwrap().push(*usage);
    }

    async fn origin_known(&self, _: &str) -> Result<bool, Error> {
        Ok(false)
    }
}

struct Desk {
    source: Arc<Counted>,
    clock: Arc<AtomicI64>,
    client: ConfigClient,
}

fn desk() -> Desk {
    let source = Arc::new(Counted {
        value: Mutex::new(json!({ "rate": 5 })),
        asked: AtomicU32::new(0),
        names: Mutex::default(),
        reports: Mutex::default(),
        down: AtomicBool::new(false),
    });
    let clock = Arc::new(AtomicI64::new(1_000_000));
    let now = Arc::clone(&clock);
    let client =
        ConfigClient::new(Arc::clone(&source) as _, Environment::Dev, Arc::new(move || now.load(Ordering::SeqCst)));
    Desk { source, clock, client }
}

#[tokio::test]
async fn a_document_is_asked_for_once_until_its_time_has_passed() {
    let desk = desk();
    for _ in 0..3 {
        assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap().rate, 5);
    }
    assert_eq!(desk.source.asked.load(Ordering::SeqCst), 1);

    desk.clock.fetch_add(300_000, Ordering::SeqCst);
    *desk.source.value.lock().unwrap() = json!({ "rate": 6 });
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap().rate, 6);
    assert_eq!(desk.client.usage(), Usage { hits: 2, misses: 2, fallbacks: 0 });
}

#[tokio::test]
async fn each_tenant_has_its_own_document() {
    let desk = desk();
    desk.client.get::<Pricing>("acme").await.unwrap();
    desk.client.get::<Pricing>("other").await.unwrap();

    assert_eq!(
        *desk.source.names.lock().unwrap(),
        ["acme/services.booking.dev.business.pricing", "other/services.booking.dev.business.pricing"]
    );
}

#[tokio::test]
async fn while_the_source_is_down_or_talks_nonsense_the_last_known_good_document_serves_and_is_counted() {
    let desk = desk();
    desk.client.get::<Pricing>("acme").await.unwrap();
    desk.clock.fetch_add(300_000, Ordering::SeqCst);

    desk.source.down.store(true, Ordering::SeqCst);
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap().rate, 5);
    desk.source.down.store(false, Ordering::SeqCst);
    *desk.source.value.lock().unwrap() = json!({ "rate": "much" });
    desk.clock.fetch_add(1_000, Ordering::SeqCst);
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap().rate, 5);

    assert_eq!(desk.client.usage(), Usage { hits: 0, misses: 3, fallbacks: 2 });
}

#[tokio::test]
async fn a_source_that_is_down_is_not_asked_by_every_caller() {
    let desk = desk();
    desk.client.get::<Pricing>("acme").await.unwrap();
    desk.clock.fetch_add(300_000, Ordering::SeqCst);
    desk.source.down.store(true, Ordering::SeqCst);

    for _ in 0..10 {
        desk.client.get::<Pricing>("acme").await.unwrap();
    }
    assert_eq!(desk.source.asked.load(Ordering::SeqCst), 2);
    assert_eq!(desk.client.usage().fallbacks, 10);

    desk.source.down.store(false, Ordering::SeqCst);
    *desk.source.value.lock().unwrap() = json!({ "rate": 6 });
    desk.clock.fetch_add(1_000, Ordering::SeqCst);
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap().rate, 6);
}

#[tokio::test]
async fn a_version_that_did_not_change_is_kept_and_fresh_again() {
    let desk = desk();
    let (first, version) = desk.client.versioned::<Pricing>("acme").await.unwrap();
    desk.clock.fetch_add(300_000, Ordering::SeqCst);

    let (second, same) = desk.client.versioned::<Pricing>("acme").await.unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(version, same);
    desk.client.get::<Pricing>("acme").await.unwrap();
    assert_eq!(desk.source.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn hits_misses_and_fallbacks_are_reported_each_once() {
    let desk = desk();
    for _ in 0..4 {
        desk.client.get::<Pricing>("acme").await.unwrap();
    }
    desk.clock.fetch_add(300_000, Ordering::SeqCst);
    desk.source.down.store(true, Ordering::SeqCst);
    desk.client.get::<Pricing>("acme").await.unwrap();

    let reports = desk.source.reports.lock().unwrap().clone();
    assert_eq!(reports, [Usage { hits: 0, misses: 1, fallbacks: 0 }, Usage { hits: 3, misses: 1, fallbacks: 1 }]);
    assert!((desk.client.usage().hit_rate() - 0.6).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_document_that_was_never_had_is_an_error() {
    let desk = desk();
    desk.source.down.store(true, Ordering::SeqCst);
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap_err().code(), "UNAVAILABLE");

    desk.source.down.store(false, Ordering::SeqCst);
    *desk.source.value.lock().unwrap() = json!({});
    assert_eq!(desk.client.get::<Pricing>("acme").await.unwrap_err().code(), "INTERNAL_ERROR");
}

#[tokio::test]
async fn a_changed_tenant_is_read_anew_and_a_changed_platform_for_everybody() {
    let desk = desk();
    let read = async |tenant: &str| {
        desk.client.get::<Pricing>(tenant).await.unwrap();
        desk.source.asked.load(Ordering::SeqCst)
    };
    read("acme").await;
    assert_eq!(read("other").await, 2);

    desk.client.invalidate("acme");
    assert_eq!((read("acme").await, read("other").await), (3, 3));
    desk.client.invalidate("platform");
    assert_eq!((read("acme").await, read("other").await), (4, 5));
}
