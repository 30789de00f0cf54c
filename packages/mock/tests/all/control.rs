//! What is done to a mock as a whole: reset, snapshots, the clock, preferences, isolation, and data that is wrong.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use http::{Method, header};
use serde_json::{Value, json};

use crate::booking::freight;
use crate::world::{World, call, outside, root, token};

async fn booked(world: &World, tenant: &str) -> Value {
    let shipper = token(tenant, "sam", &["shipper"]);
    let (status, body) = world.post("/booking/v1/bookings", &shipper, json!({ "freight": freight() })).await;
    assert_eq!(status, 201, "{body}");
    body["data"].clone()
}

async fn listed(world: &World, tenant: &str) -> usize {
    let (status, body) = world.get("/booking/v1/bookings", &token(tenant, "ada", &["tenant_admin"])).await;
    assert_eq!(status, 200, "{body}");
    body["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_reset_forgets_what_was_told_and_the_same_requests_get_the_same_answers() {
    let world = World::start();
    let first = booked(&world, "acme").await;

    assert_eq!(world.post("/_mock/reset", "", json!({})).await.0, 204);
    // It runs again after a reset, and the answers hold times.
    world.constellation.stop_clock(crate::world::NOW);
    assert_eq!(listed(&world, "acme").await, 0);
    assert_eq!(world.get("/_messages", "").await.1, json!({ "data": [] }));
    assert_eq!(booked(&world, "acme").await, first);
}

#[tokio::test]
async fn an_event_is_shown_when_it_is_emitted_and_after_a_reset_too() {
    let world = World::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shown = Arc::clone(&seen);
    world.constellation.watch(move |event| shown.lock().unwrap().push(event["subject"].clone()));

    let first = booked(&world, "acme").await["bookingId"].clone();
    assert_eq!(seen.lock().unwrap().last(), Some(&first));
    let before = seen.lock().unwrap().len();
    assert_eq!(world.post("/_mock/reset", "", json!({})).await.0, 204);
    world.constellation.stop_clock(crate::world::NOW);
    booked(&world, "acme").await;
    assert_eq!(seen.lock().unwrap().len(), 2 * before);
}

#[tokio::test]
async fn a_snapshot_is_brought_back_as_often_as_one_likes() {
    let world = World::start();
    booked(&world, "acme").await;
    assert_eq!(world.post("/_mock/snapshot", "", json!({ "name": "one booking" })).await.0, 204);

    for _ in 0..2 {
        booked(&world, "acme").await;
        assert_eq!(listed(&world, "acme").await, 2);
        assert_eq!(world.post("/_mock/restore", "", json!({ "name": "one booking" })).await.0, 204);
        assert_eq!(listed(&world, "acme").await, 1);
    }
    assert_eq!(world.post("/_mock/restore", "", json!({ "name": "another" })).await.0, 404);
}

#[tokio::test]
async fn control_refuses_what_it_does_not_understand() {
    let world = World::start();

    for said in [json!({ "at": "tomorrow" }), json!({ "advanceSeconds": "60" }), json!({}), json!([])] {
        let (status, body) = world.post("/_mock/clock", "", said.clone()).await;
        assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &json!("VALIDATION_ERROR")), "{said}");
    }
    assert_eq!(world.post("/_mock/snapshot", "", json!({ "name": 7 })).await.0, 400);
    assert_eq!(world.get("/_mock/reset", "").await.0, 405);
    assert_eq!(world.get("/_mock/nothing", "").await.0, 404);
    let large = call(Method::POST, "/_mock/clock", "", Some(json!({ "at": "x".repeat(10_000) })));
    assert_eq!(world.send(large).await.0, 413);
}

#[tokio::test]
async fn the_clock_stands_where_it_is_set_and_moves_when_it_is_told() {
    let world = World::start();
    let shipper = token("acme", "sam", &["shipper"]);
    assert_eq!(world.post("/_mock/clock", "", json!({ "at": "2027-01-15T08:00:00Z" })).await.0, 200);
    let (_, quote) = world.post("/booking/v1/quotes", &shipper, freight()).await;
    assert_eq!(quote["data"]["expiresAt"], "2027-01-15T09:00:00Z");

    world.post("/_mock/clock", "", json!({ "advanceSeconds": 3_600 })).await;
    let fresh = world.constellation.now();
    assert_eq!(fresh, 1_800_003_600_000);
    let body = json!({ "quoteToken": quote["data"]["quoteToken"] });
    let (status, refused) = world.post("/booking/v1/bookings", &shipper, body).await;
    // The caller's token is old by now, too.
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (401, &json!("UNAUTHORIZED")));
}

#[tokio::test]
async fn one_tenant_neither_sees_nor_moves_what_is_anothers() {
    let world = World::start();
    let booking = booked(&world, "acme").await;
    let stranger = token("bolt", "ada", &["tenant_admin", "shipper"]);
    let path = format!("/booking/v1/bookings/{}", booking["bookingId"].as_str().unwrap());

    assert_eq!(world.get(&path, &stranger).await.0, 404);
    assert_eq!(world.post(&format!("{path}/confirmation"), &stranger, json!({})).await.0, 404);
    assert_eq!((listed(&world, "acme").await, listed(&world, "bolt").await), (1, 0));
}

#[tokio::test]
async fn a_caller_prefers_an_answer() {
    let world = World::start();
    let shipper = token("acme", "sam", &["shipper"]);
    let preferring = |prefer: &str| {
        let mut request = call(Method::POST, "/booking/v1/bookings", &shipper, Some(json!({ "freight": freight() })));
        request.headers_mut().insert("prefer", prefer.parse().unwrap());
        request
    };

    let (status, body) = world.send(preferring("code=404")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!("QUOTE_NOT_FOUND")));
    let (status, body) = world.send(preferring("code=404, example=CONTRACT_NOT_FOUND")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!("CONTRACT_NOT_FOUND")));
    let (status, body) = world.send(preferring("code=503")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("UNAVAILABLE")));
    let (status, body) = world.send(preferring("code=418")).await;
    assert_eq!((status.as_u16(), &body["error"]["details"]["issues"][0]["pointer"]), (400, &json!("/prefer")));
    assert_eq!(listed(&world, "acme").await, 0, "nothing that is preferred is remembered");
}

#[tokio::test]
async fn the_same_idempotency_key_gets_the_same_answer() {
    let world = World::start();
    let shipper = token("acme", "sam", &["shipper"]);
    let keyed = |body: Value| {
        let mut request = call(Method::POST, "/booking/v1/bookings", &shipper, Some(body));
        request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        request
    };

    let first = world.response(keyed(json!({ "freight": freight() }))).await;
    let again = world.response(keyed(json!({ "freight": freight() }))).await;
    assert_eq!(first.body(), again.body());
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    let mut other = freight();
    other["tonnes"] = json!(1);
    let (status, body) = world.send(keyed(json!({ "freight": other }))).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (422, &json!("IDEMPOTENCY_KEY_REUSED")));
    assert_eq!(listed(&world, "acme").await, 1);
}

#[tokio::test]
async fn who_calls_too_often_waits() {
    let world = World::start();
    let attempt = || call(Method::POST, "/auth/v1/refresh", "", Some(json!({ "refreshToken": "none" })));
    let mut last = world.response(attempt()).await;
    for _ in 0..100 {
        last = world.response(attempt()).await;
        if last.status() == 429 {
            break;
        }
    }

    assert_eq!(last.status(), 429);
    assert!(last.headers().contains_key(header::RETRY_AFTER));
    world.constellation.advance_clock(3_600_000);
    assert_eq!(world.response(attempt()).await.status(), 401);
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_locks_nobody_out() {
    let world = World::start();
    let attempt = || call(Method::POST, "/auth/v1/refresh", "", Some(json!({ "refreshToken": "none" })));
    world.post("/_mock/clock", "", json!({ "at": "2090-01-15T08:00:00Z" })).await;
    world.response(attempt()).await;
    world.post("/_mock/clock", "", json!({ "run": true })).await;

    for _ in 0..100 {
        let answer = world.response(attempt()).await;
        if answer.status() == 429 {
            let after = answer.headers()[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap();
            assert!(after <= 3_600, "{after} s");
            return;
        }
    }
    panic!("nobody was told to wait");
}

#[tokio::test]
async fn tokens_that_tests_know_by_heart_are_good_here() {
    let world = World::start();

    for known in ["mock_auth_jwt_token_for_testing", "mock_temp_token_12345"] {
        assert_eq!(world.get("/booking/v1/bookings", known).await.0, 200, "{known}");
    }
    assert_eq!(world.get("/booking/v1/bookings", "mock_token_of_nobody").await.0, 401);
}

#[tokio::test]
async fn what_is_emitted_stands_on_the_queues_that_take_it() {
    let world = World::start();
    let booking = booked(&world, "acme").await;

    let (_, queues) = world.get("/_mock/queues", "").await;
    let events = queues["data"].as_array().unwrap().iter().find(|queue| queue["queue"] == "booking-events").unwrap();
    assert_eq!(events["messages"], 1);
    let (_, on_it) = world.get("/_mock/queues/booking-events", "").await;
    assert_eq!(on_it["data"][0]["event"]["data"]["bookingId"], booking["bookingId"]);
    assert_eq!(world.get("/_mock/queues/booking-events?from=1", "").await.1, json!({ "data": [] }));
    assert_eq!(world.get("/_mock/queues/nobodys", "").await.0, 404);
}

#[test]
fn behaviour_that_is_wrong_is_told_at_once_and_nothing_starts() {
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("behaviour")).unwrap();
    let wrong = "service: booking\noperations:\n  flyBooking: []\n  getBooking:\n    - refuse: TEAPOT\n    - answer: nobody.knows\n\
                 \x20   - jump: 3\n    - put: nowhere\n      record: { id: '1 +' }\n  listBookings:\n    - call: nothing\n";
    std::fs::write(data.path().join("behaviour/booking.yaml"), wrong).unwrap();
    std::fs::write(data.path().join("behaviour/auth.yaml"), "service: [").unwrap();

    let started = mock::Constellation::start(&root().join("contracts/published/mock"), data.path(), outside());
    let told: Vec<String> = started.err().unwrap().iter().map(ToString::to_string).collect();

    for part in ["`nobody`", "is no step", "`1 +` is no expression", "calls `nothing`", "auth.yaml"] {
        assert!(told.iter().any(|problem| problem.contains(part)), "{part} in {told:#?}");
    }
}

#[test]
fn a_reset_takes_less_than_a_millisecond_whatever_is_remembered() {
    let world = World::start();
    // Nothing is timed but that it does not grow: ten thousand snapshots and resets end at once.
    let begun = Instant::now();
    for _ in 0..10_000 {
        world.constellation.snapshot("one");
        world.constellation.reset();
    }
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
