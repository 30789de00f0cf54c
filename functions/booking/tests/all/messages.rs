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
    assert_eq!(
        summary.body["data"],
        json!({
            "openBookings": 2, "openAmount": 200, "cancelledBookings": 0, "byStatus": { "created": 2 },
            "completedAmount": 0, "cancellationFees": 0,
        })
    );
}

#[tokio::test]
async fn a_broken_message_is_poison_and_changes_nothing() {
    let world = world().await;
    let mut broken = created();
    broken["totalAmount"] = json!("much");

    let delivery = world.deliver("updateShipperSummary", &event("e-1", broken)).await;

    assert!(matches!(delivery, Delivery::Poison(_)), "{delivery:?}");
}

#[tokio::test]
async fn events_are_counted_alike_in_whatever_order_they_come() {
    let steps = [
        (Value::Null, "created"),
        (json!("created"), "confirmed"),
        (json!("confirmed"), "confirmed"),
        (json!("confirmed"), "assigned"),
        (json!("assigned"), "in_transit"),
        (json!("in_transit"), "completed"),
    ];
    for backwards in [false, true] {
        let world = world().await;
        let mut events: Vec<Vec<u8>> = steps
            .iter()
            .enumerate()
            .map(|(n, (from, to))| {
                let mut data = created();
                data["from"] = from.clone();
                data["to"] = json!(to);
                event(&format!("e-{n}"), data)
            })
            .collect();
        if backwards {
            events.reverse();
        }
        for event in &events {
            let delivery = world.deliver("updateShipperSummary", event).await;
            assert!(matches!(delivery, Delivery::Done), "{delivery:?}");
        }

        let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(&world)).send().await;
        assert_eq!(
            summary.body["data"],
            json!({
                "openBookings": 0, "openAmount": 0, "cancelledBookings": 0, "byStatus": { "completed": 1 },
                "completedAmount": 100, "cancellationFees": 0,
            })
        );
    }
}
