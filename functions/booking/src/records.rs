//! What the service keeps: bookings, used quotes and a summary per shipper; the event its changes are told by; and who
//! may have to do with a booking.

use std::collections::BTreeMap;

use cloud::{Entity, Stored};
use garde::Validate;
use operation::{Call, Context, EventType};
use policy::{Principal, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::Booking;
use crate::contracts::ContractUse;
use crate::credit::CreditStanding;
use crate::domain::{Freight, Price};
use crate::fleet::VehicleId;
use crate::lifecycle::{Action, BookingStatus};
use crate::ratings::TripRating;

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

/// A quote itself, signed: opaque to its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct QuoteToken(#[garde(length(chars, min = 1, max = 8192), pattern("^[A-Za-z0-9_-]+$"))] pub String);

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

/// Why a step is taken, where that need not be said.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// In words, for the history.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schemars(length(min = 1, max = 500))]
    pub reason: Option<String>,
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
    /// What carries it, from when that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// When and why it was called off, and what that cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationView>,
    /// What its shipper thought of the trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<TripRating>,
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

/// The vehicle and the people who carry a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assignment {
    /// The vehicle.
    #[garde(dive)]
    pub vehicle_id: VehicleId,
    /// Who drives it.
    #[garde(length(chars, min = 1, max = 100))]
    pub driver_id: String,
    /// Whose vehicle it is.
    #[garde(length(chars, min = 1, max = 100))]
    pub fleet_owner_id: String,
}

/// One step in the life of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was done.
    pub action: Action,
    /// Where it stood before; absent for the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<BookingStatus>,
    /// Where it stood afterwards.
    pub to: BookingStatus,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A booking of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingRecord {
    pub tenant: String,
    pub view: BookingView,
    /// What it took of its contract.
    pub contract_use: Option<ContractUse>,
    /// Whether its price stands on its shipper's credit: only where there was a limit.
    #[serde(default = "yes")]
    pub on_credit: bool,
    /// Its steps, oldest first. Few: only a reschedule leads back, and its number is limited.
    #[serde(default)]
    pub history: Vec<HistoryEntry>,
}

impl BookingRecord {
    /// A booking that is made in this call.
    pub fn new(view: BookingView, contract_use: Option<ContractUse>, on_credit: bool, call: &Call) -> Self {
        let mut booking = Self { tenant: call.tenant.clone(), view, contract_use, on_credit, history: Vec::new() };
        booking.note(call, Action::Create, None, None);
        booking
    }

    /// The booking one step further, or `refusal` where its life has no such step.
    pub fn after(&self, action: Action, call: &Call, reason: Option<String>, refusal: Refusal) -> Result<Self, Error> {
        let from = self.view.status;
        let to = from.after(action).ok_or_else(|| refusal.with(serde_json::json!({ "status": from })))?;
        let mut next = self.clone();
        next.view.status = to;
        next.note(call, action, Some(from), reason);
        Ok(next)
    }

    fn note(&mut self, call: &Call, action: Action, from: Option<BookingStatus>, reason: Option<String>) {
        self.history.push(HistoryEntry {
            at: call.now.clone(),
            by: call.principal.id().to_owned(),
            action,
            from,
            to: self.view.status,
            reason,
        });
    }
}

impl Entity for BookingRecord {
    const KIND: &'static str = "booking";
    const STATUSES: &'static [&'static str] = &BookingStatus::NAMES;

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.view.booking_id.0
    }

    fn order(&self) -> String {
        self.view.created_at.sortable()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.view.shipper_id)
    }

    fn status(&self) -> Option<&'static str> {
        Some(self.view.status.name())
    }

    fn lists(&self) -> Vec<[String; 2]> {
        let Some(Assignment { fleet_owner_id, driver_id, .. }) = &self.view.assignment else { return Vec::new() };
        let pair = |status| [trips(status, Role::FleetOwner, fleet_owner_id), trips(status, Role::Driver, driver_id)];
        vec![pair(None), pair(Some(self.view.status))]
    }
}

/// The name of the list of what one person carries in this role, in one status or in any.
pub fn trips(status: Option<BookingStatus>, role: Role, id: &str) -> String {
    let status = status.map(|status| format!("status#{}#", status.name())).unwrap_or_default();
    format!("{status}{}#{id}", role.name())
}

/// That a quote was used, kept for as long as the quote would hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedQuote {
    pub tenant: String,
    pub quote_id: QuoteId,
    pub booking_id: BookingId,
    pub used_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Entity for UsedQuote {
    const KIND: &'static str = "used-quote";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.quote_id.0
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
    /// What of it was booked while there was no limit to it.
    #[serde(default)]
    pub unlimited_amount: i64,
    pub cancelled_bookings: i64,
    /// Empty in records of before there was more than making and cancelling.
    #[serde(default)]
    pub by_status: BTreeMap<BookingStatus, i64>,
    #[serde(default)]
    pub completed_amount: i64,
    #[serde(default)]
    pub cancellation_fees: i64,
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
    /// Where it stood before; absent when it is new.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<BookingStatus>,
    /// Where it stands now. Absent in events of before there was more than making and cancelling.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<BookingStatus>,
    /// What carries it; when it is moved or called off, what would have carried it.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// What calling it off cost, in the smallest unit.
    #[garde(inner(range(min = 0, max = 1_000_000_000_000_000_i64)))]
    #[schemars(range(min = 0, max = 1_000_000_000_000_000_i64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_amount: Option<i64>,
    /// Whether the price stands on the shipper's credit: only where there was a limit.
    #[garde(skip)]
    #[serde(default = "yes")]
    pub on_credit: bool,
}

/// What records and events of before there was a choice stand for.
fn yes() -> bool {
    true
}

impl BookingEvent {
    /// What changed from `before`, which is absent for a new booking.
    pub fn of(before: Option<&BookingRecord>, booking: &BookingRecord) -> Self {
        let (before, now) = (before.map(|before| &before.view), &booking.view);
        let assignment = now.assignment.as_ref().or_else(|| before.and_then(|before| before.assignment.as_ref()));
        Self {
            booking_id: now.booking_id.clone(),
            shipper_id: now.shipper_id.clone(),
            total_amount: now.price.total_amount,
            currency: now.price.currency.clone(),
            pickup_at: now.freight.pickup_at.clone(),
            from: before.map(|before| before.status),
            to: Some(now.status),
            assignment: assignment.cloned(),
            fee_amount: now.cancellation.as_ref().map(|cancellation| cancellation.fee_amount),
            on_credit: booking.on_credit,
        }
    }
}

/// Emitted when a truck was booked.
pub const BOOKING_CREATED: EventType = EventType::of::<BookingEvent>("booking.created", "A truck was booked.");
/// Emitted when a booking was taken on.
pub const BOOKING_CONFIRMED: EventType = EventType::of::<BookingEvent>("booking.confirmed", "A booking was taken on.");
/// Emitted when a booking was given a vehicle and a driver.
pub const BOOKING_ASSIGNED: EventType =
    EventType::of::<BookingEvent>("booking.assigned", "A booking was given a vehicle and a driver.");
/// Emitted when a pickup was moved.
pub const BOOKING_RESCHEDULED: EventType =
    EventType::of::<BookingEvent>("booking.rescheduled", "The pickup of a booking was moved.");
/// Emitted when a trip set out.
pub const BOOKING_STARTED: EventType = EventType::of::<BookingEvent>("booking.started", "A trip set out.");
/// Emitted when a freight was delivered.
pub const BOOKING_COMPLETED: EventType = EventType::of::<BookingEvent>("booking.completed", "A freight was delivered.");
/// Emitted when a booking was called off.
pub const BOOKING_CANCELLED: EventType =
    EventType::of::<BookingEvent>("booking.cancelled", "A booking was called off.");

/// No such booking, or not one this caller may see.
pub const BOOKING_NOT_FOUND: Refusal = Refusal::new(Kind::NotFound, "BOOKING_NOT_FOUND", "There is no such booking.");
/// The booking does not stand where this can be done, or somebody else has moved it meanwhile.
pub const INVALID_BOOKING_STATUS: Refusal = Refusal::new(
    Kind::Conflict,
    "INVALID_BOOKING_STATUS",
    "This cannot be done with the booking as it stands: read it again.",
);

/// Who may ask for prices and book.
pub const SHIPPERS: &[Role] = &[Role::Shipper, Role::TenantAdmin];
/// Who may carry out a trip.
pub const CARRIERS: &[Role] = &[Role::FleetOwner, Role::Driver, Role::TenantAdmin];
/// Who may have to do with a booking at all.
pub const PARTIES: &[Role] = &[Role::Shipper, Role::FleetOwner, Role::Driver, Role::TenantAdmin];

/// Whether the booking is this caller's: its shipper, and the tenant's administrators.
pub fn books(principal: &Principal, booking: &BookingView) -> bool {
    principal.owns(&booking.shipper_id)
}

/// Whether this caller carries it: the owner of the vehicle's fleet, its driver, and the tenant's administrators.
pub fn carries(principal: &Principal, booking: &BookingView) -> bool {
    let is = |role: Role, id: &str| principal.has(role) && principal.id() == id;
    let is_party = |assignment: &Assignment| {
        is(Role::FleetOwner, &assignment.fleet_owner_id) || is(Role::Driver, &assignment.driver_id)
    };
    principal.administers() || booking.assignment.as_ref().is_some_and(is_party)
}

/// The booking, if it is there and the caller may do this with it.
pub async fn booking(
    cx: &Context<Booking>,
    id: &BookingId,
    may: impl Fn(&Principal, &BookingView) -> bool,
) -> Result<Stored<BookingRecord>, Error> {
    let booking = cx.state.table.get::<BookingRecord>(&cx.tenant, &id.0).await?;
    Ok(booking.filter(|booking| may(&cx.principal, &booking.value.view)).ok_or(BOOKING_NOT_FOUND)?)
}
