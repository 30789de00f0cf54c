//! The configuration client against the budgets: a read from its cache, and a miss that asks the configuration service
//! over a loopback socket, signed and answered as between deployed services, with the last known good document kept.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use cloud::{Cloud, PLATFORM_TABLE, Platform, SdkTransport};
use config_client::{ConfigClient, Document, HttpSource, Scope};
use embedded_aws::EmbeddedAws;
use host_native::Limits;
use operation::{Environment, LocalCounters, Observe, Record};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Failure;

const HITS: u32 = 5_000_000;
/// Fewer than a service may make in a minute.
const MISSES: usize = 500;

/// The document that every quote needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pricing {
    base_per_tonne: i64,
}

impl Document for Pricing {
    const SCOPE: Scope = Scope::Service("booking");
    const NAME: &'static str = "business/pricing";
}

/// Nanoseconds per hit, and milliseconds per miss at the median and at p99.
pub async fn measure() -> Result<Value, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let aws = EmbeddedAws::ephemeral()?;
    let platform = platform(&aws, format!("http://{}", listener.local_addr()?));
    for table in [config::NAME, PLATFORM_TABLE] {
        platform.cloud.ensure_table(table).await.map_err(|error| error.chain())?;
    }
    platform.secrets.ensure().await.map_err(|error| error.chain())?;
    config::seed(&platform).await.map_err(|error| error.chain())?;
    let service = Arc::new(config::mount(&platform)?);
    tokio::spawn(host_native::serve(service, listener, Limits::default(), std::future::pending()));

    let source = Arc::new(HttpSource::new(&platform, "booking"));
    let client = ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock));
    let mut misses = Vec::with_capacity(MISSES);
    for number in 0..MISSES {
        // A tenant that was never asked for: nothing is known, and everything is sent.
        let (tenant, started) = (format!("tenant-{number}"), Instant::now());
        black_box(client.get::<Pricing>(&tenant).await.map_err(|error| error.chain())?.base_per_tonne);
        misses.push(started.elapsed());
    }
    misses.sort_unstable();

    let (started, mut sum) = (Instant::now(), 0_i64);
    for _ in 0..HITS {
        let document = client.get::<Pricing>(black_box("tenant-7")).await.map_err(|error| error.chain())?;
        sum = sum.wrapping_add(document.base_per_tonne);
    }
    let hits = started.elapsed();
    black_box(sum);

    let milliseconds = |part: usize| misses[(MISSES * part / 100).min(MISSES - 1)].as_secs_f64() * 1000.0;
    Ok(json!({
        "hitNanoseconds": hits.as_nanos() as f64 / f64::from(HITS),
        "missP50Milliseconds": milliseconds(50),
        "missP99Milliseconds": milliseconds(99),
    }))
}

fn platform(aws: &EmbeddedAws, origin: String) -> Platform {
    const ALLOWED: Duration = Duration::from_secs(5);
    let environment = Environment::Main;
    let cloud = Cloud::new(&aws.unsigned_config(), environment);
    let times = HttpConnectorSettings::builder().connect_timeout(ALLOWED).read_timeout(ALLOWED).build();
    let connector = Connector::builder()
        .connector_settings(times)
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build();
    Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(SdkTransport::new(connector)),
        time_limit: Arc::default(),
        config_service_url: origin,
        counters: Arc::new(LocalCounters::default()),
        clock: Arc::new(|| i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX)),
        stopwatch,
        observe: Arc::new(NoLines),
        wake_relay: Arc::new(|| {}),
        cloud,
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}

struct NoLines;

impl Observe for NoLines {
    fn request(&self, _: &Record<'_>) {}
}
