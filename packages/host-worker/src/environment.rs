//! What a Worker finds in its variables, as the platform its services are mounted on.

use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Limited, Platform, TimeLimit, VariableError, Variables};
use observability::{Level, breach_lines, cache_line, log_line, metric_line, share_lines};
use operation::{BreachRecord, CacheRecord, Observe, Record, ShareRecord};
use worker::send::SendFuture;
use worker::{Delay, Env, console_log};

use crate::sdk::{sdk_config, setting};
use crate::{FetchTransport, clock, stopwatch};

/// The platform that the Worker's variables describe. Nothing is called yet.
///
/// Call it while a request is served: before, the runtime has neither time nor randomness.
pub fn platform(env: &Env) -> Result<Platform, VariableError> {
    let variables = Variables::new(|name: &str| setting(env, name));
    let environment = variables.environment()?;
    let level = variables.parsed("LOG_LEVEL", Level::NAMES, Level::named)?;
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        variables.required(name)?;
    }
    let cloud = Cloud::new(&sdk_config(env), environment);
    let time_limit = Arc::<TimeLimit>::default();
    let sleep = Arc::new(|time: Duration| Box::pin(SendFuture::new(Delay::from(time))) as _);
    Ok(Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(Limited::new(Arc::new(FetchTransport), sleep, Arc::clone(&time_limit))),
        time_limit,
        config_service_url: variables.config_service_url()?,
        counters: Arc::new(cloud.counters()),
        clock: clock(),
        stopwatch,
        observe: Arc::new(Console { level }),
        // There is no relay here to wake: events wait in the outbox for the one that runs beside.
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
        print(&lines);
    }

    fn cache(&self, record: &CacheRecord<'_>) {
        let mut line = Vec::with_capacity(512);
        cache_line(record, &mut line);
        print(&line);
    }

    fn breach(&self, record: &BreachRecord<'_>) {
        let mut lines = Vec::with_capacity(1024);
        breach_lines(record, &mut lines);
        print(&lines);
    }

    fn shares_unread(&self, record: &ShareRecord<'_>) {
        let mut lines = Vec::with_capacity(512);
        share_lines(record, &mut lines);
        print(&lines);
    }
}

fn print(lines: &[u8]) {
    for line in String::from_utf8_lossy(lines).lines() {
        console_log!("{line}");
    }
}
