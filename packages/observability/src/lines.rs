//! The two lines of a request, and where they are written.

use std::io::Write;
use std::sync::Mutex;

use operation::{BreachRecord, CacheRecord, Observe, Record, ShareRecord};
use serde::Serialize;
use validation::types::Timestamp;

use crate::{Level, redact};

/// Writes the lines of requests to a file, a pipe or a terminal. A sink that fails loses lines, not requests.
pub struct Lines<W> {
    sink: Mutex<W>,
    level: Level,
}

impl<W: Write> Lines<W> {
    /// Writes log lines of this level and above, and all metric lines.
    pub fn new(sink: W, level: Level) -> Self {
        Self { sink: Mutex::new(sink), level }
    }
}

impl<W: Write> Lines<W> {
    /// One write, so that the lines of two requests never mix.
    fn write(&self, lines: &[u8]) {
        if let Ok(mut sink) = self.sink.lock() {
            let _ = sink.write_all(lines).and_then(|()| sink.flush());
        }
    }
}

impl<W: Write + Send> Observe for Lines<W> {
    fn request(&self, record: &Record<'_>) {
        let mut lines = Vec::with_capacity(1024);
        if Level::of_status(record.status) >= self.level {
            log_line(record, &mut lines);
        }
        metric_line(record, &mut lines);
        self.write(&lines);
    }

    fn cache(&self, record: &CacheRecord<'_>) {
        let mut line = Vec::with_capacity(512);
        cache_line(record, &mut line);
        self.write(&line);
    }

    fn breach(&self, record: &BreachRecord<'_>) {
        let mut lines = Vec::with_capacity(1024);
        breach_lines(record, &mut lines);
        self.write(&lines);
    }

    fn shares_unread(&self, record: &ShareRecord<'_>) {
        let mut lines = Vec::with_capacity(512);
        share_lines(record, &mut lines);
        self.write(&lines);
    }

    fn fault(&self, at: i64, fault: &str) {
        #[derive(Serialize)]
        struct Fault {
            level: &'static str,
            message: String,
            timestamp: Timestamp,
        }
        let line =
            Fault { level: Level::Error.name(), message: redact(fault), timestamp: Timestamp::from_unix_millis(at) };
        let mut bytes = Vec::new();
        append(&line, &mut bytes);
        self.write(&bytes);
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogLine<'a> {
    level: &'static str,
    message: &'a str,
    timestamp: Timestamp,
    service: &'a str,
    environment: &'static str,
    request_id: &'a str,
    operation: &'a str,
    method: &'a str,
    route: &'a str,
    status: u16,
    duration_ms: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    tenant: &'a str,
    principal: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    code: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    cause: String,
}

/// Appends the log line of a request, with its line end.
pub fn log_line(record: &Record<'_>, to: &mut Vec<u8>) {
    let what = if record.operation.is_empty() { "A request to no operation" } else { record.operation };
    let outcome = match record.code {
        "" => "answered",
        _ => "refused with",
    };
    let message = format!("{what} {outcome} {}", record.status);
    let line = LogLine {
        level: Level::of_status(record.status).name(),
        message: &message,
        timestamp: Timestamp::from_unix_millis(record.at),
        service: record.service,
        environment: record.environment.name(),
        request_id: record.request_id,
        operation: record.operation,
        method: record.method,
        route: record.route,
        status: record.status,
        duration_ms: millis(record),
        tenant: record.tenant,
        principal: record.principal,
        code: record.code,
        cause: redact(record.cause),
    };
    append(&line, to);
}

#[derive(Serialize)]
struct MetricLine<'a> {
    #[serde(rename = "_aws")]
    aws: Directive,
    service: &'a str,
    operation: &'a str,
    environment: &'static str,
    #[serde(rename = "Latency")]
    latency: f64,
    #[serde(rename = "Requests")]
    requests: u8,
    #[serde(rename = "Errors")]
    errors: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    timestamp: i64,
    cloud_watch_metrics: [Metrics; 1],
}

impl Directive {
    fn new(timestamp: i64, dimensions: &'static [&'static str], metrics: Vec<Metric>) -> Self {
        Self { timestamp, cloud_watch_metrics: [Metrics { namespace: "Enver", dimensions: [dimensions], metrics }] }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metrics {
    namespace: &'static str,
    dimensions: [&'static [&'static str]; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

/// Appends the metric line of a request in CloudWatch's embedded metric format, with its line end.
pub fn metric_line(record: &Record<'_>, to: &mut Vec<u8>) {
    let metrics = vec![
        Metric { name: "Latency", unit: "Milliseconds" },
        Metric { name: "Requests", unit: "Count" },
        Metric { name: "Errors", unit: "Count" },
    ];
    let line = MetricLine {
        aws: Directive::new(record.at, &["service", "operation", "environment"], metrics),
        service: record.service,
        operation: if record.operation.is_empty() { "none" } else { record.operation },
        environment: record.environment.name(),
        latency: millis(record),
        requests: 1,
        errors: u8::from(record.status >= 500),
    };
    append(&line, to);
}

#[derive(Serialize)]
struct CacheLine<'a> {
    #[serde(rename = "_aws")]
    aws: Directive,
    service: &'a str,
    environment: &'static str,
    #[serde(rename = "ConfigurationHits")]
    hits: u64,
    #[serde(rename = "ConfigurationMisses")]
    misses: u64,
    #[serde(rename = "ConfigurationFallbacks")]
    fallbacks: u64,
    #[serde(rename = "ConfigurationHitRate")]
    hit_rate: f64,
}

/// Appends the metric line of a cache of configuration, with its line end.
pub fn cache_line(record: &CacheRecord<'_>, to: &mut Vec<u8>) {
    const WHOLE: f64 = 100.0;
    let metrics = vec![
        Metric { name: "ConfigurationHits", unit: "Count" },
        Metric { name: "ConfigurationMisses", unit: "Count" },
        Metric { name: "ConfigurationFallbacks", unit: "Count" },
        Metric { name: "ConfigurationHitRate", unit: "Percent" },
    ];
    let reads = record.hits + record.misses;
    let line = CacheLine {
        aws: Directive::new(record.at, &["service", "environment"], metrics),
        service: record.service,
        environment: record.environment.name(),
        hits: record.hits,
        misses: record.misses,
        fallbacks: record.fallbacks,
        hit_rate: if reads == 0 { WHOLE } else { record.hits as f64 / reads as f64 * WHOLE },
    };
    append(&line, to);
}

/// Appends the log line and the metric line of an answer that broke its contract, with their line ends.
pub fn breach_lines(record: &BreachRecord<'_>, to: &mut Vec<u8>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct BreachLog<'a> {
        level: &'static str,
        message: &'a str,
        timestamp: Timestamp,
        service: &'a str,
        environment: &'static str,
        request_id: &'a str,
        upstream: &'a str,
        operation: &'a str,
        status: u16,
        cause: String,
    }
    #[derive(Serialize)]
    struct BreachMetric<'a> {
        #[serde(rename = "_aws")]
        aws: Directive,
        service: &'a str,
        upstream: &'a str,
        operation: &'a str,
        environment: &'static str,
        #[serde(rename = "ContractBreaches")]
        breaches: u8,
    }
    let log = BreachLog {
        level: Level::Error.name(),
        message: &format!("{} of {} answered outside its contract", record.operation, record.upstream),
        timestamp: Timestamp::from_unix_millis(record.at),
        service: record.service,
        environment: record.environment.name(),
        request_id: record.request_id,
        upstream: record.upstream,
        operation: record.operation,
        status: record.status,
        cause: redact(record.cause),
    };
    append(&log, to);
    let metrics = vec![Metric { name: "ContractBreaches", unit: "Count" }];
    let metric = BreachMetric {
        aws: Directive::new(record.at, &["service", "upstream", "operation", "environment"], metrics),
        service: record.service,
        upstream: record.upstream,
        operation: record.operation,
        environment: record.environment.name(),
        breaches: 1,
    };
    append(&metric, to);
}

/// Appends the log line and the metric line of shares that could not be read, with their line ends.
pub fn share_lines(record: &ShareRecord<'_>, to: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct ShareLog {
        level: &'static str,
        message: &'static str,
        timestamp: Timestamp,
        environment: &'static str,
        cause: String,
    }
    #[derive(Serialize)]
    struct ShareMetric {
        #[serde(rename = "_aws")]
        aws: Directive,
        environment: &'static str,
        #[serde(rename = "ShareReadFailures")]
        failures: u8,
    }
    let environment = record.environment.name();
    let log = ShareLog {
        level: Level::Error.name(),
        message: "shares could not be read; defaults stand in for them",
        timestamp: Timestamp::from_unix_millis(record.at),
        environment,
        cause: redact(record.cause),
    };
    append(&log, to);
    let metrics = vec![Metric { name: "ShareReadFailures", unit: "Count" }];
    append(&ShareMetric { aws: Directive::new(record.at, &["environment"], metrics), environment, failures: 1 }, to);
}

fn millis(record: &Record<'_>) -> f64 {
    record.micros as f64 / 1000.0
}

fn append(line: &impl Serialize, to: &mut Vec<u8>) {
    let before = to.len();
    match serde_json::to_writer(&mut *to, line) {
        Ok(()) => to.push(b'\n'),
        Err(_) => to.truncate(before),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use operation::Environment;
    use serde_json::Value;

    use super::*;

    fn record(status: u16) -> Record<'static> {
        Record {
            service: "booking",
            environment: Environment::Dev,
            operation: "createBooking",
            method: "POST",
            route: "/booking/v1/bookings",
            status,
            micros: 1_500,
            request_id: "r-1",
            tenant: "acme",
            principal: "u-1",
            code: if status < 400 { "" } else { "INTERNAL_ERROR" },
            cause: if status < 400 { "" } else { "password=hunter2" },
            at: 1_795_248_000_000,
        }
    }

    fn written(level: Level, status: u16) -> Vec<Value> {
        #[derive(Clone, Default)]
        struct Shared(Arc<Mutex<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let sink = Shared::default();
        Lines::new(sink.clone(), level).request(&record(status));
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_request_leaves_a_log_line_and_a_metric_line() {
        let lines = written(Level::Info, 201);

        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["message"], "createBooking answered 201");
        assert_eq!(lines[0]["timestamp"], "2026-11-21T08:00:00Z");
        assert_eq!((&lines[0]["level"], &lines[0]["durationMs"]), (&"INFO".into(), &1.5.into()));
        assert_eq!(lines[1]["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Enver");
        assert_eq!((&lines[1]["Latency"], &lines[1]["Errors"]), (&1.5.into(), &0.into()));
    }

    #[test]
    fn a_cache_leaves_a_metric_line_with_its_hit_rate() {
        let record = CacheRecord {
            service: "booking",
            environment: Environment::Dev,
            hits: 3,
            misses: 1,
            fallbacks: 1,
            at: 1_795_248_000_000,
        };
        let mut line = Vec::new();
        cache_line(&record, &mut line);

        let line: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&line["ConfigurationHitRate"], &line["ConfigurationFallbacks"]), (&75.0.into(), &1.into()));
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0],
            serde_json::json!(["service", "environment"])
        );
    }

    #[test]
    fn an_answer_outside_its_contract_is_logged_under_its_request_and_counted() {
        let record = BreachRecord {
            service: "booking",
            environment: Environment::Dev,
            upstream: "auth",
            operation: "readTenantUser",
            request_id: "r-1",
            status: 200,
            cause: "/data/status is missing",
            at: 1_795_248_000_000,
        };
        let mut lines = Vec::new();
        breach_lines(&record, &mut lines);

        let lines: Vec<Value> =
            lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!((&lines[0]["requestId"], &lines[0]["cause"]), (&"r-1".into(), &"/data/status is missing".into()));
        assert_eq!((&lines[1]["ContractBreaches"], &lines[1]["upstream"]), (&1.into(), &"auth".into()));
    }

    #[test]
    fn shares_that_cannot_be_read_are_logged_and_counted() {
        let record = ShareRecord { environment: Environment::Dev, cause: "it did not answer", at: 1_795_248_000_000 };
        let mut lines = Vec::new();
        share_lines(&record, &mut lines);

        let lines: Vec<Value> =
            lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!((&lines[0]["level"], &lines[0]["cause"]), (&"ERROR".into(), &"it did not answer".into()));
        assert_eq!((&lines[1]["ShareReadFailures"], &lines[1]["environment"]), (&1.into(), &"dev".into()));
    }

    #[test]
    fn a_fault_of_ours_is_an_error_with_its_cause_but_without_its_secrets() {
        let lines = written(Level::Error, 500);

        assert_eq!((&lines[0]["level"], &lines[0]["cause"]), (&"ERROR".into(), &"password=[REDACTED]".into()));
        assert_eq!(lines[1]["Errors"], 1);
    }

    #[test]
    fn a_level_leaves_lesser_lines_out_and_keeps_every_metric() {
        assert_eq!(written(Level::Error, 404).len(), 1);
        assert_eq!(written(Level::Warning, 404).len(), 2);
    }

    #[test]
    fn every_level_is_known_by_its_name_and_nothing_else_is() {
        for name in ["DEBUG", "INFO", "WARNING", "ERROR"] {
            assert_eq!(Level::named(name).map(Level::name), Some(name));
            assert!(Level::NAMES.contains(name));
        }
        assert_eq!(Level::named("info"), None);
    }
}
