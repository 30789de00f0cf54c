//! Lists API keys, newest first: the caller's own, or all of the tenant's for administrators. Emits nothing.

use std::collections::HashMap;

use cloud::Listing;
use operation::{Context, Declaration, Input, Page, Touch};
use policy::Policy;
use service_errors::Error;
use validation::Nothing;
use validation::types::PageQuery;

use crate::Auth;
use crate::api_keys::{ApiKeyRecord, ApiKeyView};
use crate::records::UserRecord;

pub const DECLARATION: Declaration = Declaration {
    summary: "Lists API keys, newest first",
    policy: Policy::AUTHENTICATED.and(&["own-api-key"]),
    touches: &[Touch::reads(crate::NAME)],
    ..Declaration::get("listApiKeys", "/auth/v1/api-keys")
};

pub async fn handle(cx: Context<Auth>, input: Input<Nothing, PageQuery>) -> Result<Page<ApiKeyView>, Error> {
    let listing = if cx.principal.administers() { Listing::All } else { Listing::Owner(cx.principal.id()) };
    let page = cx.state.table.list::<ApiKeyRecord>(&cx.tenant, listing, &input.query).await?;

    // Few people have many keys, so each is read once.
    let mut people: HashMap<String, Option<UserRecord>> = HashMap::new();
    let mut views = Vec::with_capacity(page.data.len());
    for key in &page.data {
        if !people.contains_key(&key.user_id) {
            let user = cx.state.table.get::<UserRecord>(&cx.tenant, &key.user_id).await?;
            people.insert(key.user_id.clone(), user.map(|user| user.value));
        }
        let user = people.get(&key.user_id).and_then(Option::as_ref);
        if user.is_some_and(|user| key.epoch == user.key_epoch) {
            views.push(key.view());
        }
    }

    Ok(Page { data: views, pagination: page.pagination })
}
