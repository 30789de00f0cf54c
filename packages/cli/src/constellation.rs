//! The services of one enver in this process, on the embedded cloud.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cloud::{Cloud, Limited, PLATFORM_TABLE, Platform, Secrets, TimeLimit, Watcher};
use contracts::{Refusal, ShareError, Stage};
use embedded_aws::EmbeddedAws;
use host_native::{InProcess, Loops, Services};
use observability::Lines;
use operation::{Environment, Hosted, LocalCounters, Observe as _, RouteError};
use tokio::sync::Notify;

use crate::messages::Messages;

/// Where log lines go.
pub type Log = Lines<Box<dyn Write + Send>>;

/// Why the services could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Two operations stand on one route.
    #[error("the routes cannot be mounted")]
    Routes(#[from] RouteError),
    /// The declarations of builds break a rule.
    #[error("the declarations of builds break a rule: run `enver wiring`")]
    Rules(Vec<Refusal>),
    /// A service stands in no enver of this kind.
    #[error("the service {0} has no enver of this kind: declare it in contracts/src/builds")]
    Undeclared(&'static str),
    /// What is shared was not promised.
    #[error(transparent)]
    Share(#[from] ShareError),
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
    pub messages: Arc<Messages>,
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
        let cloud = Cloud::new(&aws.unsigned_config(), environment);
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
        let messages = Arc::<Messages>::default();
        let watcher: Watcher = {
            let messages = Arc::clone(&messages);
            Arc::new(move |event| messages.keep(event))
        };
        let loops = Loops::start(&platform, &services, &wake, Arc::new(report), &watcher);
        Ok(Self { services, secrets: platform.secrets, messages, loops })
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
    config::seed(platform).await.map_err(failed("configuration defaults".to_owned()))?;
    share_out(platform, hosted).await
}

/// Shares where each service answers, as a deployment does. What is shared already gets no new version.
async fn share_out(platform: &Platform, hosted: &[Arc<dyn Hosted>]) -> Result<(), StartError> {
    let wiring = contracts::wire().map_err(StartError::Rules)?;
    let stage = Stage::named(platform.environment.name());
    let mut shared = Vec::new();
    for service in hosted {
        let enver = stage.and_then(|stage| wiring.at(service.name(), stage));
        let promised = enver.and_then(|enver| Some((&enver.id, wiring.build(&enver.id.build)?.producers.first()?)));
        let Some((id, producer)) = promised else { return Err(StartError::Undeclared(service.name())) };
        let origin = (producer.name.to_owned(), platform.config_service_url.clone());
        shared.extend(contracts::share_out(&wiring, id, &[origin])?);
    }
    let parameters = platform.cloud.parameters();
    let names: Vec<String> = shared.iter().map(|one| one.name.clone()).collect();
    let known = parameters.get(&names).await.map_err(failed("shared values".to_owned()))?;
    for one in shared {
        if !known.iter().any(|known| known.name == one.name && known.value == one.value) {
            let what = format!("shared value {}", one.name);
            parameters.put(&one.name, &one.value).await.map_err(failed(what))?;
        }
    }
    Ok(())
}

fn failed(what: String) -> impl FnOnce(service_errors::Error) -> StartError {
    |error| StartError::Prepare { what, why: error.chain() }
}

/// Milliseconds since 1970.
pub fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Microseconds since the first call.
pub fn stopwatch() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}
