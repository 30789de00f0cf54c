//! Forgets what is cached of a tenant's configuration when it changed: takes `config.changed`.

use garde::Validate;
use operation::{CloudEvent, ConsumerDeclaration, Context, EventType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;

use crate::Sample;

/// What the event tells.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct ConfigChanged {
    /// The document that changed.
    #[garde(length(chars, min = 1, max = 200))]
    pub document: String,
}

const CONFIG_CHANGED: EventType = EventType::of::<ConfigChanged>("config.changed", "A document changed.");

pub const DECLARATION: ConsumerDeclaration = ConsumerDeclaration {
    id: "applyConfigurationChange",
    queue: "sample-configuration",
    events: &[CONFIG_CHANGED],
    summary: "Reads a tenant's configuration anew when it changed",
    audit: None,
    touches: &[],
    max_receive_count: 5,
};

pub async fn handle(cx: Context<Sample>, _: CloudEvent<ConfigChanged>) -> Result<(), Error> {
    cx.state.config.invalidate(&cx.tenant);

    Ok(())
}
