//! DELETE /sample/v1/samples/{sampleId}

use policy::Role;
use testing::{Answer, World};

use crate::samples::place;
use crate::world;

/// What a walk through the whole service asks here.
pub async fn walk(world: &World) {
    for id in [&place(world, "acme").await, "SM-0000000000000000"] {
        delete_sample(world, id).await;
    }
}

#[tokio::test]
async fn what_was_removed_is_there_no_more() {
    let world = world().await;
    let id = place(&world, "acme").await;

    assert_eq!(delete_sample(&world, &id).await.status, 204);
    let again = delete_sample(&world, &id).await;
    assert_eq!((again.status, again.code()), (404, "SAMPLE_NOT_FOUND"));
}

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    let world = world().await;
    let id = place(&world, "globex").await;

    assert_eq!(delete_sample(&world, &id).await.status, 404);
}

async fn delete_sample(world: &World, id: &str) -> Answer {
    let path = "/sample/v1/samples/{sampleId}".replace("{sampleId}", id);
    world.ask("DELETE", &path).by(&world.caller("acme", Role::TenantAdmin)).send().await
}
