//! Lists the people of the caller's tenant, newest first. For its administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::records::UserRecord;
use crate::users::UserDetails;

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists the people of the caller's tenant, newest first",
    policy: Policy::ORG_MANAGEMENT,
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listUsers", "/auth/v1/users")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<UserDetails>, Error> {
    let page = cx.state.table.list::<UserRecord>(&cx.tenant, Listing::All, &input.query).await?;

    Ok(Page { data: page.data.iter().map(UserDetails::from).collect(), pagination: page.pagination })
}
