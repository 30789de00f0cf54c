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
use cloud::{Cloud, Platform, SdkTransport, VariableError, Variables};
use observability::Level;

/// How long another service may take to answer. It cannot be a document: documents come through it.
const ALLOWED: Duration = Duration::from_secs(5);

/// The platform that the environment describes. Nothing is called yet: a cold start does no work a request does not
/// need.
pub(crate) fn platform() -> Result<Platform, VariableError> {
    let variables = Variables::new(|name: &str| std::env::var(name).ok());
    let environment = variables.environment()?;
    let cloud = Cloud::new(&sdk_config(&variables)?, environment);
    let level = variables.parsed("LOG_LEVEL", Level::NAMES, Level::named)?;
    Ok(Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(SdkTransport::new(connector())),
        config_service_url: variables.config_service_url()?,
        counters: Arc::new(cloud.counters()),
        clock: Arc::new(|| since_1970().as_millis() as i64),
        stopwatch: || since_1970().as_micros() as u64,
        observe: Arc::new(observability::Lines::new(std::io::stdout(), level)),
        // There is no relay here to wake: events wait in the outbox for the one that runs beside.
        wake_relay: Arc::new(|| {}),
        cloud,
    })
}

/// The SDK over HTTPS, with the credentials the Lambda runtime put into the environment. `AWS_ENDPOINT_URL` is the
/// SDKs' own variable for an emulator.
fn sdk_config(variables: &Variables<impl Fn(&str) -> Option<String>>) -> Result<SdkConfig, VariableError> {
    let credentials = Credentials::new(
        variables.required("AWS_ACCESS_KEY_ID")?,
        variables.required("AWS_SECRET_ACCESS_KEY")?,
        variables.optional("AWS_SESSION_TOKEN"),
        None,
        "lambda-environment",
    );
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variables.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()));
    config.set_endpoint_url(variables.optional("AWS_ENDPOINT_URL"));
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

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
