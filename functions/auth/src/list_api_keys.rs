//! Lists API keys, newest first: the caller's own, or all of the tenant's for administrators. Emits nothing.

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::api_keys::{ApiKeyRecord, ApiKeyView};

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists API keys, newest first",
    policy: Policy::AUTHENTICATED.and(&["own-api-key"]),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listApiKeys", "/auth/v1/api-keys")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<ApiKeyView>, Error> {
    let listing = if cx.principal.administers() { Listing::All } else { Listing::Owner(cx.principal.id()) };
    let page = cx.state.table.list::<ApiKeyRecord>(&cx.tenant, listing, &input.query).await?;

    Ok(Page { data: page.data.iter().map(ApiKeyRecord::view).collect(), pagination: page.pagination })
}
