//! Calls a booking off, for a fee by the configured rules, and gives its vehicle back. For its shipper and for
//! administrators. Emits `booking.cancelled`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::domain::{CANCELLATION_TOO_LATE, Cancellation};
use crate::lifecycle::Action;
use crate::records::{
    BOOKING_CANCELLED, BOOKING_NOT_FOUND, BookingEvent, BookingPath, BookingView, CancellationView, SHIPPERS, booking,
    books,
};
use crate::trip;

/// Why a booking is called off.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCancellation {
    /// In words, for the record.
    #[garde(length(chars, min = 10, max = 500))]
    pub reason: String,
}

/// It was called off before, has set out, or changed while this was asked.
pub const BOOKING_NOT_OPEN: Refusal =
    Refusal::new(Kind::Conflict, "BOOKING_NOT_OPEN", "The booking is no longer open: it cannot be cancelled.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Calls a booking off, for a fee by the configured rules",
    success: 200,
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    errors: &[BOOKING_NOT_FOUND, BOOKING_NOT_OPEN, CANCELLATION_TOO_LATE, trip::VEHICLE_CHANGED],
    emits: &[BOOKING_CANCELLED],
    audit: Some("booking.cancel"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("business/cancellation")],
    lifecycle: Action::Cancel.lifecycle(Some(BOOKING_NOT_OPEN)),
    idempotent: true,
    at_edge: true,
    ..Declaration::post("cancelBooking", "/booking/v1/bookings/{bookingId}/cancellation")
};

type Request = Input<BookingPath, Nothing, NewCancellation>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, books).await?;
    let vehicle = trip::given_back(&cx, &read.value.view).await?;
    let rules = cx.state.config.get::<Cancellation>(&cx.tenant).await?;

    let reason = input.body.reason;
    let mut booking = read.value.after(Action::Cancel, &cx, Some(reason.clone()), BOOKING_NOT_OPEN)?;
    let pickup_at = &booking.view.freight.pickup_at;
    // An administrator settles what nobody carried out; the vehicle would wait for it for ever.
    if !cx.principal.administers() {
        rules.check(pickup_at, &cx.now)?;
    }
    let fee_amount = rules.fee(pickup_at, booking.view.price.total_amount, &cx.now, booking.view.assignment.is_some());
    booking.view.cancellation = Some(CancellationView { at: cx.now.clone(), reason, fee_amount });

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    let change = cx.state.table.transaction(&cx).update(&read, &booking).or(BOOKING_NOT_OPEN);
    trip::give_back(change, vehicle.as_ref())
        .event(&BOOKING_CANCELLED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
