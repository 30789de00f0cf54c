//! What the AWS SDK needs from its host: an HTTP client over `fetch`, a clock, a sleep, randomness and its settings.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;
use http_body_util::BodyExt;
use worker::send::SendFuture;
use worker::{Delay, Env};

use crate::fetch::exchange;
use crate::{Unanswered, now_millis};

/// Reads `AWS_REGION`, `AWS_ENDPOINT_URL` (optional: local use), and the secrets `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` (optional). What is missing fails the first call that needs it.
///
/// Call it while a request is served: before, the runtime has neither time nor randomness.
pub fn sdk_config(env: &Env) -> SdkConfig {
    seed();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(FetchClient)
        .time_source(RuntimeClock)
        .sleep_impl(RuntimeSleep)
        .retry_config(RetryConfig::standard())
        // It watches a body as it arrives; ours has arrived when the SDK sees it.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .region(setting(env, "AWS_REGION").map(Region::new));
    config.set_endpoint_url(setting(env, "AWS_ENDPOINT_URL"));
    if let (Some(id), Some(secret)) = (setting(env, "AWS_ACCESS_KEY_ID"), setting(env, "AWS_SECRET_ACCESS_KEY")) {
        let credentials = Credentials::new(id, secret, setting(env, "AWS_SESSION_TOKEN"), None, "worker-env");
        config.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
    }
    config.build()
}

/// A variable or a secret: the runtime hands out both the same way.
pub(crate) fn setting(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|value| value.to_string()).filter(|value| !value.is_empty())
}

/// The SDK draws idempotency tokens from `fastrand`, whose seed on wasm32 is a constant: unseeded, every isolate would
/// send the same tokens, and DynamoDB would take one caller's transaction for a repetition of another's.
fn seed() {
    let mut bytes = [0_u8; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => fastrand::seed(u64::from_le_bytes(bytes)),
        Err(error) => worker::console_error!("no randomness for the AWS SDK: {error}"),
    }
}

/// The runtime's `fetch` as the SDK's HTTP client. The runtime pools connections; there is nothing to keep.
#[derive(Debug, Clone, Copy)]
struct FetchClient;

impl HttpClient for FetchClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(FetchConnector { allowed: settings.read_timeout() })
    }
}

#[derive(Debug)]
struct FetchConnector {
    allowed: Option<Duration>,
}

impl HttpConnector for FetchConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(SendFuture::new(call(request, self.allowed)))
    }
}

async fn call(request: HttpRequest, allowed: Option<Duration>) -> Result<HttpResponse, ConnectorError> {
    let (head, body) = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?.into_parts();
    let body = match body.bytes() {
        Some(whole) => Bytes::copy_from_slice(whole),
        None => body.collect().await.map_err(ConnectorError::user)?.to_bytes(),
    };
    let answer = exchange(http::Request::from_parts(head, body), allowed).await.map_err(|failure| match failure {
        Unanswered::Unsayable(_) => ConnectorError::user(failure.into()),
        Unanswered::Broken(_) => ConnectorError::io(failure.into()),
        Unanswered::TimedOut(_) => ConnectorError::timeout(failure.into()),
    })?;
    HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
}

/// The runtime's date. The SDK signs requests with it.
#[derive(Debug, Clone, Copy)]
struct RuntimeClock;

impl TimeSource for RuntimeClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(now_millis()).unwrap_or_default())
    }
}

/// The runtime's timer. The SDK waits with it between tries.
#[derive(Debug, Clone, Copy)]
struct RuntimeSleep;

impl AsyncSleep for RuntimeSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(SendFuture::new(Delay::from(duration)))
    }
}
