//! Reads one booking. For its shipper, those who carry it and administrators; to everybody else it does not exist. Emits
//! nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use service_errors::Error;

use crate::Booking;
use crate::records::{BOOKING_NOT_FOUND, BookingPath, BookingView, PARTIES, booking, books, carries};

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads one booking",
    policy: Policy::roles(PARTIES).and(&["own-booking", "own-trip"]),
    errors: &[BOOKING_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    at_edge: true,
    ..Declaration::get("getBooking", "/booking/v1/bookings/{bookingId}")
};

pub async fn handle(cx: Context<Booking>, input: Input<BookingPath>) -> Result<Data<BookingView>, Error> {
    let read = booking(&cx, &input.path.booking_id, |caller, it| books(caller, it) || carries(caller, it)).await?;

    Ok(Data::new(read.value.view))
}
