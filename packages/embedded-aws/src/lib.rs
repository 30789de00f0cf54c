//! The AWS SDK served in process: DynamoDB by `dynoxide`, S3 by `s3s-fs`, SQS by a small queue of ours on SQLite, and
//! the parameter store of SSM by a table of ours beside it.
//!
//! [`EmbeddedAws::sdk_config`] gives the unmodified `aws_sdk_*` clients a connector that ends in this process, without
//! a socket; [`EmbeddedAws::serve`] serves the same protocols on a loopback port, for the AWS command line and
//! any other SDK. There is one implementation under both.

mod chunks;
mod connector;
mod digested;
mod dynamodb;
mod endpoint;
mod keys;
mod recorder;
mod router;
mod s3;
mod server;
mod sqs;
mod ssm;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::StalledStreamProtectionConfig;
use tokio::net::TcpListener;

pub use endpoint::{NotLoopback, refuse_non_loopback};
pub use recorder::{Access, Recorder, Resource, Touch};

use connector::InProcess;
use dynamodb::DynamoDb;
use router::Router;
use s3::S3;
use sqs::Sqs;
use ssm::Ssm;

/// DynamoDB, S3, SQS and SSM parameters in this process. Cloning is cheap, and all clones are one cloud, which lives as
/// long as the last of them or of their clients.
#[derive(Clone)]
pub struct EmbeddedAws {
    router: Arc<Router>,
    recorder: Recorder,
    region: String,
}

/// Why the cloud could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder, or what must be in it, could not be made.
    #[error("the folder {folder} could not be opened")]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has the folder open, and two would not see each other's changes.
    #[error("the folder {0} is open in another process: stop that, or use another folder")]
    InUse(String),
    /// The tables could not be opened.
    #[error("the tables could not be opened: {0}")]
    DynamoDb(String),
    /// The buckets could not be opened.
    #[error("the buckets could not be opened: {0}")]
    S3(String),
    /// The queues could not be opened.
    #[error("the queues could not be opened")]
    Sqs(#[source] rusqlite::Error),
    /// The parameters could not be opened.
    #[error("the parameters could not be opened")]
    Ssm(#[source] rusqlite::Error),
}

impl OpenError {
    fn folder(folder: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Folder { folder: folder.display().to_string(), source }
    }
}

/// The endpoint of the in-process clients. Nothing listens there: their connector never opens a socket.
const ENDPOINT: &str = "http://127.0.0.1";

impl EmbeddedAws {
    /// Opens the cloud whose data lies below `data_dir`, and makes it when it is new: `dynamodb.sqlite`,
    /// `sqs.sqlite` and `ssm.sqlite` with write-ahead logs, and a folder per bucket below `s3`. What was acknowledged
    /// survives the process being killed; the power failing may cost the last moments.
    ///
    /// # Errors
    ///
    /// [`OpenError::InUse`] while another process, or another cloud in this one, has the folder open.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let failed = OpenError::folder(data_dir);
        let buckets = data_dir.join("s3");
        std::fs::create_dir_all(&buckets).map_err(&failed)?;
        let lock = File::create(data_dir.join("lock")).map_err(&failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse(data_dir.display().to_string()),
            TryLockError::Error(source) => failed(source),
        })?;
        let region = region();
        let router = Router {
            dynamodb: DynamoDb::open(&data_dir.join("dynamodb.sqlite"))?,
            s3: S3::open(&buckets, region.clone())?,
            sqs: Sqs::open(Some(&data_dir.join("sqs.sqlite")), region.clone()).map_err(OpenError::Sqs)?,
            ssm: Ssm::open(Some(&data_dir.join("ssm.sqlite")), region.clone()).map_err(OpenError::Ssm)?,
            _lock: Some(lock),
        };
        Ok(Self { router: Arc::new(router), recorder: Recorder::default(), region })
    }

    /// Opens a cloud of its own: tables, queues and parameters in memory, buckets in a temporary folder that is removed
    /// with it.
    pub fn ephemeral() -> Result<Self, OpenError> {
        let region = region();
        let router = Router {
            dynamodb: DynamoDb::memory()?,
            s3: S3::temporary(region.clone())?,
            sqs: Sqs::open(None, region.clone()).map_err(OpenError::Sqs)?,
            ssm: Ssm::open(None, region.clone()).map_err(OpenError::Ssm)?,
            _lock: None,
        };
        Ok(Self { router: Arc::new(router), recorder: Recorder::default(), region })
    }

    /// Moves the clock of the queues forward: what is delayed, hidden or too old becomes due, and whoever waits for a
    /// message is woken. Tests need no sleep.
    pub fn advance(&self, by: Duration) {
        self.router.sqs.advance(by);
    }

    /// The configuration for `aws_sdk_*::Client::new`: this cloud as the connector, any credentials, the region of
    /// `AWS_REGION` or else `us-east-1`. There are no retries and no timeouts, for nothing here fails by chance.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::from_keys(s3::KEY, s3::SECRET, None);
        let signed = self.unsigned_config().into_builder();
        signed.credentials_provider(SharedCredentialsProvider::new(credentials)).build()
    }

    /// The same without credentials, for clients that sign nothing: tables, queues and parameters check no signature,
    /// and making one is a tenth of a call. Buckets do not take it.
    pub fn unsigned_config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .endpoint_url(ENDPOINT)
            .identity_cache(IdentityCache::no_cache())
            .http_client(InProcess { router: Arc::clone(&self.router), recorder: self.recorder.clone() })
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// What the clients of [`EmbeddedAws::sdk_config`] touched; the port's clients are not recorded.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Serves the protocols on this listener until `shutdown` ends: DynamoDB, SQS and SSM by `x-amz-target`, S3
    /// otherwise. Every credential is accepted, so an address that is not loopback is refused, as is a request whose
    /// `Host` is not loopback (a web page could send it).
    ///
    /// # Errors
    ///
    /// [`std::io::ErrorKind::PermissionDenied`] when the listener can be reached from other machines.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
        server::serve(Arc::clone(&self.router), listener, shutdown).await
    }
}

fn region() -> String {
    std::env::var("AWS_REGION").ok().filter(|region| !region.is_empty()).unwrap_or_else(|| "us-east-1".to_owned())
}
