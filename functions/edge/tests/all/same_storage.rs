//! What one host writes is what every host reads.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::conversation::ask;
use crate::world::{World, freight, get, post};

const BOOKINGS: &str = "/booking/v1/bookings";

#[tokio::test(flavor = "multi_thread")]
async fn what_one_host_wrote_every_host_reads_and_its_event_reaches_its_consumer() {
    let world = World::start().await;
    let shipper = world.shipper("north").await;
    let create = || post(BOOKINGS, &shipper, &json!({ "freight": freight() }));

    for made in everywhere(&world, create).await {
        assert_eq!(made.status(), 201, "{made:?}");
    }
    let lists = everywhere(&world, || get(BOOKINGS, &shipper)).await;
    let list = json(&lists[0]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(3));
    assert!(lists.iter().all(|other| other.body() == lists[0].body()));

    assert_eq!(world.settle().await, 3, "one event for each booking");
    for summary in everywhere(&world, || get("/booking/v1/summary", &shipper)).await {
        assert_eq!(json(&summary)["data"]["openBookings"], 3, "{summary:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_one_host_gives_out_is_good_on_every_host() {
    let world = World::start().await;
    let shipper = world.shipper("north").await;
    let create = || post(BOOKINGS, &shipper, &json!({ "freight": freight() }));
    everywhere(&world, create).await;

    for first in everywhere(&world, || get(&format!("{BOOKINGS}?pageSize=1"), &shipper)).await {
        let cursor = json(&first)["pagination"]["nextCursor"].as_str().expect("a cursor").to_owned();
        let next = everywhere(&world, || get(&format!("{BOOKINGS}?pageSize=5&cursor={cursor}"), &shipper)).await;
        assert_eq!(json(&next[0])["data"].as_array().map(Vec::len), Some(2));
        assert!(next.iter().all(|other| other.body() == next[0].body()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sent_to_all_hosts_at_once_books_once() {
    let world = World::start().await;
    let shipper = world.shipper("north").await;
    let body = json!({ "freight": freight() });
    let create = || {
        let mut request = post(BOOKINGS, &shipper, &body);
        request.headers_mut().insert("idempotency-key", "once".parse().expect("a word"));
        request
    };

    let answers = everywhere(&world, create).await;

    assert!(answers.iter().all(|answer| answer.status() == 201), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.body() == answers[0].body()), "{answers:?}");
    let replayed = answers.iter().filter(|answer| answer.headers().contains_key("idempotent-replayed")).count();
    assert_eq!(replayed, 2);
    let [list, ..] = everywhere(&world, || get(BOOKINGS, &shipper)).await;
    assert_eq!(json(&list)["data"].as_array().map(Vec::len), Some(1));
}

/// Asks all three hosts at the same time.
async fn everywhere(world: &World, request: impl Fn() -> Request<Bytes>) -> [Response<Bytes>; 3] {
    let (native, lambda, worker) =
        tokio::join!(ask(&world.native, request()), ask(&world.lambda, request()), ask(&world.worker, request()),);
    [native, lambda, worker]
}

fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).expect("JSON")
}
