//! Of two calls that meet, exactly one wins; the other gets 409 and nothing is half done.

use serde_json::json;
use testing::Answer;

use crate::journey::{assign, cancel, complete, confirm, driver, read, start, step, vehicle, vehicle_status};
use crate::vehicles::admin;
use crate::{book, shipper, world};

const HOUR: i64 = 3_600;

fn exactly_one_wins(one: &Answer, other: &Answer) {
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.body, other.body);
}

#[tokio::test]
async fn of_two_confirmations_one_wins() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;

    let (one, other) = tokio::join!(confirm(&world, &booked), confirm(&world, &booked));

    exactly_one_wins(&one, &other);
    let path = format!("/booking/v1/bookings/{booked}/history");
    let history = world.ask("GET", &path).by(&admin(&world)).send().await;
    assert_eq!(history.body["data"]["entries"].as_array().map(Vec::len), Some(2));
    world.settle().await;
    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(&world)).send().await;
    assert_eq!(summary.body["data"]["byStatus"], json!({ "confirmed": 1 }));
}

#[tokio::test]
async fn of_two_bookings_that_are_given_one_truck_one_gets_it() {
    let world = world().await;
    let [first, second] = [book(&world, &shipper(&world)).await, book(&world, &shipper(&world)).await];
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &first).await;
    confirm(&world, &second).await;

    let (one, other) = tokio::join!(assign(&world, &first, &truck), assign(&world, &second, &truck));

    exactly_one_wins(&one, &other);
    let loser = if one.status == 200 { (&other, &second) } else { (&one, &first) };
    assert_eq!(loser.0.code(), "VEHICLE_UNAVAILABLE");
    let left = read(&world, loser.1).await;
    assert_eq!((&left["status"], left.get("assignment")), (&json!("confirmed"), None));
}

#[tokio::test]
async fn of_two_trucks_that_are_given_to_one_booking_one_gets_it_and_the_other_stays_free() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let [one_truck, other_truck] = [vehicle(&world, "TS05AB0001").await, vehicle(&world, "TS05AB0002").await];
    confirm(&world, &booked).await;

    let (one, other) = tokio::join!(assign(&world, &booked, &one_truck), assign(&world, &booked, &other_truck));

    exactly_one_wins(&one, &other);
    let (taken, free) = if one.status == 200 { (one_truck, other_truck) } else { (other_truck, one_truck) };
    assert_eq!(read(&world, &booked).await["assignment"]["vehicleId"], taken);
    assert_eq!(vehicle_status(&world, &taken).await, "assigned");
    assert_eq!(vehicle_status(&world, &free).await, "available");
}

#[tokio::test]
async fn of_a_cancellation_and_a_start_one_wins_and_the_truck_is_where_the_winner_says() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &booked).await;
    assign(&world, &booked, &truck).await;
    world.advance(13 * HOUR);
    let by = shipper(&world);

    let (cancelled, started) = tokio::join!(cancel(&world, &by, &booked), start(&world, &booked));

    exactly_one_wins(&cancelled, &started);
    let (status, vehicle) =
        if cancelled.status == 200 { ("cancelled", "available") } else { ("in_transit", "assigned") };
    assert_eq!(read(&world, &booked).await["status"], status);
    assert_eq!(vehicle_status(&world, &truck).await, vehicle);
}

#[tokio::test]
async fn of_a_cancellation_and_a_completion_the_completion_wins() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let truck = vehicle(&world, "TS05AB0001").await;
    confirm(&world, &booked).await;
    assign(&world, &booked, &truck).await;
    world.advance(13 * HOUR);
    start(&world, &booked).await;
    let by = shipper(&world);

    let (cancelled, completed) = tokio::join!(cancel(&world, &by, &booked), complete(&world, &booked));

    assert_eq!((cancelled.status, cancelled.code(), completed.status), (409, "BOOKING_NOT_OPEN", 200));
    assert_eq!(read(&world, &booked).await["status"], "completed");
    assert_eq!(vehicle_status(&world, &truck).await, "available");
}

#[tokio::test]
async fn a_step_that_is_asked_for_twice_under_one_key_is_taken_once_and_answered_twice() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let path = format!("/booking/v1/bookings/{booked}/confirmation");
    let by = admin(&world);
    let ask = || world.ask("POST", &path).by(&by).header("idempotency-key", "k-1").json(&json!({})).send();

    let (one, other) = tokio::join!(ask(), ask());

    assert_eq!((one.status, other.status), (200, 200));
    assert_eq!(one.bytes, other.bytes);
    assert_eq!(step(&world, &driver(&world), &booked, "start", json!({})).await.code(), "BOOKING_NOT_FOUND");
}
