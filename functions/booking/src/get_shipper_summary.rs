//! Reads what the calling shipper has booked so far, as counted from events. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;

use crate::Booking;
use crate::records::{SHIPPERS, SummaryRecord};

/// What a shipper has booked.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipperSummary {
    /// Bookings that were made and not called off.
    pub open_bookings: i64,
    /// What they cost together, in the smallest unit.
    pub open_amount: i64,
    /// Bookings that were called off.
    pub cancelled_bookings: i64,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads what the calling shipper has booked so far",
    policy: Policy::roles(SHIPPERS),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("getShipperSummary", "/booking/v1/summary")
};

pub async fn handle(cx: Context<Booking>, _: Input) -> Result<Data<ShipperSummary>, Error> {
    let summary = cx.state.table.get::<SummaryRecord>(&cx.tenant, cx.principal.id()).await?;

    Ok(Data::new(summary.map_or_else(ShipperSummary::default, |summary| ShipperSummary {
        open_bookings: summary.value.open_bookings,
        open_amount: summary.value.open_amount,
        cancelled_bookings: summary.value.cancelled_bookings,
    })))
}
