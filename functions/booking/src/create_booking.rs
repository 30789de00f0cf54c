//! Books a truck, from a quote or from scratch. For shippers and administrators. Emits `booking.created`.

use cloud::Stored;
use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::contracts::{
    CONTRACT_NOT_FOUND, CONTRACT_NOT_IN_FORCE, CONTRACT_USED_SINCE, ContractUse, ROUTE_NOT_COVERED, agreement,
};
use crate::credit::{Charge, INSUFFICIENT_CREDIT};
use crate::domain::{
    BOOKING_WINDOW_CLOSED, DISTANCE_TOO_SHORT, Freight, PRICE_TOO_HIGH, Price, Pricing, Rules, TOO_FAR, TOO_HEAVY,
};
use crate::lifecycle::BookingStatus;
use crate::records::{
    BOOKING_CREATED, BookingEvent, BookingId, BookingRecord, BookingView, QuoteId, QuoteRecord, SHIPPERS, new_id,
};

/// What is booked: what a quote priced, or a freight that is priced now. Exactly one of the two.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["quoteId"], "properties": { "quoteId": { "type": "string" } } },
    { "required": ["freight"], "properties": { "freight": { "type": "object" } } },
]))]
pub struct NewBooking {
    /// A quote of the same caller that has not expired and was not used.
    #[garde(dive, custom(exactly_one(&self.freight)))]
    pub quote_id: Option<QuoteId>,
    /// A transport to be priced now.
    #[garde(dive)]
    pub freight: Option<Freight>,
}

/// There is no such quote of this caller.
pub const QUOTE_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "QUOTE_NOT_FOUND", "There is no such quote.");
/// The price no longer holds.
pub const QUOTE_EXPIRED: Refusal = Refusal::rule("QUOTE_EXPIRED", "The quote has expired: ask for a new one.");
/// A quote is good for one booking.
pub const QUOTE_USED: Refusal = Refusal::new(Kind::Conflict, "QUOTE_USED", "The quote was used for a booking already.");
/// Two bookings drew the same id.
const BOOKING_EXISTS: Refusal = Refusal::of(Kind::Conflict, "This booking was made already.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Books a truck, from a quote or from scratch",
    policy: Policy::roles(SHIPPERS),
    errors: &[
        BOOKING_WINDOW_CLOSED,
        CONTRACT_NOT_FOUND,
        CONTRACT_NOT_IN_FORCE,
        CONTRACT_USED_SINCE,
        DISTANCE_TOO_SHORT,
        INSUFFICIENT_CREDIT,
        PRICE_TOO_HIGH,
        QUOTE_EXPIRED,
        QUOTE_NOT_FOUND,
        QUOTE_USED,
        ROUTE_NOT_COVERED,
        TOO_FAR,
        TOO_HEAVY,
        BOOKING_EXISTS,
    ],
    emits: &[BOOKING_CREATED],
    audit: Some("booking.create"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("business/credit"),
        Touch::configured_by("business/pricing"),
        Touch::configured_by("business/rules"),
    ],
    idempotent: true,
    ..Declaration::post("createBooking", "/booking/v1/bookings")
};

pub async fn handle(
    cx: Context<Booking>,
    input: Input<Nothing, Nothing, NewBooking>,
) -> Result<Data<BookingView>, Error> {
    let rules = cx.state.config.get::<Rules>(&cx.tenant).await?;
    let quote = match &input.body.quote_id {
        Some(id) => Some(own_quote(&cx, id).await?),
        None => None,
    };

    let (freight, price, contract_use) = match (&quote, input.body.freight) {
        (Some(quote), _) => usable(&quote.value, &cx)?,
        (None, Some(freight)) => {
            let (pricing, version) = cx.state.config.versioned::<Pricing>(&cx.tenant).await?;
            let agreed = agreement(&cx, &freight).await?;
            let price = freight.price(&pricing, &version, agreed.as_ref())?;
            (freight, price, agreed.and_then(|agreed| agreed.usage))
        }
        (None, None) => return Err(Error::new(Kind::Validation)),
    };
    freight.check(&rules, &cx.now)?;
    let charge = Charge::of(&cx, price.total_amount).await?;
    let view = BookingView {
        booking_id: BookingId(new_id("BK")),
        shipper_id: cx.principal.id().to_owned(),
        status: BookingStatus::Created,
        freight,
        price,
        quote_id: input.body.quote_id,
        created_at: cx.now.clone(),
        credit: charge.standing,
        assignment: None,
        cancellation: None,
    };
    let booking = BookingRecord::new(view, contract_use, charge.on_credit(), &cx);

    let answer = Data::new(booking.view.clone());
    let mut change = charge.write(cx.state.table.transaction(&cx).create(&booking, BOOKING_EXISTS));
    if let Some(usage) = &booking.contract_use {
        change = usage.count(&cx.tenant, change);
    }
    if let Some(read) = &quote {
        let used = QuoteRecord { booking_id: Some(booking.view.booking_id.clone()), ..read.value.clone() };
        change = change.update(read, &used);
    }
    change
        .event(&BOOKING_CREATED, &booking.view.booking_id.0, &BookingEvent::of(None, &booking))
        .commit(&answer)
        .await?;

    Ok(answer)
}

/// The caller's own quote; another's is not found.
async fn own_quote(cx: &Context<Booking>, id: &QuoteId) -> Result<Stored<QuoteRecord>, Error> {
    let quote = cx.state.table.get::<QuoteRecord>(&cx.tenant, &id.0).await?;
    Ok(quote.filter(|quote| quote.value.shipper_id == cx.principal.id()).ok_or(QUOTE_NOT_FOUND)?)
}

/// What a quote priced, if it still holds and was not used.
fn usable(quote: &QuoteRecord, cx: &Context<Booking>) -> Result<(Freight, Price, Option<ContractUse>), Error> {
    if let Some(booking) = &quote.booking_id {
        return Err(QUOTE_USED.with(serde_json::json!({ "bookingId": booking })));
    }
    if quote.expires_at <= cx.now {
        return Err(QUOTE_EXPIRED.with(serde_json::json!({ "expiredAt": quote.expires_at })));
    }
    Ok((quote.freight.clone(), quote.price.clone(), quote.contract_use.clone()))
}

fn exactly_one(freight: &Option<Freight>) -> impl FnOnce(&Option<QuoteId>, &()) -> garde::Result + '_ {
    move |quote_id, ()| match quote_id.is_some() == freight.is_some() {
        true => Err(garde::Error::new("give either quoteId or freight")),
        false => Ok(()),
    }
}
