//! Reads what was done with one booking, oldest first. For everybody who may see the booking. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Booking;
use crate::lifecycle::BookingStatus;
use crate::records::{BOOKING_NOT_FOUND, BookingId, BookingPath, HistoryEntry, PARTIES, booking, books, carries};

/// The life of a booking so far.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookingHistory {
    /// The booking.
    pub booking_id: BookingId,
    /// Where it stands now.
    pub status: BookingStatus,
    /// Its steps, oldest first.
    pub entries: Vec<HistoryEntry>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads what was done with one booking, oldest first",
    policy: Policy::roles(PARTIES).and(&["own-booking", "own-trip"]),
    errors: &[BOOKING_NOT_FOUND],
    touches: &[Touch::reads(crate::NAME)],
    at_edge: true,
    ..Declaration::get("getBookingHistory", "/booking/v1/bookings/{bookingId}/history")
};

pub async fn handle(cx: Context<Booking>, input: Input<BookingPath>) -> Result<Data<BookingHistory>, Error> {
    let read = booking(&cx, &input.path.booking_id, |caller, it| books(caller, it) || carries(caller, it)).await?;
    let booking = read.value;

    Ok(Data::new(BookingHistory {
        booking_id: booking.view.booking_id,
        status: booking.view.status,
        entries: booking.history,
    }))
}
