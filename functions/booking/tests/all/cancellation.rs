//! POST /booking/v1/bookings/{bookingId}/cancellation

use serde_json::{Value, json};
use testing::Answer;

use crate::{book, shipper, world};

async fn cancel(world: &testing::World, booking: &str) -> Answer {
    let body = json!({ "reason": "plans have changed" });
    let path = format!("/booking/v1/bookings/{booking}/cancellation");
    world.ask("POST", &path).by(&shipper(world)).json(&body).send().await
}

#[tokio::test]
async fn cancelling_early_is_free_later_costs_a_fee_and_too_late_is_refused() {
    let world = world().await;
    let [early, later, late] = [
        book(&world, &shipper(&world)).await,
        book(&world, &shipper(&world)).await,
        book(&world, &shipper(&world)).await,
    ];
    let fee = |answer: &Answer| answer.body["data"]["cancellation"]["feeAmount"].clone();

    let answer = cancel(&world, &early).await;
    assert_eq!((answer.status, fee(&answer)), (200, json!(0)));
    assert_eq!(answer.body["data"]["status"], "cancelled");
    world.advance(3_600);
    assert_eq!(fee(&cancel(&world, &later).await), json!(236_000));
    world.advance(21 * 3_600 + 1);
    let answer = cancel(&world, &late).await;
    assert_eq!((answer.status, answer.code()), (422, "CANCELLATION_TOO_LATE"));
}

#[tokio::test]
async fn a_cancelled_booking_cannot_be_cancelled_again() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;

    assert_eq!(cancel(&world, &booked).await.status, 200);
    assert_eq!(cancel(&world, &booked).await.code(), "BOOKING_NOT_OPEN");
}

#[tokio::test]
async fn of_two_cancellations_exactly_one_wins_and_one_event_is_sent() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;

    let (one, other) = tokio::join!(cancel(&world, &booked), cancel(&world, &booked));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    world.settle().await;
    let summary = world.ask("GET", "/booking/v1/summary").by(&shipper(&world)).send().await;
    assert_eq!(
        summary.body["data"],
        json!({
            "openBookings": 0, "openAmount": 0, "cancelledBookings": 1, "byStatus": { "cancelled": 1 },
            "completedAmount": 0, "cancellationFees": 0,
        })
    );
}

#[tokio::test]
async fn a_reason_is_needed_in_words() {
    let world = world().await;
    let booked = book(&world, &shipper(&world)).await;
    let path = format!("/booking/v1/bookings/{booked}/cancellation");

    for reason in [json!("short"), json!("x".repeat(501)), Value::Null] {
        let answer = world.ask("POST", &path).by(&shipper(&world)).json(&json!({ "reason": reason })).send().await;
        assert_eq!(answer.code(), "VALIDATION_ERROR", "{reason}");
    }
}
