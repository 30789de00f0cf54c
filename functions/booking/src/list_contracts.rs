//! Lists contracts, newest first: a shipper's own, or all of the tenant's for administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Booking;
use crate::contracts::{ContractRecord, ContractView};
use crate::records::SHIPPERS;

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists contracts, newest first",
    policy: Policy::roles(SHIPPERS).and(&["own-contract"]),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listContracts", "/booking/v1/contracts")
};

pub async fn handle(cx: Context<Booking>, input: Input<Nothing, PageQuery>) -> Result<Page<ContractView>, Error> {
    let listing = if cx.principal.administers() { Listing::All } else { Listing::Owner(cx.principal.id()) };
    let page = cx.state.table.list::<ContractRecord>(&cx.tenant, listing, &input.query).await?;

    Ok(Page { data: page.data.into_iter().map(|contract| contract.view).collect(), pagination: page.pagination })
}
