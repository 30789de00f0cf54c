//! The configuration service over HTTP, on its own embedded cloud.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod documents;
mod internal;
mod promises;

use cloud::Platform;
use operation::Mounted;
use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

pub const CORS: &str = "/config/v1/documents/global.security.cors";
pub const PRICING: &str = "/config/v1/documents/services.booking.dev.business.pricing";

/// A world with the configuration service and its defaults.
pub async fn world() -> World {
    World::start(&["config"], async |platform: &Platform| -> Result<Mounted<config::Config>, String> {
        config::seed(platform).await.map_err(|error| error.chain())?;
        config::mount(platform).map_err(|error| error.to_string())
    })
    .await
}

/// The administrator of acme.
pub fn admin(world: &World) -> Caller {
    world.caller("acme", Role::TenantAdmin)
}

/// Reads a document.
pub async fn read(world: &World, caller: &Caller, path: &str) -> Answer {
    world.ask("GET", path).by(caller).send().await
}

/// Writes a document as it was last read.
pub async fn write(world: &World, caller: &Caller, path: &str, value: Value) -> Answer {
    let etag = read(world, caller, path).await.header("etag").to_owned();
    let body = json!({ "value": value, "reason": "a test" });
    world.ask("PUT", path).by(caller).header("if-match", &etag).json(&body).send().await
}
