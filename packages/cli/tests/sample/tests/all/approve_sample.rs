//! POST /sample/v1/samples/{sampleId}/approval

use policy::Role;
use serde_json::json;
use testing::{Answer, World};

use crate::samples::place;
use crate::world;

/// What a walk through the whole service asks here.
pub async fn walk(world: &World) {
    for id in [&place(world, "acme").await, "SM-0000000000000000"] {
        approve_sample(world, id, "Walked").await;
    }
}

#[tokio::test]
async fn what_changes_is_answered_as_it_is_now() {
    let world = world().await;
    let id = place(&world, "acme").await;

    let answer = approve_sample(&world, &id, "Changed by a test").await;

    assert_eq!((answer.status, &answer.body["data"]["description"]), (200, &"Changed by a test".into()));
}

#[tokio::test]
async fn a_change_that_says_nothing_is_refused() {
    let world = world().await;
    let id = place(&world, "acme").await;

    let answer = approve_sample(&world, &id, "").await;

    assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
}

#[tokio::test]
async fn what_is_not_there_and_what_is_anothers_are_not_found() {
    let world = world().await;

    for id in [&place(&world, "globex").await, "SM-0000000000000000"] {
        let answer = approve_sample(&world, id, "Changed by a test").await;
        assert_eq!((answer.status, answer.code()), (404, "SAMPLE_NOT_FOUND"), "{id}");
    }
}

async fn approve_sample(world: &World, id: &str, description: &str) -> Answer {
    let path = "/sample/v1/samples/{sampleId}/approval".replace("{sampleId}", id);
    let ask = world.ask("POST", &path).by(&world.caller("acme", Role::TenantAdmin));
    ask.json(&json!({ "description": description })).send().await
}
