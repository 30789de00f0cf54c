//! Where documents come from, and where the last known good ones are kept.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_errors::Error;

use crate::Usage;

/// A document as its source gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    /// A version that was not known.
    New {
        /// The effective value: the tenant's keys over the platform's.
        value: Value,
        /// Which version that is.
        version: String,
        /// Seconds for which it need not be asked for again.
        max_age: i64,
    },
    /// The version that was known.
    Unchanged {
        /// Seconds for which it need not be asked for again.
        max_age: i64,
    },
}

/// A document as it was last known to be good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Its version.
    pub version: String,
    /// Its effective value.
    pub value: Value,
}

/// Where documents come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The effective document of a tenant, unless it still is the version that is `known`. Fails when it cannot be had
    /// now.
    async fn fetch(&self, tenant: &str, document: &str, known: Option<&str>) -> Result<Fetched, Error>;

    /// Whether any tenant lists this origin as a caller.
    async fn origin_known(&self, origin: &str) -> Result<bool, Error>;

    /// Keeps a document where it survives the process. Does nothing where the source itself does.
    async fn keep(&self, _tenant: &str, _document: &str, _kept: &Kept) -> Result<(), Error> {
        Ok(())
    }

    /// What was last kept of a document.
    async fn recall(&self, _tenant: &str, _document: &str) -> Result<Option<Kept>, Error> {
        Ok(None)
    }

    /// Takes how the cache did since it was last told.
    fn report(&self, _usage: &Usage) {}
}
