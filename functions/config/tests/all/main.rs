//! The configuration service over HTTP, on its own embedded cloud.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod access;
mod audit;
mod change_control;
mod documents;
mod internal;
mod promises;
mod references;
mod schemas;
mod versions;

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

/// The administrator of the platform.
pub fn platform(world: &World) -> Caller {
    world.caller(policy::PLATFORM_TENANT, Role::SystemAdmin)
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

/// The token that undoes a change.
pub fn rollback_token(answer: &Answer) -> String {
    answer.body["data"]["rollbackToken"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

/// Undoes a change.
pub async fn roll_back(world: &World, caller: &Caller, path: &str, token: &str) -> Answer {
    let body = json!({ "rollbackToken": token, "reason": "a test" });
    world.ask("POST", &format!("{path}/rollbacks")).by(caller).json(&body).send().await
}

/// Ends what the caller's tenant overrides, as it was last read.
pub async fn delete(world: &World, caller: &Caller, path: &str) -> Answer {
    let etag = read(world, caller, path).await.header("etag").to_owned();
    world.ask("DELETE", &format!("{path}?reason=a+test")).by(caller).header("if-match", &etag).send().await
}

/// Makes a document of the platform, with a schema that takes anything unless one is given.
pub async fn make(world: &World, path: &str, value: Value, schema: Option<Value>) -> Answer {
    let body = json!({ "value": value, "schema": schema.unwrap_or(json!({})), "reason": "a test" });
    world.ask("PUT", path).by(&platform(world)).header("if-match", "\"0-0\"").json(&body).send().await
}

/// Where the issues of a refusal point.
pub fn pointers(answer: &Answer) -> Vec<&str> {
    let issues = answer.body["error"]["details"]["issues"].as_array();
    issues.into_iter().flatten().filter_map(|issue| issue["pointer"].as_str()).collect()
}
