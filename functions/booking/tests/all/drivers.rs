//! Who may be given a booking to drive: whom the auth service knows as a driver, and nobody while it cannot say.

use std::time::Duration;

use serde_json::{Value, json};
use testing::{Answer, World};

use crate::journey::{confirm, read, vehicle, vehicle_status};
use crate::vehicles::admin;
use crate::{book, shipper, world};

const PEOPLE: &str = "/auth/internal/v1/tenants/";

/// A confirmed booking and a truck for it.
async fn ready(world: &World) -> (String, String) {
    let booked = book(world, &shipper(world)).await;
    confirm(world, &booked).await;
    (booked, vehicle(world, "TS05AB0001").await)
}

async fn assign(world: &World, (booking, vehicle): &(String, String), driver: &str) -> Answer {
    let body = json!({ "vehicleId": vehicle, "driverId": driver });
    let path = format!("/booking/v1/bookings/{booking}/assignment");
    world.ask("POST", &path).by(&admin(world)).header("x-request-id", "r-42").json(&body).send().await
}

/// Nothing was given to anybody.
async fn unchanged(world: &World, (booking, vehicle): &(String, String)) {
    assert_eq!(read(world, booking).await["status"], "confirmed");
    assert_eq!(vehicle_status(world, vehicle).await, "available");
}

#[tokio::test]
async fn whoever_is_unknown_shut_out_or_no_driver_is_given_nothing() {
    let world = world().await;
    let ready = ready(&world).await;
    world.set_person("acme", "asha", &["driver"], "suspended");
    world.set_person("acme", "ravi", &["shipper", "fleet_owner"], "active");
    world.set_person("other", "meena", &["driver"], "active");

    for (driver, status, code) in [
        ("nobody", 404, "DRIVER_NOT_FOUND"),
        ("meena", 404, "DRIVER_NOT_FOUND"),
        ("asha", 422, "DRIVER_SUSPENDED"),
        ("ravi", 422, "NOT_A_DRIVER"),
        ("../ravi", 400, "VALIDATION_ERROR"),
    ] {
        let answer = assign(&world, &ready, driver).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{driver}: {}", answer.body);
    }
    unchanged(&world, &ready).await;
    assert_eq!(assign(&world, &ready, "acme-driver").await.status, 200);
}

#[tokio::test]
async fn the_auth_service_is_asked_in_the_name_of_the_service_under_the_id_of_the_request() {
    let world = world().await;
    let ready = ready(&world).await;
    world.asked_outside();

    assert_eq!(assign(&world, &ready, "acme-driver").await.status, 200);

    let asked = world.asked_outside();
    let asked: Vec<_> = asked.iter().filter(|request| request.uri().path().starts_with(PEOPLE)).collect();
    assert_eq!(asked.len(), 1);
    let head = asked[0].headers();
    assert_eq!(asked[0].uri().path(), "/auth/internal/v1/tenants/acme/users/acme-driver");
    assert_eq!(head["x-request-id"], "r-42");
    assert_eq!(head[operation::SERVICE_HEADER], "booking");
    assert!(head.contains_key(operation::SIGNATURE_HEADER));
}

#[tokio::test]
async fn booking_asks_nobody_outside() {
    let world = world().await;
    book(&world, &shipper(&world)).await;
    world.asked_outside();

    book(&world, &shipper(&world)).await;

    let asked = world.asked_outside();
    let others: Vec<_> = asked.iter().filter(|request| !request.uri().path().starts_with("/config/")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_told_under_the_request_and_nothing_is_given() {
    let world = world().await;
    let ready = ready(&world).await;
    for (body, cause) in [
        (json!({ "data": { "roles": ["driver"] } }), "/data/status"),
        (json!({ "data": { "roles": "driver", "status": "active" } }), "/data/roles"),
        (json!({ "data": { "roles": ["driver"], "status": "asleep" } }), "/data/status"),
        (Value::Null, "it"),
    ] {
        world.set_outside_answer(PEOPLE, 200, body);
        let before = world.breaches().len();

        let answer = assign(&world, &ready, "acme-driver").await;

        assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (503, "UNAVAILABLE", "1"));
        let breaches = world.breaches();
        let [.., last] = breaches.as_slice() else { panic!("nothing was told") };
        assert_eq!((breaches.len(), last.upstream.as_str(), last.request_id.as_str()), (before + 1, "auth", "r-42"));
        assert_eq!(last.operation, "readTenantUser");
        assert!(last.cause.contains(&format!("breaks its contract: {cause}")), "{last:?}");
    }
    unchanged(&world, &ready).await;
}

#[tokio::test]
async fn while_the_auth_service_is_down_or_silent_nothing_is_given() {
    let world = world().await;
    let ready = ready(&world).await;
    world.configure("global.operational.upstreams", "/timeoutMillis", json!(750));
    world.advance(2);
    read(&world, &ready.0).await;

    world.set_outside_silent();
    let answer = assign(&world, &ready, "acme-driver").await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"), "{}", answer.body);
    assert_eq!(world.waited().last(), Some(&Duration::from_millis(750)));
    world.set_outside_down(true);
    assert_eq!(assign(&world, &ready, "acme-driver").await.status, 503);

    world.set_outside_down(false);
    unchanged(&world, &ready).await;
    assert!(world.breaches().is_empty(), "not to answer is no breach of a contract");
    assert_eq!(assign(&world, &ready, "acme-driver").await.status, 200);
}
