//! Which tenants override a document: the platform does not change it under them so that what they read breaks.

use cloud::{Entity, Listing, Stored, Tally, Transaction};
use operation::Context;
use policy::PLATFORM_TENANT;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_errors::{Error, Refusal};
use validation::Issue;
use validation::types::PageQuery;

use crate::Config;
use crate::change::{CHANGED_MEANWHILE, findings};
use crate::document::{Document, Layers};
use crate::rules::Rules;

/// A change of the platform's that does not fit what tenants set.
pub const BREAKS_OVERRIDES: Refusal = Refusal::rule(
    "BREAKS_OVERRIDES",
    "With this change, what tenants set in the document would no longer satisfy its schema.",
);

/// How many tenants the refusal names.
const MOST_NAMED: usize = 10;

/// That a tenant has overridden a document once; kept under the platform, which lists them by document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Override {
    id: String,
    document: String,
    tenant: String,
}

impl Override {
    pub fn new(tenant: &str, document: &str) -> Self {
        Self { id: format!("{document}/{tenant}"), document: document.to_owned(), tenant: tenant.to_owned() }
    }
}

impl Entity for Override {
    const KIND: &'static str = "override";

    fn tenant(&self) -> &str {
        PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.tenant.clone()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.document)
    }
}

/// The record to be written with a tenant's change; `None` when it is there already, or the platform changes.
pub async fn first(cx: &Context<Config>, document: &str) -> Result<Option<Override>, Error> {
    if cx.tenant == PLATFORM_TENANT {
        return Ok(None);
    }
    let record = Override::new(&cx.tenant, document);
    Ok(match cx.state.table.get::<Override>(PLATFORM_TENANT, record.id()).await? {
        Some(_) => None,
        None => Some(record),
    })
}

/// How often tenants have changed what they set in a document, to be read before [`check`] looks at what they set.
pub async fn changes(cx: &Context<Config>, document: &str) -> Result<i64, Error> {
    cx.state.table.sum(&tally(document)).await
}

/// The change of a document, which holds only where what it was checked against stands when it is written: the
/// platform's, if no tenant has changed anything since there were so many `changes`; a tenant's, if the platform has not.
/// So the two cannot pass by each other unseen, and tenants do not wait for one another.
pub fn guarded<'a>(change: Transaction<'a>, layers: &Layers, changes: i64) -> Transaction<'a> {
    let tally = tally(&layers.platform.value.id);
    match layers.tenant == PLATFORM_TENANT {
        true => change.add_within(&tally, 0, changes, CHANGED_MEANWHILE),
        false => change.add(&tally, 1).unchanged(&layers.platform).or(CHANGED_MEANWHILE),
    }
}

fn tally(document: &str) -> Tally {
    Tally::new(PLATFORM_TENANT, &format!("overrides/{document}"))
}

/// Refuses a change of the platform's that breaks what tenants set.
pub async fn check(cx: &Context<Config>, next: &Stored<Document>, rules: &Rules) -> Result<(), Error> {
    const PAGE: u32 = 100;
    let mut query = PageQuery { page_size: Some(PAGE), cursor: None };
    let mut broken: Vec<Value> = Vec::new();
    loop {
        let page = cx.state.table.list::<Override>(PLATFORM_TENANT, Listing::Owner(&next.value.id), &query).await?;
        for Override { tenant, document, .. } in page.data {
            let own = cx.state.table.get::<Document>(&tenant, &document).await?;
            let layers = Layers { tenant: tenant.clone(), platform: next.clone(), own };
            let (_, _, issues) = findings(cx, &layers, rules, false).await?;
            if !issues.is_empty() {
                let issues: Vec<Value> = issues.iter().map(Issue::to_json).collect();
                broken.push(json!({ "tenant": tenant, "issues": issues }));
            }
            if broken.len() >= MOST_NAMED {
                return Err(BREAKS_OVERRIDES.with(json!({ "tenants": broken })));
            }
        }
        query.cursor = page.pagination.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(BREAKS_OVERRIDES.with(json!({ "tenants": broken }))),
    }
}
