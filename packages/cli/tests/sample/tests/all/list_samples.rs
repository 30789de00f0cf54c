//! GET /sample/v1/samples

use policy::Role;
use testing::{Answer, World};

use crate::samples::place;
use crate::world;

/// What a walk through the whole service asks here.
pub async fn walk(world: &World) {
    place(world, "acme").await;
    list_samples(world, "").await;
}

#[tokio::test]
async fn a_tenant_sees_its_own_newest_first_and_no_others() {
    let world = world().await;
    let first = place(&world, "acme").await;
    world.advance(60);
    let second = place(&world, "acme").await;
    place(&world, "globex").await;

    let answer = list_samples(&world, "").await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(ids(&answer), [second, first]);
}

#[tokio::test]
async fn a_page_leads_to_the_next() {
    let world = world().await;
    let first = place(&world, "acme").await;
    world.advance(60);
    let second = place(&world, "acme").await;

    let page = list_samples(&world, "?pageSize=1").await;
    let cursor = page.body["pagination"]["nextCursor"].as_str().expect("a cursor");
    let next = list_samples(&world, &format!("?pageSize=1&cursor={cursor}")).await;

    assert_eq!((ids(&page), ids(&next)), (vec![second], vec![first]));
}

async fn list_samples(world: &World, query: &str) -> Answer {
    let path = format!("/sample/v1/samples{query}");
    world.ask("GET", &path).by(&world.caller("acme", Role::TenantAdmin)).send().await
}

fn ids(answer: &Answer) -> Vec<String> {
    let all = answer.body["data"].as_array().expect("a list");
    all.iter().map(|one| one["sampleId"].as_str().expect("an id").to_owned()).collect()
}
