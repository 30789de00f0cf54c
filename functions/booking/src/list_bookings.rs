//! Lists bookings, newest first: a shipper's own, a fleet owner's and a driver's trips, or all of the tenant's for
//! administrators; by status, by shipper and by the time of booking. Emits nothing.

use cloud::{Listing, Stretch};
use garde::Validate;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::{Policy, Principal, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};
use validation::Nothing;
use validation::types::{PageQuery, Timestamp};

use crate::Booking;
use crate::lifecycle::BookingStatus;
use crate::records::{BookingRecord, BookingView, PARTIES, trips};

/// Which bookings.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookingQuery {
    /// Only those that stand there.
    #[garde(skip)]
    pub status: Option<BookingStatus>,
    /// Only those of this shipper; for administrators.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schemars(length(min = 1, max = 100))]
    pub shipper_id: Option<String>,
    /// What the caller is to them, for callers who are several things.
    #[garde(skip)]
    #[serde(rename = "as")]
    pub party: Option<Party>,
    /// Only those booked then or later.
    #[garde(skip)]
    pub created_from: Option<Timestamp>,
    /// Only those booked earlier.
    #[garde(skip)]
    pub created_before: Option<Timestamp>,
    /// How many.
    #[garde(inner(range(min = 1, max = 100)))]
    #[schemars(range(min = 1, max = 100))]
    pub page_size: Option<u32>,
    /// `nextCursor` of the page before.
    #[garde(inner(length(chars, min = 1, max = 2048)))]
    #[schemars(length(min = 1, max = 2048))]
    pub cursor: Option<String>,
}

/// What a person can be to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Who booked.
    Shipper,
    /// Whose vehicle carries it.
    FleetOwner,
    /// Who drives it.
    Driver,
}

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists bookings, newest first, by status, by shipper and by the time of booking",
    policy: Policy::roles(PARTIES).and(&["own-booking", "own-trip"]),
    touches: &[Touch::reads(crate::NAME)],
    at_edge: true,
    ..Declaration::get("listBookings", "/booking/v1/bookings")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, BookingQuery>) -> Result<Page<BookingView>, Error> {
    let asked = input.query;
    let whose = whose(&cx.principal, &asked)?;

    // Each page costs the same whatever the tenant holds beside it.
    let status = asked.status.map(BookingStatus::name);
    let name;
    let listing = match (whose, status) {
        (None, None) => Listing::All,
        (None, Some(status)) => Listing::Status(status),
        (Some((Role::Shipper, shipper)), None) => Listing::Owner(shipper),
        (Some((Role::Shipper, shipper)), Some(status)) => Listing::OwnerStatus(shipper, status),
        (Some((role, carrier)), _) => {
            name = trips(asked.status, role, carrier);
            if role == Role::FleetOwner { Listing::First(&name) } else { Listing::Second(&name) }
        }
    };
    let stretch = Stretch {
        from: asked.created_from.as_ref().map(Timestamp::sortable),
        before: asked.created_before.as_ref().map(Timestamp::sortable),
    };
    let query = PageQuery { page_size: asked.page_size, cursor: asked.cursor.clone() };
    let page = cx.state.table.list_between::<BookingRecord>(&cx.tenant, listing, &stretch, &query).await?;

    Ok(Page { data: page.data.into_iter().map(|booking| booking.view).collect(), pagination: page.pagination })
}

/// Whose bookings the caller gets: those of one person in one role, or, for administrators, everybody's.
fn whose<'a>(caller: &'a Principal, asked: &'a BookingQuery) -> Result<Option<(Role, &'a str)>, Error> {
    if caller.administers() && asked.party.is_none() {
        return Ok(asked.shipper_id.as_deref().map(|shipper| (Role::Shipper, shipper)));
    }
    let role = match asked.party {
        Some(Party::Shipper) => Some(Role::Shipper),
        Some(Party::FleetOwner) => Some(Role::FleetOwner),
        Some(Party::Driver) => Some(Role::Driver),
        None => [Role::Shipper, Role::FleetOwner, Role::Driver].into_iter().find(|role| caller.has(*role)),
    };
    let role = role.filter(|role| caller.has(*role)).ok_or_else(|| Error::new(Kind::Forbidden))?;
    let own = role == Role::Shipper && asked.shipper_id.as_deref() == Some(caller.id());
    if asked.shipper_id.is_some() && !own {
        return Err(Error::new(Kind::Forbidden).with_message("Only administrators list the bookings of others."));
    }
    Ok(Some((role, caller.id())))
}
