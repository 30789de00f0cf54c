//! Books a truck, from a quote or from scratch. For shippers and administrators. Emits `booking.created`.

use garde::Validate;
use operation::{Context, Data, Declaration, Input, Touch};
use policy::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;

use crate::Booking;
use crate::contracts::{CONTRACT_NOT_FOUND, CONTRACT_NOT_IN_FORCE, CONTRACT_USED_SINCE, ROUTE_NOT_COVERED, agreement};
use crate::credit::{Charge, INSUFFICIENT_CREDIT};
use crate::domain::{
    BOOKING_WINDOW_CLOSED, DISTANCE_TOO_SHORT, Freight, PRICE_TOO_HIGH, Pricing, Rules, TOO_FAR, TOO_HEAVY,
};
use crate::lifecycle::{Action, BookingStatus};
use crate::quote_price::Offer;
use crate::records::{
    BOOKING_CREATED, BookingEvent, BookingId, BookingRecord, BookingView, QuoteToken, SHIPPERS, UsedQuote, new_id,
};

/// What is booked: what a quote priced, or a freight that is priced now. Exactly one of the two.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["quoteToken"], "properties": { "quoteToken": { "type": "string" } } },
    { "required": ["freight"], "properties": { "freight": { "type": "object" } } },
]))]
pub struct NewBooking {
    /// A quote of the same caller that has not expired and was not used.
    #[garde(dive, custom(exactly_one(&self.freight)))]
    pub quote_token: Option<QuoteToken>,
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
    lifecycle: Action::Create.lifecycle(None),
    idempotent: true,
    at_edge: true,
    ..Declaration::post("createBooking", "/booking/v1/bookings")
};

pub async fn handle(
    cx: Context<Booking>,
    input: Input<Nothing, Nothing, NewBooking>,
) -> Result<Data<BookingView>, Error> {
    let rules = cx.state.config.get::<Rules>(&cx.tenant).await?;
    let offer = match &input.body.quote_token {
        Some(token) => Some(usable(&cx, token).await?),
        None => None,
    };

    let quote = offer.as_ref().map(|offer| (offer.quote_id.clone(), offer.expires_at.clone()));
    let (freight, price, contract_use) = match (offer, input.body.freight) {
        (Some(offer), _) => (offer.freight, offer.price, offer.contract_use),
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
        quote_id: quote.as_ref().map(|(id, _)| id.clone()),
        created_at: cx.now.clone(),
        credit: charge.standing,
        assignment: None,
        cancellation: None,
        rating: None,
    };
    let booking = BookingRecord::new(view, contract_use, charge.on_credit(), &cx);

    let answer = Data::new(booking.view.clone());
    let mut change = charge.write(cx.state.table.transaction(&cx).create(&booking, BOOKING_EXISTS));
    if let Some(usage) = &booking.contract_use {
        change = usage.count(&cx.tenant, change);
    }
    if let Some((quote_id, expires_at)) = quote {
        let booking_id = booking.view.booking_id.clone();
        let used = UsedQuote { tenant: cx.tenant.clone(), quote_id, booking_id, used_at: cx.now.clone(), expires_at };
        change = change.create(&used, QUOTE_USED);
    }
    change
        .event(&BOOKING_CREATED, &booking.view.booking_id.0, &BookingEvent::of(None, &booking))
        .commit(&answer)
        .await?;

    Ok(answer)
}

/// What was offered to this caller, if it still holds and was not used.
async fn usable(cx: &Context<Booking>, token: &QuoteToken) -> Result<Offer, Error> {
    let offer = Offer::of(cx, token).await?.ok_or(QUOTE_NOT_FOUND)?;
    if let Some(used) = cx.state.table.get::<UsedQuote>(&cx.tenant, &offer.quote_id.0).await? {
        return Err(QUOTE_USED.with(serde_json::json!({ "bookingId": used.value.booking_id })));
    }
    if offer.expires_at <= cx.now {
        return Err(QUOTE_EXPIRED.with(serde_json::json!({ "expiredAt": offer.expires_at })));
    }
    Ok(offer)
}

fn exactly_one(freight: &Option<Freight>) -> impl FnOnce(&Option<QuoteToken>, &()) -> garde::Result + '_ {
    move |quote_token, ()| match quote_token.is_some() == freight.is_some() {
        true => Err(garde::Error::new("give either quoteToken or freight")),
        false => Ok(()),
    }
}
