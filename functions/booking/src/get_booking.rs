//! Reads one booking. For its shipper and for administrators; to everybody else it does not exist. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Booking;
use crate::records::{BOOKING_NOT_FOUND, BookingPath, BookingRecord, BookingView, SHIPPERS, may_see};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one booking",
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    errors: &[BOOKING_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getBooking", "/booking/v1/bookings/{bookingId}")
};

pub async fn handle(cx: Context<Booking>, input: Input<BookingPath>) -> Result<Data<BookingView>, Error> {
    let booking = cx.state.table.get::<BookingRecord>(&cx.tenant, &input.path.booking_id.0).await?;

    let booking = booking.filter(|booking| may_see(&cx.principal, &booking.value.view)).ok_or(BOOKING_NOT_FOUND)?;

    Ok(Data::new(booking.value.view))
}
