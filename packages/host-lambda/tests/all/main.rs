//! The functions of a service: what each handler makes of the events that Lambda hands it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod fixtures;
mod hosts;
mod http;
mod messages;
mod same_bytes;
mod shapes;
mod storage;

use std::sync::Arc;

use host_lambda::Function;
use serde_json::Value;
use testing::World;

/// The booking service alone in its world.
async fn booking() -> World {
    World::start(&["booking"], async |platform| booking::mount(platform)).await
}

/// The part of the service that a handler names.
fn function(world: &World, handler: &str) -> Function {
    Function::of(handler, world.platform.clone(), Arc::clone(world.service()), None).expect("a handler")
}

/// The body of an answer as JSON.
fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or("null")).expect("JSON")
}
