//! The configuration service: every business value of every tenant, with schema, version, author and reason.
//!
//! A document stands at `/{tenant}/global/{category}/{name}` or
//! `/{tenant}/services/{service}/{environment}/{category}/{name}`; its id is that path with dots and without the
//! tenant, which comes from the token. The platform's tenant holds the defaults and the schemas; a tenant overrides
//! them key by key, and the effective value is the one over the other, with references into other documents resolved.
//! Every change keeps its version, can be undone as long as no other follows, and where the platform's rules say so
//! needs the approval of another administrator.

mod approve_change;
mod change;
mod defaults;
mod delete_document;
mod document;
mod find_origin;
mod get_document;
mod get_document_version;
mod list_document_versions;
mod overrides;
mod read_tenant_document;
mod references;
mod rollback_document;
mod rules;
mod schemas;
mod sealed;
mod source;
mod update_document;
mod validate_document;

use std::sync::Arc;

use cloud::{Platform, Secrets, Table};
use config_client::ConfigClient;
use operation::{Mounted, Operation, Service};

pub use defaults::{seed, value as shipped_value};

/// The service's name, and that of its table.
pub const NAME: &str = "config";

/// The state: the table, this service's own view of the configuration it keeps, and what its tokens are sealed with.
pub struct Config {
    table: Table,
    config: Arc<ConfigClient>,
    secrets: Secrets,
}

/// The service, declared.
pub fn service() -> Service<Config> {
    Service::new(
        NAME,
        vec![
            Operation::new(&approve_change::DECLARATION, approve_change::handle),
            Operation::new(&delete_document::DECLARATION, delete_document::handle),
            Operation::new(&find_origin::DECLARATION, find_origin::handle),
            Operation::new(&get_document::DECLARATION, get_document::handle),
            Operation::new(&get_document_version::DECLARATION, get_document_version::handle),
            Operation::new(&list_document_versions::DECLARATION, list_document_versions::handle),
            Operation::new(&read_tenant_document::DECLARATION, read_tenant_document::handle),
            Operation::new(&rollback_document::DECLARATION, rollback_document::handle),
            Operation::new(&update_document::DECLARATION, update_document::handle),
            Operation::new(&validate_document::DECLARATION, validate_document::handle),
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
    service().mount(Arc::new(Config { table, config, secrets: platform.secrets.clone() }), ports)
}
