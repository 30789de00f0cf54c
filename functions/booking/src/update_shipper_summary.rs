//! Keeps the summary of a shipper: takes `booking.created` and `booking.cancelled`, each with effect once. What is no
//! longer open also leaves the shipper's credit, and what is not carried the contract's month.

use operation::{CloudEvent, ConsumerDeclaration, Context, NoContent, Touch};
use service_errors::Error;

use crate::Booking;
use crate::credit::open_amount;
use crate::records::{BOOKING_CANCELLED, BOOKING_CREATED, BookingEvent, BookingRecord, SummaryRecord};

pub const DECLARATION: ConsumerDeclaration = ConsumerDeclaration {
    id: "updateShipperSummary",
    queue: "booking-events",
    events: &[BOOKING_CREATED, BOOKING_CANCELLED],
    summary: "Counts what a shipper has booked",
    audit: None,
    touches: &[Touch::reads(crate::NAME), Touch::writes(crate::NAME)],
    max_receive_count: 5,
};

pub async fn handle(cx: Context<Booking>, event: CloudEvent<BookingEvent>) -> Result<(), Error> {
    let booking = event.data;
    let read = cx.state.table.get::<SummaryRecord>(&cx.tenant, &booking.shipper_id).await?;

    let mut summary = read.as_ref().map_or_else(|| empty(&cx, &booking), |read| read.value.clone());
    let open_before = summary.open_amount;
    count(&mut summary, &event.kind, booking.total_amount);
    summary.updated_at = cx.now.clone();

    let mut change = cx.state.table.transaction(&cx).upsert(read.as_ref(), &summary);
    let closed_amount = open_before - summary.open_amount;
    if closed_amount > 0 {
        change = change.add(&open_amount(&cx.tenant, &booking.shipper_id), -closed_amount);
    }
    if event.kind == BOOKING_CANCELLED.name {
        let cancelled = cx.state.table.get::<BookingRecord>(&cx.tenant, &booking.booking_id.0).await?;
        if let Some(usage) = cancelled.and_then(|cancelled| cancelled.value.contract_use) {
            change = usage.take_back(&cx.tenant, change);
        }
    }
    change.commit(&NoContent).await
}

fn empty(cx: &Context<Booking>, booking: &BookingEvent) -> SummaryRecord {
    SummaryRecord {
        tenant: cx.tenant.clone(),
        shipper_id: booking.shipper_id.clone(),
        open_bookings: 0,
        open_amount: 0,
        cancelled_bookings: 0,
        updated_at: cx.now.clone(),
    }
}

/// Counts one event. The queue keeps no order: a cancellation may be counted before its creation, so the open ones
/// are the created ones less the cancelled ones whatever comes first.
fn count(summary: &mut SummaryRecord, kind: &str, amount: i64) {
    if kind == BOOKING_CREATED.name {
        summary.open_bookings += 1;
        summary.open_amount += amount;
    } else {
        summary.open_bookings -= 1;
        summary.open_amount -= amount;
        summary.cancelled_bookings += 1;
    }
}
