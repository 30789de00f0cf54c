//! What a shipper's open bookings may cost together

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::journey::cancel;
use crate::{freight, shipper, world};

const CREDIT: &str = "services.booking.dev.business.credit";

/// A world in which acme's shippers have credit up to this amount. The usual transport costs 2,360,000 paise.
async fn world_with(limit: i64, block_basis_points: i64) -> World {
    let world = world().await;
    world.configure(CREDIT, "/limitAmount", json!(limit));
    world.configure(CREDIT, "/blockBasisPoints", json!(block_basis_points));
    world
}

async fn book_by(world: &World, caller: &Caller) -> Answer {
    let body = json!({ "freight": freight(world) });
    world.ask("POST", "/booking/v1/bookings").by(caller).json(&body).send().await
}

async fn book(world: &World) -> Answer {
    book_by(world, &shipper(world)).await
}

fn credit(answer: &Answer) -> &Value {
    &answer.body["data"]["credit"]
}

#[tokio::test]
async fn credit_warns_then_blocks_and_a_cancelled_booking_frees_it() {
    let world = world_with(5_000_000, 11_000).await;

    let first = book(&world).await;
    assert_eq!((first.status, credit(&first)), (201, &Value::Null));
    let second = book(&world).await;
    assert_eq!((second.status, credit(&second)), (201, &json!("warning")));
    let third = book(&world).await;
    assert_eq!((third.status, third.code()), (422, "INSUFFICIENT_CREDIT"));
    assert_eq!(third.body["error"]["details"]["openAmount"], 4_720_000);

    let id = first.body["data"]["bookingId"].as_str().unwrap();
    let path = format!("/booking/v1/bookings/{id}/cancellation");
    let reason = json!({ "reason": "plans have changed" });
    assert_eq!(world.ask("POST", &path).by(&shipper(&world)).json(&reason).send().await.status, 200);
    world.settle().await;
    assert_eq!(book(&world).await.status, 201);
    assert_eq!(book(&world).await.code(), "INSUFFICIENT_CREDIT");
}

#[tokio::test]
async fn a_shipper_over_the_limit_is_let_pass_for_a_while_and_no_longer() {
    let world = world_with(5_000_000, 20_000).await;

    for standing in [Value::Null, json!("warning"), json!("grace"), json!("grace")] {
        assert_eq!(credit(&book(&world).await), &standing);
    }
    world.advance(72 * 3_600 - 1);
    world.configure(CREDIT, "/blockBasisPoints", json!(30_000));
    assert_eq!(credit(&book(&world).await), "grace");
    world.advance(1);
    assert_eq!(book(&world).await.code(), "INSUFFICIENT_CREDIT");
}

#[tokio::test]
async fn of_two_bookings_that_do_not_both_fit_exactly_one_is_made() {
    let world = world_with(4_000_000, 10_000).await;

    let (one, other) = tokio::join!(book(&world), book(&world));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
}

#[tokio::test]
async fn a_shipper_has_their_own_limit_before_the_tenants() {
    let world = world_with(1, 10_000).await;
    world.configure(CREDIT, "/shippers", json!({ "acme-shipper": { "limitAmount": 3_000_000 } }));
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);

    assert_eq!(book(&world).await.status, 201);
    assert_eq!(book_by(&world, &second).await.code(), "INSUFFICIENT_CREDIT");
}

#[tokio::test]
async fn a_shipper_reads_what_their_own_credit_still_bears() {
    let world = world().await;
    let read =
        async |caller: &Caller| world.ask("GET", "/booking/v1/credit").by(caller).send().await.body["data"].clone();
    book(&world).await;
    world.settle().await;

    assert_eq!(read(&shipper(&world)).await, json!({ "openAmount": 2_360_000 }));
    world.configure(CREDIT, "/limitAmount", json!(4_500_000));
    let open = json!({ "openAmount": 2_360_000, "limitAmount": 4_500_000, "availableAmount": 2_140_000 });
    assert_eq!(read(&shipper(&world)).await, open);
    let since = world.in_seconds(60);
    world.advance(60);
    book(&world).await;
    world.advance(60);
    let over = json!({
        "openAmount": 4_720_000, "limitAmount": 4_500_000, "availableAmount": 0, "overSince": since,
    });
    assert_eq!(read(&shipper(&world)).await, over);
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);
    let abroad = world.caller_named("other", "acme-shipper", &[Role::Shipper]);
    assert_eq!(read(&second).await["openAmount"], 0);
    assert_eq!(read(&abroad).await["openAmount"], 0);
}

#[tokio::test]
async fn bookings_made_without_a_limit_count_when_there_is_one_until_they_are_over() {
    let world = world().await;
    let before = book(&world).await;
    assert_eq!(before.status, 201);
    world.settle().await;

    world.configure(CREDIT, "/limitAmount", json!(4_000_000));
    assert_eq!(book(&world).await.code(), "INSUFFICIENT_CREDIT");

    cancel(&world, &shipper(&world), before.body["data"]["bookingId"].as_str().unwrap()).await;
    world.settle().await;
    assert_eq!(book(&world).await.status, 201);
    assert_eq!(book(&world).await.code(), "INSUFFICIENT_CREDIT");
    world.settle().await;
    let credit = world.ask("GET", "/booking/v1/credit").by(&shipper(&world)).send().await;
    assert_eq!(credit.body["data"]["openAmount"], 2_360_000);
}
