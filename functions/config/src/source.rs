//! The configuration service reads its own configuration from its own table.

use std::sync::OnceLock;

use async_trait::async_trait;
use cloud::Table;
use config_client::{Document as Named, Fetched, Scope, Source};
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use service_errors::Error;

use crate::document::{Layers, Origin};

/// `global/operational/configuration`: how long clients keep documents.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Caching {
    /// Seconds.
    pub max_age_seconds: i64,
}

impl Named for Caching {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "operational/configuration";
}

/// The service's own table as a source of documents.
pub struct TableSource {
    table: Table,
    max_age: OnceLock<i64>,
}

impl TableSource {
    pub fn new(table: Table) -> Self {
        Self { table, max_age: OnceLock::new() }
    }

    /// Read once: how long to keep documents is itself a document.
    async fn max_age(&self) -> Result<i64, Error> {
        if let Some(seconds) = self.max_age.get() {
            return Ok(*seconds);
        }
        let layers = Layers::load(&self.table, PLATFORM_TENANT, "global.operational.configuration").await?;
        let caching: Caching = serde_json::from_value(layers.effective().value.0).map_err(Error::internal)?;
        Ok(*self.max_age.get_or_init(|| caching.max_age_seconds))
    }
}

#[async_trait]
impl Source for TableSource {
    async fn fetch(&self, tenant: &str, document: &str) -> Result<Fetched, Error> {
        let effective = Layers::load(&self.table, tenant, document).await?.effective();
        Ok(Fetched { value: effective.value.0, version: effective.version, max_age: self.max_age().await? })
    }

    async fn origin_known(&self, origin: &str) -> Result<bool, Error> {
        origin_known(&self.table, origin).await
    }
}

/// Whether any tenant lists this origin.
pub async fn origin_known(table: &Table, origin: &str) -> Result<bool, Error> {
    let found = table.get::<Origin>(PLATFORM_TENANT, origin).await?;
    Ok(found.is_some_and(|found| !found.value.tenants.is_empty()))
}
