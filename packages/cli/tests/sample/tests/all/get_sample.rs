//! GET /sample/v1/samples/{sampleId}

use policy::Role;
use testing::{Answer, World};

use crate::samples::place;
use crate::world;

/// What a walk through the whole service asks here.
pub async fn walk(world: &World) {
    for id in [&place(world, "acme").await, "SM-0000000000000000"] {
        get_sample(world, id).await;
    }
}

#[tokio::test]
async fn a_sample_is_answered_as_it_is_kept() {
    let world = world().await;
    let id = place(&world, "acme").await;

    let answer = get_sample(&world, &id).await;

    assert_eq!((answer.status, &answer.body["data"]["sampleId"]), (200, &id.into()));
}

#[tokio::test]
async fn what_is_not_there_and_what_is_anothers_are_not_found() {
    let world = world().await;

    for id in [&place(&world, "globex").await, "SM-0000000000000000"] {
        let answer = get_sample(&world, id).await;
        assert_eq!((answer.status, answer.code()), (404, "SAMPLE_NOT_FOUND"), "{id}");
    }
}

async fn get_sample(world: &World, id: &str) -> Answer {
    let path = "/sample/v1/samples/{sampleId}".replace("{sampleId}", id);
    world.ask("GET", &path).by(&world.caller("acme", Role::TenantAdmin)).send().await
}
