//! Takes a booking on: from now on it is waiting for a vehicle. For administrators. Emits `booking.confirmed`.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;

use crate::Booking;
use crate::lifecycle::Action;
use crate::records::{
    BOOKING_CONFIRMED, BOOKING_NOT_FOUND, BookingEvent, BookingPath, BookingView, INVALID_BOOKING_STATUS, Remark,
    booking, books,
};

pub const DECLARATION: Declaration = Declaration {
    summary: "Takes a booking on",
    success: 200,
    policy: Policy::ADMIN,
    errors: &[BOOKING_NOT_FOUND, INVALID_BOOKING_STATUS],
    emits: &[BOOKING_CONFIRMED],
    audit: Some("booking.confirm"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    lifecycle: Action::Confirm.lifecycle(Some(INVALID_BOOKING_STATUS)),
    idempotent: true,
    ..Declaration::post("confirmBooking", "/booking/v1/bookings/{bookingId}/confirmation")
};

type Request = Input<BookingPath, Nothing, Remark>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, books).await?;

    let booking = read.value.after(Action::Confirm, &cx, input.body.reason, INVALID_BOOKING_STATUS)?;

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    cx.state
        .table
        .transaction(&cx)
        .update(&read, &booking)
        .or(INVALID_BOOKING_STATUS)
        .event(&BOOKING_CONFIRMED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
