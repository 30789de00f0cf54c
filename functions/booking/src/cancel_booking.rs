//! Calls a booking off, for a fee by the configured rules. For its shipper and for administrators. Emits
//! `booking.cancelled`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::domain::{CANCELLATION_TOO_LATE, Cancellation, cancellation_fee};
use crate::records::{
    BOOKING_CANCELLED, BOOKING_NOT_FOUND, BookingEvent, BookingPath, BookingRecord, BookingStatus, BookingView,
    CancellationView, SHIPPERS, may_see,
};

/// Why a booking is called off.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCancellation {
    /// In words, for the record.
    #[garde(length(chars, min = 10, max = 500))]
    pub reason: String,
}

/// It was called off before, or changed while this was asked.
pub const BOOKING_NOT_OPEN: Refusal =
    Refusal::new(Kind::Conflict, "BOOKING_NOT_OPEN", "The booking is no longer open: it cannot be cancelled.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Calls a booking off, for a fee by the configured rules",
    success: 200,
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    errors: &[BOOKING_NOT_FOUND, BOOKING_NOT_OPEN, CANCELLATION_TOO_LATE],
    emits: &[BOOKING_CANCELLED],
    audit: Some("booking.cancel"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("business/cancellation")],
    idempotent: true,
    ..Declaration::post("cancelBooking", "/booking/v1/bookings/{bookingId}/cancellation")
};

type Request = Input<BookingPath, Nothing, NewCancellation>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = cx.state.table.get::<BookingRecord>(&cx.tenant, &input.path.booking_id.0).await?;
    let read = read.filter(|booking| may_see(&cx.principal, &booking.value.view)).ok_or(BOOKING_NOT_FOUND)?;
    let rules = cx.state.config.get::<Cancellation>(&cx.tenant).await?;

    let mut booking = read.value.clone();
    if booking.view.status != BookingStatus::Created {
        return Err(BOOKING_NOT_OPEN.into());
    }
    let pickup_at = &booking.view.freight.pickup_at;
    let fee_amount = cancellation_fee(&rules, pickup_at, booking.view.price.total_amount, &cx.now)?;
    booking.view.status = BookingStatus::Cancelled;
    booking.view.cancellation = Some(CancellationView { at: cx.now.clone(), reason: input.body.reason, fee_amount });

    let answer = Data::new(booking.view.clone());
    cx.state
        .table
        .transaction(&cx)
        .update(&read, &booking)
        .or(BOOKING_NOT_OPEN)
        .event(&BOOKING_CANCELLED, &booking.view.booking_id.0, &BookingEvent::from(&booking.view))
        .commit(&answer)
        .await?;

    Ok(answer)
}
