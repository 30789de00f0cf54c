//! Lists vehicles by owner and number: a fleet owner's own, or all of the tenant's for administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Booking;
use crate::fleet::{FLEET, VehicleRecord, VehicleView, orders_of};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists vehicles by owner and number",
    policy: Policy::roles(FLEET).and(&["own-fleet"]),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listVehicles", "/booking/v1/vehicles")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, PageQuery>) -> Result<Page<VehicleView>, Error> {
    let own = orders_of(cx.principal.id());
    let listing = if cx.principal.administers() { Listing::All } else { Listing::Ordered(&own) };
    let page = cx.state.table.list::<VehicleRecord>(&cx.tenant, listing, &input.query).await?;

    let vehicles = page.data.into_iter().map(|vehicle| vehicle.view);
    // An id with a `#` in it could begin like another owner's.
    let seen = vehicles.filter(|vehicle| cx.principal.owns(&vehicle.fleet_owner_id));

    Ok(Page { data: seen.collect(), pagination: page.pagination })
}
