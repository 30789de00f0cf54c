//! Reads what the calling shipper has booked so far, as counted from events. Emits nothing.

use std::collections::BTreeMap;

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Booking;
use crate::lifecycle::BookingStatus;
use crate::records::{SHIPPERS, SummaryRecord};

/// What a shipper has booked.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipperSummary {
    /// Bookings that are neither delivered nor called off.
    pub open_bookings: i64,
    /// What they cost together, in the smallest unit.
    pub open_amount: i64,
    /// Bookings that were called off.
    pub cancelled_bookings: i64,
    /// How many bookings stand where; what has none is left out.
    pub by_status: BTreeMap<BookingStatus, i64>,
    /// What the delivered ones cost together, in the smallest unit.
    pub completed_amount: i64,
    /// What calling off has cost, in the smallest unit.
    pub cancellation_fees: i64,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads what the calling shipper has booked so far",
    policy: Policy::roles(SHIPPERS),
    touches: &[Touch::reads(crate::NAME)],
    at_edge: true,
    ..Declaration::get("getShipperSummary", "/booking/v1/summary")
};

pub async fn handle(cx: Context<Booking>, _: Input) -> Result<Data<ShipperSummary>, Error> {
    let summary = cx.state.table.get::<SummaryRecord>(&cx.tenant, cx.principal.id()).await?;

    Ok(Data::new(summary.map_or_else(ShipperSummary::default, |summary| {
        let mut summary = summary.value;
        summary.by_status.retain(|_, count| *count > 0);
        ShipperSummary {
            open_bookings: summary.open_bookings,
            open_amount: summary.open_amount,
            cancelled_bookings: summary.cancelled_bookings,
            by_status: summary.by_status,
            completed_amount: summary.completed_amount,
            cancellation_fees: summary.cancellation_fees,
        }
    })))
}
