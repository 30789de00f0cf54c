//! `enver publish --upload`: puts what is committed into the bucket of an enver, pinned by version, tagged by commit.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use bytes::Bytes;
use cloud::SdkTransport;
use http::{Method, Request, Response, header};
use operation::{BoxError, Environment, Transport};
use serde_json::Value;
use spec::artifact::{ASYNCAPI, Artifacts, BUNDLE, OPENAPI, platform_form};
use spec::json;

use super::flows::Flow;
use crate::arguments::Upload;

/// Why nothing, or not everything, was uploaded.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// What is uploaded carries a commit, so it has to be committed.
    #[error("{0} is not committed, and an artifact names the commit it comes from: commit it, then upload")]
    NotCommitted(String),
    /// Git did not say which commit this is.
    #[error("git does not say which commit this is: {0}")]
    NoCommit(String),
    /// There is nothing to sign with.
    #[error("{0} is not set: the bucket is written with the credentials and in the region of the environment")]
    NoCredentials(&'static str),
    /// Only an object with a version can be pinned.
    #[error(
        "the bucket {0} does not keep versions, so nothing in it can be pinned: turn versioning on \
         (aws s3api put-bucket-versioning --bucket {0} --versioning-configuration Status=Enabled), or name another bucket"
    )]
    NotVersioned(String),
    /// The bucket refused.
    #[error("{what} was answered with {status}: {answer}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status of the answer.
        status: u16,
        /// Its beginning.
        answer: String,
    },
    /// No answer came.
    #[error("{0} was not answered")]
    Unreachable(String, #[source] BoxError),
}

/// The commit of the working tree, if `folder` stands in it as it was committed.
pub fn commit_of(folder: &Path) -> Result<String, UploadError> {
    let place = folder.display().to_string();
    let changed = git(folder, &["status", "--porcelain", "--", "."])?;
    if !changed.is_empty() {
        return Err(UploadError::NotCommitted(place));
    }
    git(folder, &["rev-parse", "HEAD"])
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, UploadError> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| UploadError::NoCommit(error.to_string()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(UploadError::NoCommit(text(&output.stderr))),
    }
}

/// Uploads the state machines of the flows and the documents of every service, and says per producer what to share: the
/// place of its bundle.
pub fn upload(
    artifacts: &[Artifacts<'_>],
    flows: &[Flow],
    environment: Environment,
    commit: &str,
    options: &Upload,
) -> Result<Vec<(String, String)>, UploadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| UploadError::Unreachable("the bucket".to_owned(), error.into()))?;
    runtime.block_on(async {
        let bucket = Bucket::of(options)?;
        bucket.expect_versions().await?;
        for flow in flows {
            bucket.put(&flow.key(), commit, &flow.definition).await?;
        }
        let revision = options.revision.clone().unwrap_or_else(|| format!("b..{}", environment.name()));
        let mut shared = Vec::new();
        for service in artifacts {
            let producer = format!("{}ApiBaseUrl", service.service());
            let key = format!("{}/{revision}/{producer}-schema-url", options.account);
            let files = service.files(environment);
            let platform_form = |name: &str| {
                let file = files.iter().find(|file| file.name == name)?;
                Some(platform_form(&serde_json::from_str(&file.text).ok()?, commit))
            };
            let mut places = Vec::new();
            for (role, name) in [("http", OPENAPI), ("events", ASYNCAPI)] {
                let Some(document) = platform_form(name) else { continue };
                places.push((role, bucket.put(&format!("{key}-{name}"), commit, &document).await?));
            }
            let mut bundle = platform_form(BUNDLE).unwrap_or_default();
            for (role, place) in places {
                bundle["artifacts"][role]["url"] = place.into();
            }
            let place = bucket.put(&format!("{key}.json"), commit, &bundle).await?;
            shared.push((format!("{producer}/schema-url"), place));
        }
        Ok(shared)
    })
}

/// A bucket, and what it takes to write it.
struct Bucket {
    name: String,
    origin: String,
    region: String,
    credentials: Credentials,
    transport: SdkTransport,
}

impl Bucket {
    fn of(options: &Upload) -> Result<Self, UploadError> {
        /// How long a document may take.
        const ALLOWED: Duration = Duration::from_secs(60);
        let variable = |name: &'static str| {
            std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(UploadError::NoCredentials(name))
        };
        let region = variable("AWS_REGION").or_else(|missing| variable("AWS_DEFAULT_REGION").map_err(|_| missing))?;
        let (key, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(key, secret, variable("AWS_SESSION_TOKEN").ok(), None, "environment");
        let origin = match &options.endpoint_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://s3.{region}.amazonaws.com"),
        };
        let times = HttpConnectorSettings::builder().connect_timeout(ALLOWED).read_timeout(ALLOWED).build();
        let connector = Connector::builder()
            .connector_settings(times)
            .sleep_impl(TokioSleep::new())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        let transport = SdkTransport::new(connector);
        Ok(Self { name: options.bucket.clone(), origin, region, credentials, transport })
    }

    /// Refuses a bucket that keeps one version of an object only.
    async fn expect_versions(&self) -> Result<(), UploadError> {
        const NOT_IMPLEMENTED: u16 = 501;
        let answer = match self.send(Method::GET, "?versioning", Bytes::new(), &[]).await {
            Err(UploadError::Refused { status: NOT_IMPLEMENTED, .. }) => {
                return Err(UploadError::NotVersioned(self.name.clone()));
            }
            answer => answer?,
        };
        match String::from_utf8_lossy(answer.body()).contains("<Status>Enabled</Status>") {
            true => Ok(()),
            false => Err(UploadError::NotVersioned(self.name.clone())),
        }
    }

    /// Puts a document under `key` and says where this version of it is: `s3://bucket/key@version`.
    async fn put(&self, key: &str, commit: &str, document: &Value) -> Result<String, UploadError> {
        let tag = format!("gitsha={commit}");
        let fields = [("content-type", "application/json"), ("x-amz-tagging", tag.as_str())];
        let answer = self.send(Method::PUT, &format!("/{key}"), json::text(document).into(), &fields).await?;
        let version = answer.headers().get("x-amz-version-id").and_then(|version| version.to_str().ok());
        match version {
            Some(version) => Ok(format!("s3://{}/{key}@{version}", self.name)),
            None => Err(UploadError::NotVersioned(self.name.clone())),
        }
    }

    async fn send(
        &self,
        method: Method,
        rest: &str,
        body: Bytes,
        fields: &[(&str, &str)],
    ) -> Result<Response<Bytes>, UploadError> {
        let url = format!("{}/{}{rest}", self.origin, self.name);
        let what = format!("{method} {url}");
        let unreachable = |error: BoxError| UploadError::Unreachable(what.clone(), error);
        let request = self.signed(&method, &url, body, fields).map_err(unreachable)?;
        let answer = self.transport.send(request).await.map_err(unreachable)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        const SHOWN: usize = 300;
        let text = String::from_utf8_lossy(answer.body());
        Err(UploadError::Refused { what, status: answer.status().as_u16(), answer: text.chars().take(SHOWN).collect() })
    }

    /// The request with a signature of version 4, as S3 wants it.
    fn signed(
        &self,
        method: &Method,
        url: &str,
        body: Bytes,
        fields: &[(&str, &str)],
    ) -> Result<Request<Bytes>, BoxError> {
        let uri: http::Uri = url.parse()?;
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()?
            .into();
        let signed_fields = [(header::HOST.as_str(), host.as_str())].into_iter().chain(fields.iter().copied());
        let signable = SignableRequest::new(method.as_str(), url, signed_fields, SignableBody::Bytes(&body))?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = Request::builder().method(method).uri(uri).header(header::HOST, &host);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body)?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}
