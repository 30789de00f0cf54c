//! An enver that runs on AWS, as somebody with the credentials of its account finds it.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloud::{Cloud, Secrets};
use operation::Environment;

/// Why the secret of an enver cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DeployedError {
    /// There is nothing to sign with.
    #[error("{0} is not set: the platform's table is read with the credentials and in the region of the environment")]
    NoCredentials(&'static str),
    /// The table did not give it.
    #[error("the secret of the services of {enver} cannot be read from the platform's table: {why}")]
    Secret {
        /// Which enver.
        enver: &'static str,
        /// What was said.
        why: String,
    },
}

/// The secrets of an enver in the account and region of the environment; `AWS_ENDPOINT_URL` names an emulator, or the
/// AWS port of `enver up`. Nothing is called yet.
pub fn secrets(environment: Environment) -> Result<Secrets, DeployedError> {
    let variable = |name: &'static str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let required = |name: &'static str| variable(name).ok_or(DeployedError::NoCredentials(name));
    let region = required("AWS_REGION").or_else(|missing| variable("AWS_DEFAULT_REGION").ok_or(missing))?;
    let (key, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
    let credentials = Credentials::new(key, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()));
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(Cloud::new(&config.build(), environment).secrets())
}

/// The secret that the services of an enver sign with.
pub async fn secret(environment: Environment) -> Result<[u8; 32], DeployedError> {
    let read = secrets(environment)?.service().await;
    read.map_err(|error| DeployedError::Secret { enver: environment.name(), why: error.chain() })
}
