//! Keeps the summary of a shipper: takes every event of a booking, each with effect once. What is no longer open also
//! leaves the shipper's credit, and what is not carried the contract's month.

use std::collections::BTreeMap;

use operation::{CloudEvent, ConsumerDeclaration, Context, NoContent, Touch};
use service_errors::Error;

use crate::Booking;
use crate::credit::credit_tally;
use crate::lifecycle::BookingStatus;
use crate::records::{
    BOOKING_ASSIGNED, BOOKING_CANCELLED, BOOKING_COMPLETED, BOOKING_CONFIRMED, BOOKING_CREATED, BOOKING_RESCHEDULED,
    BOOKING_STARTED, BookingEvent, BookingRecord, SummaryRecord,
};

pub const DECLARATION: ConsumerDeclaration = ConsumerDeclaration {
    id: "updateShipperSummary",
    queue: "booking-events",
    events: &[
        BOOKING_ASSIGNED,
        BOOKING_CANCELLED,
        BOOKING_COMPLETED,
        BOOKING_CONFIRMED,
        BOOKING_CREATED,
        BOOKING_RESCHEDULED,
        BOOKING_STARTED,
    ],
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
    count(&mut summary, &event.kind, &booking);
    summary.updated_at = cx.now.clone();

    let mut change = cx.state.table.transaction(&cx).upsert(read.as_ref(), &summary);
    let closed_amount = open_before - summary.open_amount;
    if closed_amount > 0 && booking.on_credit {
        change = change.add(&credit_tally(&cx.tenant, &booking.shipper_id), -closed_amount);
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
        unlimited_amount: 0,
        cancelled_bookings: 0,
        by_status: BTreeMap::new(),
        completed_amount: 0,
        cancellation_fees: 0,
        updated_at: cx.now.clone(),
    }
}

/// Counts one event: one booking less where it stood, one more where it stands. The queue keeps no order, and sums come
/// out the same in any.
fn count(summary: &mut SummaryRecord, kind: &str, booking: &BookingEvent) {
    let (from, to) = match booking.to {
        Some(to) => (booking.from, to),
        // From before there was more than making and cancelling.
        None if kind == BOOKING_CREATED.name => (None, BookingStatus::Created),
        None => (Some(BookingStatus::Created), BookingStatus::Cancelled),
    };
    if summary.by_status.is_empty() {
        summary.by_status.insert(BookingStatus::Created, summary.open_bookings);
        summary.by_status.insert(BookingStatus::Cancelled, summary.cancelled_bookings);
    }
    for (status, one) in from.map(|from| (from, -1)).into_iter().chain([(to, 1)]) {
        *summary.by_status.entry(status).or_default() += one;
        if status.is_open() {
            summary.open_bookings += one;
            summary.open_amount += one * booking.total_amount;
            summary.unlimited_amount += if booking.on_credit { 0 } else { one * booking.total_amount };
        }
    }
    match to {
        BookingStatus::Completed => summary.completed_amount += booking.total_amount,
        BookingStatus::Cancelled => {
            summary.cancelled_bookings += 1;
            summary.cancellation_fees += booking.fee_amount.unwrap_or_default();
        }
        _ => {}
    }
}
