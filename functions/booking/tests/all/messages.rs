//! Messages that come twice, come broken, or come from nobody.

use operation::Delivery;
use serde_json::{Value, json};

use crate::{shipper, world};

fn event(id: &str, data: Value) -> Vec<u8> {
    json!({
        "specversion": "1.0", "id": id, "source": "/booking", "type": "booking.created", "subject": "x",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r",
        "data": data,
    })
    .to_string()
    .into_bytes()
}

fn created() -> Value {
    json!({
        "bookingId": "BK-0000000000000001", "shipperId": "acme-shipper", "totalAmount": 100, "currency": "INR",
        "pickupAt": "2026-11-22T08:00:00Z",
    })
}

#[tokio::test]
async fn a_message_that_comes_twice_is_counted_once() {
    let world = world().await;
    for _ in 0..2 {
        let delivery = world.deliver("updateShipperSummary", &event("e-1", created())).await;
        assert!(matches!(delivery, Delivery::Done), "{delivery:?}");
    }
    world.deliver("updateShipperSummary", &event("e-2", created())).await;

    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(&world)).send().await;
    assert_eq!(summary.body["data"], json!({ "openBookings": 2, "openAmount": 200, "cancelledBookings": 0 }));
}

#[tokio::test]
async fn a_broken_message_is_poison_and_changes_nothing() {
    let world = world().await;
    let mut broken = created();
    broken["totalAmount"] = json!("much");

    let delivery = world.deliver("updateShipperSummary", &event("e-1", broken)).await;

    assert!(matches!(delivery, Delivery::Poison(_)), "{delivery:?}");
}
