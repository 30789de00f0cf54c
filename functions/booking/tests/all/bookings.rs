//! POST, GET /booking/v1/bookings

use serde_json::json;

use crate::{book, freight, quote, shipper, world};

#[tokio::test]
async fn a_quote_is_good_for_one_booking_at_its_price() {
    let world = world().await;
    let shipper = shipper(&world);
    let quoted = quote(&world, &shipper).await;
    let ask = || world.ask("POST", "/booking/v1/bookings").by(&shipper).json(&json!({ "quoteToken": quoted })).send();

    let booked = ask().await;
    assert_eq!((booked.status, &booked.body["data"]["price"]["totalAmount"]), (201, &json!(2_360_000)));
    assert_eq!(booked.body["data"]["status"], "created");

    let again = ask().await;
    assert_eq!((again.status, again.code()), (409, "QUOTE_USED"));
    assert_eq!(again.body["error"]["details"]["bookingId"], booked.body["data"]["bookingId"]);
}

#[tokio::test]
async fn of_two_bookings_from_one_quote_exactly_one_wins() {
    let world = world().await;
    let shipper = shipper(&world);
    let quoted = quote(&world, &shipper).await;
    let ask = || world.ask("POST", "/booking/v1/bookings").by(&shipper).json(&json!({ "quoteToken": quoted })).send();

    let (one, other) = tokio::join!(ask(), ask());

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let list = world.ask("GET", "/booking/v1/bookings").by(&shipper).send().await;
    assert_eq!(list.body["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_quote_that_has_expired_is_not_booked() {
    let world = world().await;
    let quoted = quote(&world, &shipper(&world)).await;
    world.advance(3_600);

    let body = json!({ "quoteToken": quoted });
    let answer = world.ask("POST", "/booking/v1/bookings").by(&shipper(&world)).json(&body).send().await;

    assert_eq!((answer.status, answer.code()), (422, "QUOTE_EXPIRED"));
    assert_eq!(answer.body["error"]["details"]["rule"], "QUOTE_EXPIRED");
}

#[tokio::test]
async fn a_booking_needs_either_a_quote_or_a_freight() {
    let world = world().await;
    let ask = |body: serde_json::Value| {
        let ask = world.ask("POST", "/booking/v1/bookings").by(&shipper(&world)).json(&body);
        ask.send()
    };

    for body in [
        json!({}),
        json!({ "quoteToken": null }),
        json!({ "quoteToken": "QT-0000000000000000", "freight": freight(&world) }),
        json!({ "quoteToken": "no token" }),
    ] {
        assert_eq!(ask(body.clone()).await.code(), "VALIDATION_ERROR", "{body}");
    }
}

#[tokio::test]
async fn the_same_key_books_once_even_at_the_same_time() {
    let world = world().await;
    let shipper = shipper(&world);
    let body = json!({ "freight": freight(&world) });
    let ask =
        || world.ask("POST", "/booking/v1/bookings").by(&shipper).header("idempotency-key", "k-1").json(&body).send();

    let (one, other) = tokio::join!(ask(), ask());
    let third = ask().await;

    assert_eq!((one.status, other.status, third.status), (201, 201, 201));
    assert_eq!(one.bytes, other.bytes);
    assert_eq!(one.bytes, third.bytes);
    assert_eq!(third.header("idempotent-replayed"), "true");
    let list = world.ask("GET", "/booking/v1/bookings").by(&shipper).send().await;
    assert_eq!(list.body["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_list_is_read_page_by_page_newest_first() {
    let world = world().await;
    let shipper = shipper(&world);
    let mut booked = Vec::new();
    for _ in 0..5 {
        booked.push(book(&world, &shipper).await);
        world.advance(1);
    }
    booked.reverse();

    let mut read = Vec::new();
    let mut path = "/booking/v1/bookings?pageSize=2".to_owned();
    loop {
        let page = world.ask("GET", &path).by(&shipper).send().await;
        assert_eq!(page.status, 200, "{}", page.body);
        for booking in page.body["data"].as_array().expect("a page") {
            read.push(booking["bookingId"].as_str().expect("an id").to_owned());
        }
        let Some(cursor) = page.body["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/booking/v1/bookings?pageSize=2&cursor={cursor}");
    }

    assert_eq!(read, booked);
}

#[tokio::test]
async fn a_forged_or_foreign_cursor_is_refused() {
    let world = world().await;
    let shipper = shipper(&world);
    for _ in 0..3 {
        book(&world, &shipper).await;
        world.advance(1);
    }
    let page = world.ask("GET", "/booking/v1/bookings?pageSize=1").by(&shipper).send().await;
    let cursor = page.body["pagination"]["nextCursor"].as_str().expect("a cursor").to_owned();
    let with =
        |caller, cursor: &str| world.ask("GET", &format!("/booking/v1/bookings?cursor={cursor}")).by(caller).send();

    assert_eq!(with(&shipper, &cursor).await.status, 200);
    let other = world.caller("other", policy::Role::Shipper);
    let admin = world.caller("acme", policy::Role::TenantAdmin);
    let mut forged = cursor.clone();
    forged.replace_range(4..5, if &cursor[4..5] == "A" { "B" } else { "A" });
    for (caller, cursor) in
        [(&other, cursor.as_str()), (&admin, &cursor), (&shipper, &forged), (&shipper, "AAAA"), (&shipper, "%00")]
    {
        let answer = with(caller, cursor).await;
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
    }
}

#[tokio::test]
async fn a_booking_tells_the_others_through_the_outbox() {
    let world = world().await;
    let shipper = shipper(&world);
    let read = async || world.ask("GET", "/booking/v1/summary").by(&shipper).send().await.body["data"].clone();
    book(&world, &shipper).await;
    book(&world, &shipper).await;

    assert_eq!(read().await["openBookings"], 0);
    world.settle().await;
    assert_eq!(
        read().await,
        json!({
            "openBookings": 2, "openAmount": 4_720_000, "cancelledBookings": 0, "byStatus": { "created": 2 },
            "completedAmount": 0, "cancellationFees": 0,
        })
    );
}
