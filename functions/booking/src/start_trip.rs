//! Sets out with a booking's freight. For its driver, the owner of its vehicle and administrators. Emits
//! `booking.started`.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;

use crate::Booking;
use crate::domain::{TRIP_TOO_EARLY, Trips};
use crate::lifecycle::Action;
use crate::records::{
    BOOKING_NOT_FOUND, BOOKING_STARTED, BookingEvent, BookingPath, BookingView, CARRIERS, INVALID_BOOKING_STATUS,
    Remark, booking, carries,
};

pub const DECLARATION: Declaration = Declaration {
    summary: "Sets out with a booking's freight",
    success: 200,
    policy: Policy::roles(CARRIERS).and(&["own-trip"]),
    errors: &[BOOKING_NOT_FOUND, INVALID_BOOKING_STATUS, TRIP_TOO_EARLY],
    emits: &[BOOKING_STARTED],
    audit: Some("booking.start"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME), Touch::configured_by("business/trips")],
    lifecycle: Action::Start.lifecycle(Some(INVALID_BOOKING_STATUS)),
    idempotent: true,
    ..Declaration::post("startTrip", "/booking/v1/bookings/{bookingId}/start")
};

type Request = Input<BookingPath, Nothing, Remark>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, carries).await?;
    let rules = cx.state.config.get::<Trips>(&cx.tenant).await?;

    let booking = read.value.after(Action::Start, &cx, input.body.reason, INVALID_BOOKING_STATUS)?;
    rules.check(&booking.view.freight.pickup_at, &cx.now)?;

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    cx.state
        .table
        .transaction(&cx)
        .update(&read, &booking)
        .or(INVALID_BOOKING_STATUS)
        .event(&BOOKING_STARTED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
