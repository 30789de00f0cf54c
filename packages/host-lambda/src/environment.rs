//! What a function finds in its environment, as the platform its service is mounted on.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloud::{Cloud, Platform, SdkTransport};
use operation::Environment;

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

/// The platform that the environment describes. Nothing is called yet: a cold start does no work a request does not
/// need.
pub(crate) fn platform() -> Result<Platform, EnvironmentError> {
    let name = variable("ENVIRONMENT")?;
    let environment = Environment::named(&name).ok_or(EnvironmentError::Wrong {
        name: "ENVIRONMENT",
        value: name,
        expected: "mock, dev or main",
    })?;
    let cloud = Cloud::new(&sdk_config()?, environment);
    let level = variable("LOG_LEVEL")?;
    let level = level.parse().map_err(|_| EnvironmentError::Wrong {
        name: "LOG_LEVEL",
        value: level,
        expected: "DEBUG, INFO, WARNING or ERROR",
    })?;
    Ok(Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(SdkTransport::new(connector())),
        config_service_url: variable("CONFIG_SERVICE_URL")?.trim_end_matches('/').to_owned(),
        counters: Arc::new(cloud.counters()),
        clock: Arc::new(|| since_1970().as_millis() as i64),
        stopwatch: || since_1970().as_micros() as u64,
        observe: Arc::new(observability::Lines::new(std::io::stdout(), level)),
        // The table's stream starts the relay.
        wake_relay: Arc::new(|| {}),
        cloud,
    })
}

/// The SDK over HTTPS, with the credentials the Lambda runtime put into the environment. `AWS_ENDPOINT_URL` is the
/// SDKs' own variable for an emulator.
fn sdk_config() -> Result<SdkConfig, EnvironmentError> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        std::env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty()),
        None,
        "lambda-environment",
    );
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variable("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()));
    config.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty()));
    Ok(config.build())
}

/// The connector for calls to other services. Without times of its own it would wait until Lambda ends the function.
fn connector() -> Connector {
    let times = HttpConnectorSettings::builder().connect_timeout(ALLOWED).read_timeout(ALLOWED).build();
    Connector::builder()
        .connector_settings(times)
        .sleep_impl(TokioSleep::new())
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build()
}

fn variable(name: &'static str) -> Result<String, EnvironmentError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(EnvironmentError::Missing(name))
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
