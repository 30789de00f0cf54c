//! What every service keeps, kept by this one.

use testing::promises;

use crate::world;

#[test]
fn declarations_are_whole() {
    promises::declarations_are_whole(&sample::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&sample::service());
}

#[tokio::test]
async fn every_declared_error_can_be_met_and_exactly_the_declared_resources_are_touched() {
    let world = world().await;

    crate::create_sample::walk(&world).await;
    crate::get_sample::walk(&world).await;
    crate::list_samples::walk(&world).await;
    crate::update_sample::walk(&world).await;
    crate::delete_sample::walk(&world).await;
    crate::approve_sample::walk(&world).await;
    crate::replace_sample::walk(&world).await;

    promises::the_walk_was_complete(&world);
}
