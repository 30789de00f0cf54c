//! POST /sample/v1/samples

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, World};

use crate::world;

const PATH: &str = "/sample/v1/samples";

/// What a walk through the whole service asks here.
pub async fn walk(world: &World) {
    create_sample(world, &wanted()).await;
}

#[tokio::test]
async fn a_sample_is_answered_as_it_was_asked_for_under_a_new_id() {
    let world = world().await;

    let answer = create_sample(&world, &wanted()).await;

    assert_eq!(answer.status, 201, "{}", answer.body);
    let made = &answer.body["data"];
    assert_eq!((&made["description"], &made["createdBy"]), (&wanted()["description"], &"acme-tenant_admin".into()));
    assert!(made["sampleId"].as_str().is_some_and(|id| id.starts_with("SM-")), "{made}");
}

#[tokio::test]
async fn a_call_that_comes_twice_makes_one_sample() {
    let world = world().await;
    let admin = world.caller("acme", Role::TenantAdmin);
    let ask = || world.ask("POST", PATH).by(&admin).header("idempotency-key", "once").json(&wanted()).send();

    let (first, second) = (ask().await, ask().await);

    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn a_sample_without_a_description_is_refused() {
    let world = world().await;

    for wrong in [json!({}), json!({ "description": "" }), json!({ "description": "x".repeat(501) })] {
        let answer = create_sample(&world, &wrong).await;
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"), "{wrong}");
    }
}

async fn create_sample(world: &World, body: &Value) -> Answer {
    world.ask("POST", PATH).by(&world.caller("acme", Role::TenantAdmin)).json(body).send().await
}

fn wanted() -> Value {
    json!({ "description": "For a test" })
}
