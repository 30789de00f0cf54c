//! Prices a transport and holds the price for a while. For shippers and administrators. Emits nothing and keeps nothing:
//! the quote is signed and given to the caller, who brings it when booking.

use operation::{Context, Data, Declaration, Input, Touch};
use policy::{Policy, RateLimit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::Nothing;
use validation::types::Timestamp;

use crate::Booking;
use crate::contracts::{CONTRACT_NOT_FOUND, CONTRACT_NOT_IN_FORCE, ContractUse, ROUTE_NOT_COVERED, agreement};
use crate::domain::{
    BOOKING_WINDOW_CLOSED, DISTANCE_TOO_SHORT, Freight, PRICE_TOO_HIGH, Price, Pricing, Rules, TOO_FAR, TOO_HEAVY,
};
use crate::records::{QuoteId, QuoteToken, SHIPPERS, new_id};

/// A price that holds until it expires.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// What the booking will name it by.
    pub quote_id: QuoteId,
    /// The quote, signed: give it when booking.
    pub quote_token: QuoteToken,
    /// What was asked for.
    pub freight: Freight,
    /// How far it is, in kilometres.
    pub distance_km: f64,
    /// What it costs.
    pub price: Price,
    /// Until when the price holds.
    pub expires_at: Timestamp,
}

/// What a quote promises its caller, as it travels in the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    pub quote_id: QuoteId,
    pub freight: Freight,
    pub price: Price,
    pub expires_at: Timestamp,
    /// What the price is based on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_use: Option<ContractUse>,
}

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
    ],
    touches: &[
        Touch::reads(crate::NAME),
        Touch::configured_by("business/pricing"),
        Touch::configured_by("business/rules"),
    ],
    at_edge: true,
    ..Declaration::post("quotePrice", "/booking/v1/quotes")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, Nothing, Freight>) -> Result<Data<Quote>, Error> {
    let (pricing, version) = cx.state.config.versioned::<Pricing>(&cx.tenant).await?;
    let rules = cx.state.config.get::<Rules>(&cx.tenant).await?;

    let freight = input.body;
    freight.check(&rules, &cx.now)?;
    let agreed = agreement(&cx, &freight).await?;
    let offer = Offer {
        quote_id: QuoteId(new_id("QT")),
        price: freight.price(&pricing, &version, agreed.as_ref())?,
        expires_at: Timestamp::from_unix_millis(cx.now.unix_millis() + pricing.quote_validity_seconds * 1000),
        contract_use: agreed.and_then(|agreed| agreed.usage),
        freight,
    };

    Ok(Data::new(Quote {
        quote_token: offer.token(&cx).await?,
        distance_km: offer.freight.metres() as f64 / 1000.0,
        quote_id: offer.quote_id,
        freight: offer.freight,
        price: offer.price,
        expires_at: offer.expires_at,
    }))
}

impl Offer {
    /// The offer for its caller to keep.
    async fn token(&self, cx: &Context<Booking>) -> Result<QuoteToken, Error> {
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        Ok(QuoteToken(cx.state.secrets.sign(&place(cx), &text).await?))
    }

    /// The offer that was made to this very caller; nobody else's opens.
    pub async fn of(cx: &Context<Booking>, token: &QuoteToken) -> Result<Option<Self>, Error> {
        let text = cx.state.secrets.signed(&place(cx), &token.0).await?;
        text.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
    }
}

/// What a quote is signed for.
fn place(cx: &Context<Booking>) -> String {
    format!("booking.quote\n{}\n{}", cx.tenant, cx.principal.id())
}
