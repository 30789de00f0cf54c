//! Reads what the calling shipper's credit still bears. For shippers and administrators, each their own. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::Error;
use validation::types::Timestamp;

use crate::Booking;
use crate::credit::{Credit, CreditRecord, Open};
use crate::records::SHIPPERS;

/// How a shipper's credit stands. Amounts are in the smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditView {
    /// What the open bookings cost together.
    pub open_amount: i64,
    /// What they may cost; absent when there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_amount: Option<i64>,
    /// What may still be booked before the limit is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_amount: Option<i64>,
    /// Since when they cost more than they may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_since: Option<Timestamp>,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Reads what the calling shipper's credit still bears",
    policy: Policy::roles(SHIPPERS),
    touches: &[Touch::reads(crate::NAME), Touch::configured_by("business/credit")],
    ..Declaration::get("getCredit", "/booking/v1/credit")
};

pub async fn handle(cx: Context<Booking>, _: Input) -> Result<Data<CreditView>, Error> {
    let shipper = cx.principal.id();
    let limit_amount = cx.state.config.get::<Credit>(&cx.tenant).await?.limit_of(shipper);
    let open_amount = Open::of(&cx, shipper).await?.amount();
    let mut over_since = None;
    if limit_amount.is_some_and(|limit| open_amount > limit) {
        let over = cx.state.table.get::<CreditRecord>(&cx.tenant, shipper).await?;
        over_since = over.map(|over| over.value.over_since);
    }

    let available_amount = limit_amount.map(|limit| limit.saturating_sub(open_amount).max(0));

    Ok(Data::new(CreditView { open_amount, limit_amount, available_amount, over_since }))
}
