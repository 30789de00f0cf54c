//! Delivers a booking's freight and gives its vehicle back. For its driver, the owner of its vehicle and administrators.
//! Emits `booking.completed`.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;

use crate::Booking;
use crate::lifecycle::Action;
use crate::records::{
    BOOKING_COMPLETED, BOOKING_NOT_FOUND, BookingEvent, BookingPath, BookingView, CARRIERS, INVALID_BOOKING_STATUS,
    Remark, booking, carries,
};
use crate::trip;

pub const DECLARATION: Declaration = Declaration {
    summary: "Delivers a booking's freight and gives its vehicle back",
    success: 200,
    policy: Policy::roles(CARRIERS).and(&["own-trip"]),
    errors: &[BOOKING_NOT_FOUND, INVALID_BOOKING_STATUS, trip::VEHICLE_CHANGED],
    emits: &[BOOKING_COMPLETED],
    audit: Some("booking.complete"),
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    lifecycle: Action::Complete.lifecycle(Some(INVALID_BOOKING_STATUS)),
    idempotent: true,
    ..Declaration::post("completeTrip", "/booking/v1/bookings/{bookingId}/completion")
};

type Request = Input<BookingPath, Nothing, Remark>;

pub async fn handle(cx: Context<Booking>, input: Request) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, carries).await?;
    let vehicle = trip::given_back(&cx, &read.value.view).await?;

    let booking = read.value.after(Action::Complete, &cx, input.body.reason, INVALID_BOOKING_STATUS)?;

    let answer = Data::new(booking.view.clone());
    let event = BookingEvent::of(Some(&read.value), &booking);
    let change = cx.state.table.transaction(&cx).update(&read, &booking).or(INVALID_BOOKING_STATUS);
    trip::give_back(change, vehicle.as_ref())
        .event(&BOOKING_COMPLETED, &booking.view.booking_id.0, &event)
        .commit(&answer)
        .await?;

    Ok(answer)
}
