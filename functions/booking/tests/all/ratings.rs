//! POST /booking/v1/bookings/{bookingId}/rating

use policy::Role;
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::journey::{assign, complete, confirm, read, start, step, vehicle};
use crate::vehicles::{admin, fleet_owner};
use crate::{book, shipper, world};

async fn rate(world: &World, caller: &Caller, booking: &str, stars: i64) -> Answer {
    step(world, caller, booking, "rating", json!({ "stars": stars })).await
}

/// A trip with this truck, rated so by acme's shipper.
async fn rated(world: &World, truck: &str, stars: i64) -> Answer {
    let trip = delivered(world, truck).await;
    rate(world, &shipper(world), &trip, stars).await
}

/// A trip with this truck that acme's driver has just delivered.
async fn delivered(world: &World, truck: &str) -> String {
    let booked = book(world, &shipper(world)).await;
    confirm(world, &booked).await;
    assert_eq!(assign(world, &booked, truck).await.status, 200);
    world.advance(12 * 3_600);
    start(world, &booked).await;
    assert_eq!(complete(world, &booked).await.status, 200);
    booked
}

async fn truck(world: &World, truck: &str) -> Value {
    world.ask("GET", &format!("/booking/v1/vehicles/{truck}")).by(&admin(world)).send().await.body["data"].clone()
}

async fn found(world: &World) -> usize {
    let ask = world.ask("GET", "/booking/v1/nearest-vehicles?lat=17.05&lng=79.27&tonnes=10");
    ask.by(&fleet_owner(world)).send().await.body["data"]["vehicles"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_driver_is_rated_the_mean_of_their_trips_and_the_search_looks_at_it() {
    let world = world().await;
    let car = vehicle(&world, "TS09AB0001").await;
    assert_eq!(found(&world).await, 1);

    let first = rated(&world, &car, 3).await;
    assert_eq!((first.status, &first.body["data"]["rating"]["stars"]), (200, &json!(3)), "{}", first.body);
    assert_eq!((&truck(&world, &car).await["driverRating"], found(&world).await), (&json!(3.0), 0));
    for _ in 0..2 {
        assert_eq!(rated(&world, &car, 5).await.status, 200);
    }

    let seen = truck(&world, &car).await;
    assert_eq!((&seen["driverRating"], &seen["driverId"]), (&json!(13.0 / 3.0), &json!("acme-driver")));
    assert_eq!(found(&world).await, 1);
    let other = vehicle(&world, "TS09AB0002").await;
    delivered(&world, &other).await;
    assert_eq!(truck(&world, &other).await["driverRating"], json!(13.0 / 3.0), "a rating goes with its driver");
}

#[tokio::test]
async fn a_trip_is_rated_once_by_who_booked_it_and_not_before_it_is_delivered() {
    let world = world().await;
    let car = vehicle(&world, "TS09AB0001").await;
    let open = book(&world, &shipper(&world)).await;
    let trip = delivered(&world, &car).await;
    let stranger = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);

    assert_eq!(rate(&world, &shipper(&world), &open, 5).await.code(), "INVALID_BOOKING_STATUS");
    assert_eq!(rate(&world, &stranger, &trip, 5).await.code(), "BOOKING_NOT_FOUND");
    assert_eq!(rate(&world, &fleet_owner(&world), &trip, 5).await.code(), "FORBIDDEN");
    for stars in [0, 6] {
        assert_eq!(rate(&world, &shipper(&world), &trip, stars).await.code(), "VALIDATION_ERROR");
    }
    let me = shipper(&world);
    let (one, other) = tokio::join!(rate(&world, &me, &trip, 5), rate(&world, &me, &trip, 1));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(rate(&world, &me, &trip, 1).await.code(), "TRIP_RATED");
    let stars = read(&world, &trip).await["rating"]["stars"].clone();
    let mean = truck(&world, &car).await["driverRating"].as_f64();
    assert_eq!(stars.as_f64(), mean, "nothing of the loser stands");
}
