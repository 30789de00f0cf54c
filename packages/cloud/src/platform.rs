//! What a host provides to the services it runs.

use std::sync::Arc;

use operation::{Clock, Counters, Environment, Observe, Transport};

use crate::{Cloud, Secrets, Table, TimeLimit};

/// Everything a service is mounted on. Each host makes one, and each service makes its own state from it.
#[derive(Clone)]
pub struct Platform {
    /// The environment.
    pub environment: Environment,
    /// Storage and queues.
    pub cloud: Cloud,
    /// The secrets of the environment.
    pub secrets: Secrets,
    /// Calls to other services, each within the time limit.
    pub transport: Arc<dyn Transport>,
    /// The time limit of those calls, for whoever reads the configuration.
    pub time_limit: Arc<TimeLimit>,
    /// Where the configuration service answers: `CONFIG_SERVICE_URL`, an origin without a trailing slash.
    pub config_service_url: String,
    /// Counters of calls and used signatures.
    pub counters: Arc<dyn Counters>,
    /// Milliseconds since 1970.
    pub clock: Clock,
    /// Monotonic microseconds.
    pub stopwatch: fn() -> u64,
    /// Log and metric lines.
    pub observe: Arc<dyn Observe>,
    /// Called when an outbox got an event; does nothing where no relay runs in the process.
    pub wake_relay: Arc<dyn Fn() + Send + Sync>,
}

impl Platform {
    /// The table of that logical name, which wakes the relay.
    pub fn table(&self, logical: &'static str) -> Table {
        self.cloud.table(logical, &self.secrets).on_event(Arc::clone(&self.wake_relay))
    }
}
