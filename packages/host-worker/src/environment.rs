//! What a Worker finds in its variables, as the platform its services are mounted on.

use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Platform};
use observability::{Level, log_line, metric_line};
use operation::{Environment, Observe, Record};
use worker::{Env, console_log};

use crate::sdk::{sdk_config, setting};
use crate::{FetchTransport, clock, stopwatch};

/// A variable that is missing or says something else than it may.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// It is not set.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is set to something it may not hold.
    #[error("{name} is {value:?}: it must be {expected}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
}

/// How long another service may take to answer. It cannot be a document: documents come through it.
const ALLOWED: Duration = Duration::from_secs(5);

/// The platform that the Worker's variables describe. Nothing is called yet.
///
/// Call it while a request is served: before, the runtime has neither time nor randomness.
pub fn platform(env: &Env) -> Result<Platform, EnvironmentError> {
    let required = |name| setting(env, name).ok_or(EnvironmentError::Missing(name));
    let name = required("ENVIRONMENT")?;
    let environment = Environment::named(&name).ok_or(EnvironmentError::Wrong {
        name: "ENVIRONMENT",
        value: name,
        expected: "mock, dev or main",
    })?;
    let level = required("LOG_LEVEL")?;
    let level = level.parse().map_err(|_| EnvironmentError::Wrong {
        name: "LOG_LEVEL",
        value: level,
        expected: "DEBUG, INFO, WARNING or ERROR",
    })?;
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        required(name)?;
    }
    let cloud = Cloud::new(&sdk_config(env), environment);
    Ok(Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(FetchTransport { allowed: ALLOWED }),
        config_service_url: required("CONFIG_SERVICE_URL")?.trim_end_matches('/').to_owned(),
        counters: Arc::new(cloud.counters()),
        clock: clock(),
        stopwatch,
        observe: Arc::new(Console { level }),
        // The table's stream starts the relay.
        wake_relay: Arc::new(|| {}),
        cloud,
    })
}

/// The runtime's console, which takes whole lines.
struct Console {
    level: Level,
}

impl Observe for Console {
    fn request(&self, record: &Record<'_>) {
        let mut lines = Vec::with_capacity(1024);
        if Level::of_status(record.status) >= self.level {
            log_line(record, &mut lines);
        }
        metric_line(record, &mut lines);
        for line in String::from_utf8_lossy(&lines).lines() {
            console_log!("{line}");
        }
    }
}
