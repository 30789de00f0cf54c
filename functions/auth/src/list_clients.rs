//! Lists the clients of the caller's tenant, newest first. For its administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::clients::{ClientRecord, ClientView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the clients of the tenant, newest first",
    policy: Policy::ORG_MANAGEMENT,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listClients", "/auth/v1/clients")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<ClientView>, Error> {
    let page = cx.state.table.list::<ClientRecord>(&cx.tenant, Listing::All, &input.query).await?;

    Ok(Page { data: page.data.iter().map(ClientRecord::view).collect(), pagination: page.pagination })
}
