//! Lists bookings, newest first: a shipper's own, or all of the tenant's for administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Booking;
use crate::records::{BookingRecord, BookingView, SHIPPERS};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists bookings, newest first",
    policy: Policy::roles(SHIPPERS).and(&["own-booking"]),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listBookings", "/booking/v1/bookings")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, PageQuery>) -> Result<Page<BookingView>, Error> {
    let listing = if cx.principal.administers() { Listing::All } else { Listing::Owner(cx.principal.id()) };
    let page = cx.state.table.list::<BookingRecord>(&cx.tenant, listing, &input.query).await?;

    Ok(Page { data: page.data.into_iter().map(|booking| booking.view).collect(), pagination: page.pagination })
}
