//! The operations of the services that this Worker does not carry: what they answer is passed on, and what they would
//! refuse unread (404, 405, preflights) is refused here, by the pipeline they stand behind.

use std::sync::Arc;

use cloud::Platform;
use config_client::{ConfigClient, HttpSource};
use operation::{Context, Declaration, Dialect, Hosted, Input, NoContent, Operation, RouteError, Service};
use service_errors::Error;
use validation::Nothing;

/// Every service with the operations it published.
pub static DECLARED: &[(&str, &[Declaration])] = include!(concat!(env!("OUT_DIR"), "/declared.rs"));

/// In whose name the Worker itself reads the configuration.
const NAME: &str = "edge";

/// One of them behind the pipeline.
pub fn mount(
    platform: &Platform,
    name: &'static str,
    declarations: &'static [Declaration],
) -> Result<Box<dyn Hosted>, RouteError> {
    let source = Arc::new(HttpSource::new(platform, NAME));
    let config = Arc::new(ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock)));
    let operations = declarations.iter().map(|facts| Operation::new(facts, never)).collect();
    let ports = config.ports(platform, &platform.table(name));
    Ok(Box::new(Service::new(name, operations, Vec::new()).mount(Arc::new(()), ports)?))
}

/// A request that finds an operation of another service never comes here.
async fn never(_: Context<()>, _: Input<Nothing, Nothing, Nothing>) -> Result<NoContent, Error> {
    Err(Error::internal("an operation of another service was run at the edge"))
}
