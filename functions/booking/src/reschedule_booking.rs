//! Moves the pickup of a booking, by the configured rules, and gives its vehicle back. For its shipper and for
//! administrators. Emits `booking.rescheduled`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::Timestamp;

use crate::Booking;
use crate::domain::{BOOKING_WINDOW_CLOSED, RESCHEDULED_TOO_OFTEN, RESCHEDULING_TOO_LATE, Rescheduling, Rules};
use crate::lifecycle::Action;
use crate::records::{
    BOOKING_NOT_FOUND, BOOKING_RESCHEDULED, BookingEvent, BookingPath, BookingView, INVALID_BOOKING_STATUS, SHIPPERS,
    booking, books,
};
use crate::trip;

/// When a freight is loaded instead.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPickup {
    /// The new time; the price stays.
    #[garde(skip)]
    pub pickup_at: Timestamp,
    /// Why, in words, for the history.
    #[garde(length(chars, min = 10, max = 500))]
    pub reason: String,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Moves the pickup of a booking; a vehicle that was assigned is given back",
    success: 200,
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    errors: &[
        BOOKING_NOT_FOUND,
        BOOKING_WINDOW_CLOSED,
        INVALID_BOOKING_STATUS,
        RESCHEDULED_TOO_OFTEN,
        RESCHEDULING_TOO_LATE,
        trip::VEHICLE_CHANGED,
    ],
    emits: &[BOOKING_RESCHEDULED],
    audit: Some("booking.reschedule"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("business/rescheduling"),
        Touch::configured_by("business/rules"),
    ],
    lifecycle: Action::Reschedule.lifecycle(Some(INVALID_BOOKING_STATUS)),
    idempotent: true,
    at_edge: true,
    ..Declaration::post("rescheduleBooking", "/booking/v1/bookings/{bookingId}/rescheduling")
};

type Request = Input<BookingPath, Nothing, NewPickup>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, books).await?;
    let vehicle = trip::given_back(&cx, &read.value.view).await?;
    let limits = cx.state.config.get::<Rescheduling>(&cx.tenant).await?;
    let rules = cx.state.config.get::<Rules>(&cx.tenant).await?;

    let NewPickup { pickup_at, reason } = input.body;
    let mut booking = read.value.after(Action::Reschedule, &cx, Some(reason), INVALID_BOOKING_STATUS)?;
    let moved = read.value.history.iter().filter(|entry| entry.action == Action::Reschedule).count();
    limits.check_times(moved)?;
    if !cx.principal.administers() {
        limits.check_time(&booking.view.freight.pickup_at, &cx.now)?;
    }
    rules.check_pickup(&pickup_at, &cx.now)?;
    booking.view.freight.pickup_at = pickup_at;
    booking.view.assignment = None;

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    let change = cx.state.table.transaction(&cx).update(&read, &booking).or(INVALID_BOOKING_STATUS);
    trip::give_back(change, vehicle.as_ref())
        .event(&BOOKING_RESCHEDULED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
