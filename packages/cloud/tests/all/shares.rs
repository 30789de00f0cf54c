//! What envers share with each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cloud::{Cloud, Platform, Shares};
use contracts::BOOTSTRAP;
use embedded_aws::EmbeddedAws;
use operation::{BoxError, Environment, LocalCounters, Observe, Record, ShareRecord, Transport};

/// Nothing is sent, and nothing is told.
struct Silent;

#[async_trait::async_trait]
impl Transport for Silent {
    async fn send(&self, _: http::Request<bytes::Bytes>) -> Result<http::Response<bytes::Bytes>, BoxError> {
        Err("nobody is outside".into())
    }
}

impl Observe for Silent {
    fn request(&self, _: &Record<'_>) {}
}

/// A platform in `dev` whose clock the test moves.
fn platform(aws: &EmbeddedAws) -> (Platform, Arc<AtomicI64>) {
    let cloud = Cloud::new(&aws.sdk_config(), Environment::Dev);
    let clock = Arc::new(AtomicI64::new(1_795_248_000_000));
    let platform = Platform {
        environment: Environment::Dev,
        secrets: cloud.secrets(),
        transport: Arc::new(Silent),
        time_limit: Arc::default(),
        config_service_url: "http://bootstrap".to_owned(),
        counters: Arc::new(LocalCounters::default()),
        clock: {
            let clock = Arc::clone(&clock);
            Arc::new(move || clock.load(Ordering::Relaxed))
        },
        stopwatch: || 0,
        observe: Arc::new(Silent),
        wake_relay: Arc::new(|| {}),
        cloud,
    };
    (platform, clock)
}

const AUTH: &str = "/odmd-share/auth/b..dev/authApiBaseUrl";

#[tokio::test]
async fn a_parameter_is_read_as_it_was_put_with_its_version() {
    let parameters = platform(&EmbeddedAws::ephemeral().unwrap()).0.cloud.parameters();
    assert_eq!(parameters.put("/a", "one").await.unwrap(), 1);
    assert_eq!(parameters.put("/a", "two").await.unwrap(), 2);
    let names: Vec<String> =
        (0..11).map(|n| format!("/none/{n}")).chain(["/a".to_owned(), "/a:1".to_owned()]).collect();
    let found = parameters.get(&names).await.unwrap();
    let told: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.value.as_str(), one.version)).collect();
    assert_eq!(told, [("/a", "two", 2), ("/a", "one", 1)]);
}

#[tokio::test]
async fn what_the_store_refuses_is_an_error() {
    let parameters = platform(&EmbeddedAws::ephemeral().unwrap()).0.cloud.parameters();
    let refused = parameters.put("no name", "x").await.expect_err("refused");
    assert!(refused.chain().contains("Invalid parameter name"), "{}", refused.chain());
}

#[tokio::test]
async fn a_service_is_found_where_its_enver_says() {
    let (platform, _) = platform(&EmbeddedAws::ephemeral().unwrap());
    platform.cloud.parameters().put(AUTH, "https://auth.example/").await.unwrap();
    platform.cloud.parameters().put(&AUTH.replace("dev", "main"), "https://elsewhere").await.unwrap();
    assert_eq!(Shares::of(&platform).base_url("auth").await, "https://auth.example");
}

#[tokio::test]
async fn until_it_is_shared_a_service_is_looked_for_at_the_bootstrap_url() {
    let (platform, clock) = platform(&EmbeddedAws::ephemeral().unwrap());
    let shares = Shares::of(&platform);
    assert_eq!(shares.base_url("auth").await, "http://bootstrap");
    assert_eq!(shares.base_url("nobody").await, "http://bootstrap");

    platform.cloud.parameters().put(AUTH, "https://auth.example").await.unwrap();
    assert_eq!(shares.base_url("auth").await, "http://bootstrap", "it is not asked at every request");
    clock.fetch_add(30_000, Ordering::Relaxed);
    assert_eq!(shares.base_url("auth").await, "https://auth.example");
}

#[tokio::test]
async fn shares_that_cannot_be_read_are_told_of_once_in_a_while() {
    #[derive(Default)]
    struct Told(AtomicI64);
    impl Observe for Told {
        fn request(&self, _: &Record<'_>) {}
        fn shares_unread(&self, record: &ShareRecord<'_>) {
            assert!(record.cause.contains("HTTP client"), "{}", record.cause);
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let aws = EmbeddedAws::ephemeral().unwrap();
    let mut config = aws.sdk_config().into_builder();
    config.set_http_client(None);
    let (mut platform, clock) = platform(&aws);
    platform.cloud = Cloud::new(&config.build(), Environment::Dev);
    let told = Arc::new(Told::default());
    platform.observe = told.clone();
    let shares = Shares::of(&platform);

    assert_eq!(shares.base_url("auth").await, "http://bootstrap");
    assert_eq!(shares.base_url("config").await, "http://bootstrap");
    assert_eq!(told.0.load(Ordering::Relaxed), 1);
    clock.fetch_add(30_000, Ordering::Relaxed);
    shares.base_url("auth").await;
    assert_eq!(told.0.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_schema_of_a_service_is_pinned_to_a_version() {
    let (platform, _) = platform(&EmbeddedAws::ephemeral().unwrap());
    let shares = Shares::of(&platform);
    assert_eq!(shares.schema("auth").await, None);

    let place = "s3://artifacts/111122220003/b..dev/authApiBaseUrl-schema-url.json@7";
    platform.cloud.parameters().put(&format!("{AUTH}/schema-url"), place).await.unwrap();
    let shared = Shares::of(&platform).schema("auth").await.expect("a schema");
    assert_eq!((shared.value.as_str(), shared.version), (place, 1));
}

#[test]
fn every_consumer_of_a_base_url_falls_back_to_the_bootstrap_url() {
    let wiring = contracts::wire().expect("sound declarations");
    let base_urls = wiring.edges().iter().filter(|edge| edge.service.is_some() && edge.document.is_none());
    assert!(base_urls.clone().count() > 0);
    for edge in base_urls {
        assert_eq!(edge.default_if_absent, Some(BOOTSTRAP), "{}", edge.consuming_end());
    }
}
