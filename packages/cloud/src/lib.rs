//! Storage and queues of a service, through the AWS SDK and nothing else.
//!
//! What differs between a laptop, Lambda and Workers is the HTTP connector inside the [`aws_types::SdkConfig`] that
//! [`Cloud::new`] is given; there is no second implementation. A service has one [`Table`]. A change is one
//! [`Transaction`]: the record, its event for the outbox, its audit entry and its claim together, or none.
//! [`Relay`] moves events from the outbox to the queues of those who subscribed.

mod counters;
mod entity;
mod keys;
mod lists;
mod memory;
mod outbox;
mod parameters;
mod platform;
mod provision;
mod queue;
mod secrets;
mod shares;
mod signed;
mod table;
mod tally;
mod time_limit;
mod transaction;
mod transport;
mod variables;

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use operation::Environment;

pub use counters::TableCounters;
pub use entity::{Entity, Key, Stored};
pub use keys::RemoteKeys;
pub use lists::{Listing, Stretch};
pub use outbox::{Relay, Route, Watcher};
pub use parameters::{Parameter, Parameters};
pub use platform::Platform;
pub use provision::{EXPIRES_AT, INDEXES, KEY};
pub use queue::{Message, Queue};
pub use secrets::Secrets;
pub use shares::Shares;
pub use table::Table;
pub use tally::Tally;
pub use time_limit::{Limited, TimeLimit, TimedOut};
pub use transaction::Transaction;
pub use transport::SdkTransport;
pub use variables::{VariableError, Variables};

/// The clients of one environment, and the names of its resources.
#[derive(Debug, Clone)]
pub struct Cloud {
    dynamodb: aws_sdk_dynamodb::Client,
    /// Made when a queue is first asked for: a function that answers requests has none.
    sqs: Arc<OnceLock<aws_sdk_sqs::Client>>,
    config: SdkConfig,
    environment: Environment,
}

impl Cloud {
    /// The clients behind this configuration. Nothing is called yet. Without credentials in it calls are not signed,
    /// which only an AWS in this process takes.
    pub fn new(config: &SdkConfig, environment: Environment) -> Self {
        let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(config);
        if config.credentials_provider().is_none() {
            dynamodb.set_allow_no_auth();
        }
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            sqs: Arc::default(),
            config: config.clone(),
            environment,
        }
    }

    fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| {
            let mut sqs = aws_sdk_sqs::config::Builder::from(&self.config);
            if self.config.credentials_provider().is_none() {
                sqs.set_allow_no_auth();
            }
            aws_sdk_sqs::Client::from_conf(sqs.build())
        })
    }

    /// The physical name of a resource: `enver-dev-booking`.
    pub fn name(&self, logical: &str) -> String {
        self.environment.resource_name(logical)
    }

    /// The table of that logical name.
    pub fn table(&self, logical: &'static str, secrets: &Secrets) -> Table {
        Table::new(self.dynamodb.clone(), logical, self.name(logical), secrets.clone())
    }

    /// The queue of that logical name.
    pub fn queue(&self, logical: &str) -> Queue {
        Queue::new(self.sqs().clone(), self.name(logical))
    }

    /// The secrets of this environment.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(self.dynamodb.clone(), self.name(PLATFORM_TABLE))
    }

    /// What envers share with each other.
    pub fn parameters(&self) -> Parameters {
        Parameters::new(self.config.clone())
    }

    /// Counters that all instances share.
    pub fn counters(&self) -> TableCounters {
        TableCounters::new(self.dynamodb.clone(), self.name(PLATFORM_TABLE))
    }
}

/// The table of what belongs to no service: counters, used signatures, the service secret.
pub const PLATFORM_TABLE: &str = "platform";

/// An SDK error as an error of ours: what may pass later is 503, the rest is a fault of ours.
fn failed<E, R>(error: SdkError<E, R>) -> service_errors::Error
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    const THROTTLED: [&str; 5] = [
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
        "InternalServerError",
    ];
    let passing = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        other => other.as_service_error().and_then(|e| e.code()).is_some_and(|code| THROTTLED.contains(&code)),
    };
    const RETRY_AFTER_SECONDS: u64 = 1;
    if passing {
        service_errors::Error::unavailable(error, RETRY_AFTER_SECONDS)
    } else {
        service_errors::Error::internal(error)
    }
}
