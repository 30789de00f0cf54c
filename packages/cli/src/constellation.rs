//! The services of one enver in this process, on the embedded cloud.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cloud::{Cloud, Limited, PLATFORM_TABLE, Platform, Secrets, TimeLimit};
use embedded_aws::EmbeddedAws;
use host_native::{InProcess, Loops, Services};
use observability::Lines;
use operation::{Environment, Hosted, LocalCounters, RouteError};
use tokio::sync::Notify;

/// Where log lines go.
pub type Log = Lines<Box<dyn Write + Send>>;

/// Why the services could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Two operations stand on one route.
    #[error("the routes cannot be mounted")]
    Routes(#[from] RouteError),
    /// The tables, queues or defaults could not be made.
    #[error("the {what} could not be prepared: {why}")]
    Prepare {
        /// What was being made.
        what: String,
        /// Why it failed.
        why: String,
    },
}

/// Running services and their loops.
pub struct Constellation {
    pub services: Arc<Services>,
    pub secrets: Secrets,
    loops: Loops,
}

impl Constellation {
    /// Makes what is missing in the cloud, mounts the services, whose origin is `origin`, and starts their loops.
    pub async fn start(
        aws: &EmbeddedAws,
        environment: Environment,
        origin: String,
        log: Arc<Log>,
    ) -> Result<Self, StartError> {
        let cloud = Cloud::new(&aws.sdk_config(), environment);
        let transport = InProcess::default();
        let time_limit = Arc::<TimeLimit>::default();
        let sleep = Arc::new(|time| Box::pin(tokio::time::sleep(time)) as _);
        let wake = Arc::new(Notify::new());
        let platform = Platform {
            environment,
            secrets: cloud.secrets(),
            transport: Arc::new(Limited::new(Arc::new(transport.clone()), sleep, Arc::clone(&time_limit))),
            time_limit,
            config_service_url: origin,
            counters: Arc::new(LocalCounters::default()),
            clock: Arc::new(now_millis),
            stopwatch,
            observe: Arc::clone(&log) as _,
            wake_relay: {
                let wake = Arc::clone(&wake);
                Arc::new(move || wake.notify_waiters())
            },
            cloud,
        };
        let hosted: Vec<Arc<dyn Hosted>> = vec![
            Arc::new(auth::mount(&platform)?),
            Arc::new(booking::mount(&platform)?),
            Arc::new(config::mount(&platform)?),
        ];
        prepare(&platform, &hosted).await?;
        let services = Arc::new(Services::new(environment, hosted));
        transport.connect(Arc::clone(&services));
        let report = move |fault: String| log.fault(now_millis(), &fault);
        let loops = Loops::start(&platform, &services, &wake, Arc::new(report));
        Ok(Self { services, secrets: platform.secrets, loops })
    }

    /// Stops the loops; what they had in hand comes again at the next start.
    pub async fn stop(self) {
        self.loops.stop().await;
    }
}

/// Makes the tables, the queues, the service secret and the configuration defaults that are not there.
async fn prepare(platform: &Platform, hosted: &[Arc<dyn Hosted>]) -> Result<(), StartError> {
    let cloud = &platform.cloud;
    for table in hosted.iter().map(|service| service.name()).chain([PLATFORM_TABLE]) {
        cloud.ensure_table(table).await.map_err(failed(format!("table {}", cloud.name(table))))?;
    }
    for consumer in hosted.iter().flat_map(|service| service.consumers()) {
        let queue = failed(format!("queue {}", cloud.name(consumer.queue)));
        cloud.ensure_queue(consumer.queue, consumer.max_receive_count).await.map_err(queue)?;
    }
    platform.secrets.ensure().await.map_err(failed("service secret".to_owned()))?;
    config::seed(platform).await.map_err(failed("configuration defaults".to_owned()))
}

fn failed(what: String) -> impl FnOnce(service_errors::Error) -> StartError {
    |error| StartError::Prepare { what, why: error.chain() }
}

/// Milliseconds since 1970.
pub fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}
