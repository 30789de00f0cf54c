//! Forgets what is cached of a tenant's configuration when it changed: takes `config.changed`.

use operation::{CloudEvent, ConsumerDeclaration, Context};
use service_errors::Error;

use crate::Auth;
use crate::upstreams::config::{CONFIG_CHANGED, ConfigChanged};

pub const DECLARATION: ConsumerDeclaration = ConsumerDeclaration {
    id: "applyConfigurationChange",
    queue: "auth-configuration",
    events: &[CONFIG_CHANGED],
    summary: "Reads a tenant's configuration anew when it changed",
    audit: None,
    touches: &[],
    max_receive_count: 5,
};

pub async fn handle(cx: Context<Auth>, _: CloudEvent<ConfigChanged>) -> Result<(), Error> {
    cx.state.config.invalidate(&cx.tenant);

    Ok(())
}
