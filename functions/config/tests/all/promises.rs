//! What every service keeps, kept by this one.

use operation::sign;
use serde_json::json;
use testing::{World, promises};

use crate::{CORS, admin, read, world, write};

#[test]
fn declarations_are_whole() {
    promises::declarations_are_whole(&config::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&config::service());
}

/// A request of another service.
pub async fn signed(world: &World, path: &str) -> testing::Answer {
    let mut request = http::Request::get(path).body(Vec::new()).expect("a request");
    let secret = world.platform.secrets.service().await.expect("a secret");
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
    let micros = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    sign(&mut request, &secret, "booking", world.now() * 1000 + micros);
    world.send(request.map(|_| operation::empty())).await
}

#[tokio::test]
async fn every_declared_error_can_be_met_and_exactly_the_declared_resources_are_touched() {
    let world = world().await;
    let admin = admin(&world);
    let nowhere = "/config/v1/documents/global.security.nothing";

    read(&world, &admin, CORS).await;
    read(&world, &admin, nowhere).await;
    write(&world, &admin, CORS, json!({ "origins": ["https://app.example"] })).await;
    let body = json!({ "value": {}, "reason": "a test" });
    for path in [CORS, nowhere] {
        world.ask("PUT", path).by(&admin).header("if-match", "\"1-0\"").json(&body).send().await;
    }
    read(&world, &admin, &format!("{CORS}/versions")).await;
    read(&world, &admin, &format!("{nowhere}/versions")).await;
    signed(&world, "/config/internal/v1/tenants/acme/documents/global.security.cors").await;
    signed(&world, "/config/internal/v1/tenants/acme/documents/global.security.nothing").await;
    signed(&world, "/config/internal/v1/origins?origin=https://app.example").await;

    promises::the_walk_was_complete(&world);
}
