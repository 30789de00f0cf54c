//! What the service keeps: quotes, bookings and a summary per shipper; and the event its changes are told by.

use cloud::Entity;
use garde::Validate;
use operation::EventType;
use policy::{Principal, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::Timestamp;

use crate::contracts::ContractUse;
use crate::credit::CreditStanding;
use crate::domain::{Freight, Price};

/// A booking's id. Sixteen hexadecimal digits, because eight would meet twice in a large tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct BookingId(#[garde(pattern("^BK-[0-9A-F]{16}$"))] pub String);

/// A quote's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct QuoteId(#[garde(pattern("^QT-[0-9A-F]{16}$"))] pub String);

/// A new id with this prefix.
pub fn new_id(prefix: &str) -> String {
    let random = operation::random_id().to_uppercase();
    format!("{prefix}-{}", random.get(..16).unwrap_or_default())
}

/// Where one booking is.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookingPath {
    /// The booking.
    #[garde(dive)]
    pub booking_id: BookingId,
}

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Booked and waiting to be confirmed.
    Created,
    /// Called off.
    Cancelled,
}

/// A booking as its callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookingView {
    /// Its id.
    pub booking_id: BookingId,
    /// Who booked.
    pub shipper_id: String,
    /// Where it stands.
    pub status: BookingStatus,
    /// What is carried.
    pub freight: Freight,
    /// What it costs.
    pub price: Price,
    /// The quote it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_id: Option<QuoteId>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// How it left its shipper's credit, when that was near the limit or over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<CreditStanding>,
    /// When and why it was called off, and what that cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationView>,
}

/// How a booking was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancellationView {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// In the smallest unit of the price's currency.
    pub fee_amount: i64,
}

/// A booking of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingRecord {
    pub tenant: String,
    pub view: BookingView,
    /// What it took of its contract.
    pub contract_use: Option<ContractUse>,
}

impl Entity for BookingRecord {
    const KIND: &'static str = "booking";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.view.booking_id.0
    }

    fn order(&self) -> String {
        self.view.created_at.to_string()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.view.shipper_id)
    }
}

/// A price that holds until it expires, for one booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuoteRecord {
    pub tenant: String,
    pub quote_id: QuoteId,
    pub shipper_id: String,
    pub freight: Freight,
    pub price: Price,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub booking_id: Option<BookingId>,
    /// What the price is based on.
    pub contract_use: Option<ContractUse>,
}

impl Entity for QuoteRecord {
    const KIND: &'static str = "quote";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.quote_id.0
    }

    fn order(&self) -> String {
        self.created_at.to_string()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.shipper_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

/// What one shipper has booked, counted from events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryRecord {
    pub tenant: String,
    pub shipper_id: String,
    pub open_bookings: i64,
    pub open_amount: i64,
    pub cancelled_bookings: i64,
    pub updated_at: Timestamp,
}

impl Entity for SummaryRecord {
    const KIND: &'static str = "shipper-summary";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.shipper_id
    }

    fn order(&self) -> String {
        self.shipper_id.clone()
    }
}

/// What a booking's events tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookingEvent {
    /// The booking.
    #[garde(dive)]
    pub booking_id: BookingId,
    /// Who booked.
    #[garde(length(chars, min = 1, max = 100))]
    pub shipper_id: String,
    /// What it costs, in the smallest unit.
    #[garde(range(min = 0, max = 1_000_000_000_000_000_i64))]
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64))]
    pub total_amount: i64,
    /// ISO 4217.
    #[garde(pattern("^[A-Z]{3}$"))]
    pub currency: String,
    /// When it is loaded.
    #[garde(skip)]
    pub pickup_at: Timestamp,
}

impl From<&BookingView> for BookingEvent {
    fn from(booking: &BookingView) -> Self {
        Self {
            booking_id: booking.booking_id.clone(),
            shipper_id: booking.shipper_id.clone(),
            total_amount: booking.price.total_amount,
            currency: booking.price.currency.clone(),
            pickup_at: booking.freight.pickup_at.clone(),
        }
    }
}

/// Emitted when a truck was booked.
pub const BOOKING_CREATED: EventType = EventType::of::<BookingEvent>("booking.created", "A truck was booked.");
/// Emitted when a booking was called off.
pub const BOOKING_CANCELLED: EventType =
    EventType::of::<BookingEvent>("booking.cancelled", "A booking was called off.");

/// No such booking, or not one this caller may see.
pub const BOOKING_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "BOOKING_NOT_FOUND", "There is no such booking.");

/// Who may ask for prices and book.
pub const SHIPPERS: &[Role] = &[Role::Shipper, Role::TenantAdmin];

/// Whether this caller may see and change a booking: its shipper, and the tenant's administrators.
pub fn may_see(principal: &Principal, booking: &BookingView) -> bool {
    principal.owns(&booking.shipper_id)
}
