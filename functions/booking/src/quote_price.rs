//! Prices a transport and holds the price for a while. For shippers and administrators. Emits nothing.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, RateLimit};
use schemars::JsonSchema;
use serde::Serialize;
use service_errors::{Error, Kind, Refusal};
use validation::Nothing;
use validation::types::Timestamp;

use crate::Booking;
use crate::contracts::{CONTRACT_NOT_FOUND, CONTRACT_NOT_IN_FORCE, ROUTE_NOT_COVERED, agreement};
use crate::domain::{
    BOOKING_WINDOW_CLOSED, DISTANCE_TOO_SHORT, Freight, PRICE_TOO_HIGH, Price, Pricing, Rules, TOO_FAR, TOO_HEAVY,
};
use crate::records::{QuoteId, QuoteRecord, SHIPPERS, new_id};

/// A price that holds until it expires.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Give it when booking.
    pub quote_id: QuoteId,
    /// What was asked for.
    pub freight: Freight,
    /// How far it is, in kilometres.
    pub distance_km: f64,
    /// What it costs.
    pub price: Price,
    /// Until when the price holds.
    pub expires_at: Timestamp,
}

/// Two quotes drew the same id.
const QUOTE_EXISTS: Refusal = Refusal::of(Kind::Conflict, "This quote was made already: ask again.");

pub const DECLARATION: Declaration = Declaration {
    summary: "Prices a transport and holds the price",
    policy: Policy::roles(SHIPPERS).limited(RateLimit::Api),
    errors: &[
        BOOKING_WINDOW_CLOSED,
        CONTRACT_NOT_FOUND,
        CONTRACT_NOT_IN_FORCE,
        DISTANCE_TOO_SHORT,
        PRICE_TOO_HIGH,
        ROUTE_NOT_COVERED,
        TOO_FAR,
        TOO_HEAVY,
        QUOTE_EXISTS,
    ],
    audit: Some("quote.create"),
    touches: &[
        Touch::reads(crate::NAME),
        Touch::writes(crate::NAME),
        Touch::configured_by("business/pricing"),
        Touch::configured_by("business/rules"),
    ],
    idempotent: true,
    ..Declaration::post("quotePrice", "/booking/v1/quotes")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, Nothing, Freight>) -> Result<Data<Quote>, Error> {
    let (pricing, version) = cx.state.config.versioned::<Pricing>(&cx.tenant).await?;
    let rules = cx.state.config.get::<Rules>(&cx.tenant).await?;

    let freight = input.body;
    freight.check(&rules, &cx.now)?;
    let agreed = agreement(&cx, &freight).await?;
    let quote = QuoteRecord {
        tenant: cx.tenant.clone(),
        quote_id: QuoteId(new_id("QT")),
        shipper_id: cx.principal.id().to_owned(),
        price: freight.price(&pricing, &version, agreed.as_ref())?,
        created_at: cx.now.clone(),
        expires_at: Timestamp::from_unix_millis(cx.now.unix_millis() + pricing.quote_validity_seconds * 1000),
        booking_id: None,
        contract_use: agreed.and_then(|agreed| agreed.usage),
        freight,
    };

    let answer = Data::new(Quote {
        quote_id: quote.quote_id.clone(),
        distance_km: quote.freight.metres() as f64 / 1000.0,
        freight: quote.freight.clone(),
        price: quote.price.clone(),
        expires_at: quote.expires_at.clone(),
    });
    cx.state.table.transaction(&cx).create(&quote, QUOTE_EXISTS).commit(&answer).await?;

    Ok(answer)
}
