//! What a function finds in its environment, as the platform its service is mounted on.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloud::{Cloud, Limited, Platform, SdkTransport, TimeLimit, VariableError, Variables};
use observability::Level;

use crate::outgoing;

/// The platform that the environment describes. Nothing is called yet: a cold start does no work a request does not
/// need.
pub(crate) fn platform() -> Result<Platform, VariableError> {
    described_by(|name| std::env::var(name).ok())
}

fn described_by(read: impl Fn(&str) -> Option<String>) -> Result<Platform, VariableError> {
    let variables = Variables::new(read);
    let environment = variables.environment()?;
    let cloud = Cloud::new(&sdk_config(&variables)?, environment);
    let level = variables.parsed("LOG_LEVEL", Level::NAMES, Level::named)?;
    let time_limit = Arc::<TimeLimit>::default();
    let sleep = Arc::new(|time| Box::pin(tokio::time::sleep(time)) as _);
    Ok(Platform {
        environment,
        secrets: cloud.secrets(),
        transport: Arc::new(Limited::new(
            Arc::new(SdkTransport::new(outgoing::connector())),
            sleep,
            Arc::clone(&time_limit),
        )),
        time_limit,
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
        .http_client(outgoing::client())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()));
    config.set_endpoint_url(variables.optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;

    /// What an operator sets.
    const OURS: [&str; 4] = ["AWS_REGION", "CONFIG_SERVICE_URL", "ENVIRONMENT", "LOG_LEVEL"];
    /// What the Lambda runtime puts there, and `SERVICE_NAME`, which nothing has to read.
    const LAMBDAS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    fn value(name: &str) -> Option<String> {
        let value = match name {
            "ENVIRONMENT" => "dev",
            "LOG_LEVEL" => "INFO",
            "AWS_REGION" => "eu-central-1",
            "CONFIG_SERVICE_URL" => "https://config.example/",
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn nothing_else_is_read_than_what_may_be_there() {
        let asked = RefCell::new(BTreeSet::new());
        let platform = described_by(|name| {
            asked.borrow_mut().insert(name.to_owned());
            value(name)
        });

        assert_eq!(platform.unwrap().config_service_url, "https://config.example");
        let allowed: BTreeSet<String> =
            OURS.into_iter().chain(LAMBDAS).chain(["AWS_ENDPOINT_URL"]).map(str::to_owned).collect();
        assert_eq!(asked.into_inner(), allowed);
    }

    #[test]
    fn a_variable_that_is_not_there_is_named() {
        for missing in OURS.into_iter().chain(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
            for read in [None, Some(String::new())] {
                let error = described_by(|name| if name == missing { read.clone() } else { value(name) });
                assert_eq!(error.err().unwrap().to_string(), format!("{missing} is not set"));
            }
        }
        let error = described_by(|name| if name == "ENVIRONMENT" { Some("moon".into()) } else { value(name) });
        assert_eq!(error.err().unwrap().to_string(), "ENVIRONMENT is \"moon\": it must be mock, dev or main");
    }
}
