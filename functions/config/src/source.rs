//! The configuration service reads its own configuration from its own table.

use async_trait::async_trait;
use cloud::Table;
use config_client::{Fetched, Source};
use policy::PLATFORM_TENANT;
use service_errors::Error;

use crate::document::{Layers, Origin};
use crate::references::effective;
use crate::rules::Rules;

/// The service's own table as a source of documents.
pub struct TableSource {
    table: Table,
}

impl TableSource {
    pub fn new(table: Table) -> Self {
        Self { table }
    }
}

#[async_trait]
impl Source for TableSource {
    async fn fetch(&self, tenant: &str, document: &str, known: Option<&str>) -> Result<Fetched, Error> {
        // How long to keep documents, and how far references go, is itself a document: the one without references.
        let rules = Rules::current(&self.table).await?;
        let layers = Layers::load(&self.table, tenant, document).await?;
        let effective = effective(&self.table, &layers, &rules.references).await?;
        let max_age = rules.max_age_seconds;
        if known == Some(effective.version.as_str()) {
            return Ok(Fetched::Unchanged { max_age });
        }
        Ok(Fetched::New { value: effective.value.0, version: effective.version, max_age })
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
