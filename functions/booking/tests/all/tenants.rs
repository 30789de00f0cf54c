//! Nobody sees another tenant's bookings, nor another shipper's.

use policy::Role;
use serde_json::json;

use crate::{book, quote, shipper, world};

#[tokio::test]
async fn another_tenants_booking_is_not_found_in_the_same_words_as_one_that_never_was() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    for caller in [
        world.caller("other", Role::Shipper),
        world.caller("other", Role::TenantAdmin),
        world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]),
        world.caller_named("other", "acme-shipper", &[Role::Shipper]),
    ] {
        let read = world.ask("GET", &format!("/booking/v1/bookings/{booked}")).by(&caller).send().await;
        let absent = world.ask("GET", "/booking/v1/bookings/BK-0000000000000000").by(&caller).send().await;
        assert_eq!((read.status, &read.bytes), (404, &absent.bytes));

        let path = format!("/booking/v1/bookings/{booked}/cancellation");
        let body = json!({ "reason": "this is not mine" });
        assert_eq!(world.ask("POST", &path).by(&caller).json(&body).send().await.code(), "BOOKING_NOT_FOUND");
        let list = world.ask("GET", "/booking/v1/bookings").by(&caller).send().await;
        assert_eq!(list.body["data"], json!([]));
    }
}

#[tokio::test]
async fn administrators_see_their_tenants_bookings() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let admin = world.caller("acme", Role::TenantAdmin);

    assert_eq!(world.ask("GET", &format!("/booking/v1/bookings/{booked}")).by(&admin).send().await.status, 200);
    let list = world.ask("GET", "/booking/v1/bookings").by(&admin).send().await;
    assert_eq!(list.body["data"][0]["bookingId"], booked);
}

#[tokio::test]
async fn another_shippers_quote_cannot_be_used() {
    let world = world().await;
    let quoted = quote(&world, &shipper(&world)).await;
    let second = world.caller_named("acme", "acme-second-shipper", &[Role::Shipper]);

    let body = json!({ "quoteToken": quoted });
    let answer = world.ask("POST", "/booking/v1/bookings").by(&second).json(&body).send().await;

    assert_eq!((answer.status, answer.code()), (404, "QUOTE_NOT_FOUND"));
}
