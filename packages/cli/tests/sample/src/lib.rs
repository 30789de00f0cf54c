//! The sample service: keeps samples.
//!
//! Business values come from the configuration service; this crate holds none.

mod apply_configuration_change;
mod approve_sample;
mod create_sample;
mod delete_sample;
mod get_sample;
mod list_samples;
mod replace_sample;
mod samples;
mod update_sample;

use std::sync::Arc;

use cloud::{Platform, Table};
use config_client::{ConfigClient, HttpSource};
use operation::{Consumer, Mounted, Operation, RouteError, Service};

/// The service's name, and that of its table.
pub const NAME: &str = "sample";

/// The state: the table, and the configuration as this service sees it.
pub struct Sample {
    table: Table,
    config: Arc<ConfigClient>,
}

/// The service, declared.
pub fn service() -> Service<Sample> {
    Service::new(
        NAME,
        vec![
            Operation::new(&approve_sample::DECLARATION, approve_sample::handle),
            Operation::new(&create_sample::DECLARATION, create_sample::handle),
            Operation::new(&delete_sample::DECLARATION, delete_sample::handle),
            Operation::new(&get_sample::DECLARATION, get_sample::handle),
            Operation::new(&list_samples::DECLARATION, list_samples::handle),
            Operation::new(&replace_sample::DECLARATION, replace_sample::handle),
            Operation::new(&update_sample::DECLARATION, update_sample::handle),
        ],
        vec![Consumer::new(&apply_configuration_change::DECLARATION, apply_configuration_change::handle)],
    )
}

/// The service on a platform, ready to answer.
pub fn mount(platform: &Platform) -> Result<Mounted<Sample>, RouteError> {
    let table = platform.table(NAME);
    let source = Arc::new(HttpSource::new(platform, NAME));
    let config = Arc::new(ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock)));
    let ports = config.ports(platform, &table);
    service().mount(Arc::new(Sample { table, config }), ports)
}
