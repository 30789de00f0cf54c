//! The booking service of the mock.

use serde_json::{Value, json};

use crate::world::{World, token};

/// Coal, tomorrow.
pub fn freight() -> Value {
    json!({
        "pickup": { "lat": 17.05, "lng": 79.27, "address": "Nalgonda" },
        "drop": { "lat": 16.87, "lng": 79.56, "address": "Miryalguda" },
        "material": "coal", "tonnes": 12.5, "pickupAt": "2027-01-16T08:00:00Z",
    })
}

#[tokio::test]
async fn a_quote_becomes_a_booking_that_is_read_listed_and_cancelled() {
    let world = World::start();
    let shipper = token("acme", "sam", &["shipper"]);

    let (status, quote) = world.post("/booking/v1/quotes", &shipper, freight()).await;
    assert_eq!(status, 201, "{quote}");
    let (status, booked) =
        world.post("/booking/v1/bookings", &shipper, json!({ "quoteToken": quote["data"]["quoteToken"] })).await;
    assert_eq!(status, 201, "{booked}");
    assert_eq!(booked["data"]["price"], quote["data"]["price"]);

    let path = format!("/booking/v1/bookings/{}", booked["data"]["bookingId"].as_str().unwrap());
    assert_eq!(world.get(&path, &shipper).await.1, booked);
    assert_eq!(world.get("/booking/v1/bookings", &shipper).await.1["data"], json!([booked["data"]]));
    let (status, cancelled) =
        world.post(&format!("{path}/cancellation"), &shipper, json!({ "reason": "plans have changed" })).await;
    assert_eq!((status.as_u16(), &cancelled["data"]["status"]), (200, &json!("cancelled")), "{cancelled}");
    let (status, again) =
        world.post(&format!("{path}/cancellation"), &shipper, json!({ "reason": "plans have changed" })).await;
    assert_eq!((status.as_u16(), &again["error"]["code"]), (409, &json!("BOOKING_NOT_OPEN")));
    let (_, summary) = world.get("/booking/v1/summary", &shipper).await;
    assert_eq!((&summary["data"]["cancelledBookings"], &summary["data"]["openBookings"]), (&json!(1), &json!(0)));
}
