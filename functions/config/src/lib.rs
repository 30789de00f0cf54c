//! The configuration service: every business value of every tenant, with schema, version, author and reason.
//!
//! A document stands at `/{tenant}/global/{category}/{name}` or
//! `/{tenant}/services/{service}/{environment}/{category}/{name}`; its id is that path with dots and without the
//! tenant, which comes from the token. The platform's tenant holds the defaults and the schemas; a tenant overrides
//! them key by key, and the effective value is the one over the other.

mod defaults;
mod document;
mod find_origin;
mod get_document;
mod list_document_versions;
mod read_tenant_document;
mod source;
mod update_document;

use std::sync::Arc;

use cloud::{Platform, Table};
use config_client::ConfigClient;
use operation::{Mounted, Operation, Service};

pub use defaults::seed;

/// The service's name, and that of its table.
pub const NAME: &str = "config";

/// The state: the table, and this service's own view of the configuration it keeps.
pub struct Config {
    table: Table,
    config: Arc<ConfigClient>,
}

/// The service, declared.
pub fn service() -> Service<Config> {
    Service::new(
        NAME,
        vec![
            Operation::new(&find_origin::DECLARATION, find_origin::handle),
            Operation::new(&get_document::DECLARATION, get_document::handle),
            Operation::new(&list_document_versions::DECLARATION, list_document_versions::handle),
            Operation::new(&read_tenant_document::DECLARATION, read_tenant_document::handle),
            Operation::new(&update_document::DECLARATION, update_document::handle),
        ],
        vec![],
    )
}

/// The service on a platform, ready to answer.
pub fn mount(platform: &Platform) -> Result<Mounted<Config>, operation::RouteError> {
    let table = platform.table(NAME);
    let source = Arc::new(source::TableSource::new(table.clone()));
    let config = Arc::new(ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock)));
    let ports = config.ports(platform, &table);
    service().mount(Arc::new(Config { table, config }), ports)
}
