//! The parameter store of SSM: the values that envers share with each other.
//!
//! The SDK's own crate for it has hundreds of operations and is three times as large as that of DynamoDB; two are needed
//! here. So they are spoken over the SDK's orchestrator and signer, with the client, the credentials and the endpoint of
//! the same configuration as everything else.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use service_errors::Error;

/// A client of the parameter store.
#[derive(Debug, Clone)]
pub struct Parameters {
    config: SdkConfig,
}

/// A parameter at one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    /// `/odmd-share/booking/b..dev/bookingApiBaseUrl`.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// How often it was set.
    pub version: i64,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The host gave no client or region.
    #[error("the parameter store cannot be called without {0}")]
    Missing(&'static str),
    /// The store refused.
    #[error("the parameter store answered {status}: {body}")]
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        body: String,
    },
}

/// How long a call may take. It cannot be a document: the way to documents is shared here.
const ALLOWED: Duration = Duration::from_secs(2);

impl Parameters {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config }
    }

    /// Those of these parameters that there are. A name may end with `:` and a version.
    ///
    /// # Errors
    ///
    /// The store does not answer, or refuses.
    pub async fn get(&self, names: &[String]) -> Result<Vec<Parameter>, Error> {
        /// The most that the store takes at once.
        const AT_ONCE: usize = 10;
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Found {
            parameters: Vec<Parameter>,
        }
        let mut all = Vec::with_capacity(names.len());
        for names in names.chunks(AT_ONCE) {
            let answer = self.call("GetParameters", &json!({ "Names": names })).await?;
            let found: Found = serde_json::from_slice(&answer).map_err(Error::internal)?;
            all.extend(found.parameters);
        }
        Ok(all)
    }

    /// Sets a parameter, and returns its new version.
    ///
    /// # Errors
    ///
    /// The store does not answer, or refuses.
    pub async fn put(&self, name: &str, value: &str) -> Result<i64, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Put {
            version: i64,
        }
        let request = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
        let answer = self.call("PutParameter", &request).await?;
        Ok(serde_json::from_slice::<Put>(&answer).map_err(Error::internal)?.version)
    }

    async fn call(&self, operation: &'static str, body: &Value) -> Result<Bytes, Error> {
        const RETRY_AFTER_SECONDS: u64 = 1;
        let config = &self.config;
        let region = config.region().ok_or_else(|| missing("a region"))?;
        let endpoint = config.endpoint_url().map_or_else(|| endpoint_of(region.as_ref()), str::to_owned);
        let endpoint = endpoint.trim_end_matches('/');
        let signed = self.signed(operation, endpoint, region.as_ref(), body.to_string()).await?;
        let client = config.http_client().ok_or_else(|| missing("an HTTP client"))?;
        let mut call = Operation::builder()
            .service_name("ssm")
            .operation_name(operation)
            .http_client(client)
            .endpoint_url(endpoint)
            .no_auth()
            .no_retry();
        // Where there is no timer there is no time-out: the embedded store answers at once.
        let mut times = TimeoutConfig::disabled();
        if let Some(sleep) = config.sleep_impl() {
            times = TimeoutConfig::builder().operation_timeout(ALLOWED).build();
            call = call.sleep_impl(sleep);
        }
        if let Some(clock) = config.time_source() {
            call = call.time_source(clock);
        }
        let call = call
            .timeout_config(times)
            .serializer(|request: http::Request<String>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
            .deserializer(|response: &HttpResponse| {
                Ok::<_, aws_smithy_runtime_api::client::orchestrator::OrchestratorError<Failure>>((
                    response.status().as_u16(),
                    Bytes::copy_from_slice(response.body().bytes().unwrap_or_default()),
                ))
            })
            .build();
        let (status, body) =
            call.invoke(signed).await.map_err(|error| Error::unavailable(error, RETRY_AFTER_SECONDS))?;
        match status {
            200 => Ok(body),
            status => {
                Err(Error::internal(Failure::Refused { status, body: String::from_utf8_lossy(&body).into_owned() }))
            }
        }
    }

    /// The request, signed for this endpoint if there is anything to sign with.
    async fn signed(
        &self,
        operation: &str,
        endpoint: &str,
        region: &str,
        body: String,
    ) -> Result<http::Request<String>, Error> {
        let target = format!("AmazonSSM.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let mut request = http::Request::post("/").body(body).map_err(Error::internal)?;
        for (name, value) in headers {
            request.headers_mut().insert(name, http::HeaderValue::from_str(value).map_err(Error::internal)?);
        }
        let Some(provider) = self.config.credentials_provider() else { return Ok(request) };
        let identity = provider.provide_credentials().await.map_err(Error::internal)?.into();
        let now = self.config.time_source().map_or_else(SystemTime::now, |clock| clock.now());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("ssm")
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(Error::internal)?
            .into();
        let signable = SignableRequest::new(
            "POST",
            format!("{endpoint}/"),
            headers.into_iter(),
            SignableBody::Bytes(request.body().as_bytes()),
        );
        let (signature, _) =
            sign(signable.map_err(Error::internal)?, &parameters).map_err(Error::internal)?.into_parts();
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

fn missing(what: &'static str) -> Error {
    Error::internal(Failure::Missing(what))
}

/// Where the store of a region answers.
fn endpoint_of(region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://ssm.{region}.{domain}")
}
