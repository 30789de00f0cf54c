//! Services that start while the configuration service is down, over the real source and an embedded cloud.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use cloud::{Cloud, Platform};
use config_client::{ConfigClient, HttpSource};
use embedded_aws::EmbeddedAws;
use http::{Request, Response};
use operation::{BoxError, CacheRecord, Environment, LocalCounters, Observe, Record, Transport};
use serde_json::json;

use crate::Pricing;

/// A configuration service that answers one document, in one version, as long as it is up.
#[derive(Default)]
struct Service {
    down: AtomicBool,
    sent: AtomicU32,
    unchanged: AtomicU32,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        if self.down.load(Ordering::SeqCst) {
            return Err("nobody answers".into());
        }
        let answer = Response::builder().header("cache-control", "private, max-age=0");
        if request.headers().get("if-none-match").is_some_and(|known| known == "\"1-2\"") {
            self.unchanged.fetch_add(1, Ordering::SeqCst);
            return Ok(answer.status(304).body(Bytes::new())?);
        }
        self.sent.fetch_add(1, Ordering::SeqCst);
        Ok(answer.body(json!({ "data": { "version": "1-2", "value": { "rate": 7 } } }).to_string().into())?)
    }
}

#[derive(Default)]
struct Fallbacks(Mutex<u64>);

impl Observe for Fallbacks {
    fn request(&self, _: &Record<'_>) {}

    fn cache(&self, record: &CacheRecord<'_>) {
        *self.0.lock().unwrap() += record.fallbacks;
    }
}

struct World {
    service: Arc<Service>,
    fallbacks: Arc<Fallbacks>,
    platform: Platform,
    _aws: EmbeddedAws,
}

impl World {
    async fn start() -> Self {
        let aws = EmbeddedAws::ephemeral().unwrap();
        let cloud = Cloud::new(&aws.sdk_config(), Environment::Dev);
        cloud.ensure_table("platform").await.unwrap();
        let secrets = cloud.secrets();
        secrets.ensure().await.unwrap();
        let (service, fallbacks) = (Arc::new(Service::default()), Arc::new(Fallbacks::default()));
        let platform = Platform {
            environment: Environment::Dev,
            secrets,
            transport: Arc::clone(&service) as _,
            time_limit: Arc::default(),
            config_service_url: "http://config".to_owned(),
            counters: Arc::new(LocalCounters::default()),
            clock: Arc::new(|| 1_795_248_000_000),
            stopwatch: || 0,
            observe: Arc::clone(&fallbacks) as _,
            wake_relay: Arc::new(|| {}),
            cloud,
        };
        Self { service, fallbacks, platform, _aws: aws }
    }

    /// The client of a service that has just started.
    fn client(&self, service: &'static str) -> ConfigClient {
        let source = Arc::new(HttpSource::new(&self.platform, service));
        ConfigClient::new(source, Environment::Dev, Arc::clone(&self.platform.clock))
    }
}

#[tokio::test]
async fn a_service_that_starts_while_the_configuration_is_down_goes_on_with_what_it_last_knew() {
    let world = World::start().await;
    assert_eq!(world.client("booking").get::<Pricing>("acme").await.unwrap().rate, 7);
    world.service.down.store(true, Ordering::SeqCst);

    let (pricing, version) = world.client("booking").versioned::<Pricing>("acme").await.unwrap();

    assert_eq!((pricing.rate, version.as_ref()), (7, "1-2"));
    assert_eq!(*world.fallbacks.0.lock().unwrap(), 1);
}

#[tokio::test]
async fn no_tenant_and_no_service_starts_with_what_another_one_knew() {
    let world = World::start().await;
    world.client("booking").get::<Pricing>("acme").await.unwrap();
    world.service.down.store(true, Ordering::SeqCst);

    assert_eq!(world.client("booking").get::<Pricing>("other").await.unwrap_err().code(), "UNAVAILABLE");
    assert_eq!(world.client("auth").get::<Pricing>("acme").await.unwrap_err().code(), "UNAVAILABLE");
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let world = World::start().await;
    let client = world.client("booking");
    for _ in 0..3 {
        assert_eq!(client.get::<Pricing>("acme").await.unwrap().rate, 7);
    }

    let count = |number: &AtomicU32| number.load(Ordering::SeqCst);
    assert_eq!((count(&world.service.sent), count(&world.service.unchanged)), (1, 2));
}
