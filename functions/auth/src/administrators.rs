//! How many people administer a tenant, so that there is always one who can.
//!
//! The number stands in a record of its own, and every change of who administers rewrites it in its own transaction: of
//! two administrators who dismiss each other at the same moment, one stays.

use cloud::{Entity, Listing, Stored, Transaction};
use operation::Context;
use policy::Role;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::PageQuery;

use crate::Auth;
use crate::records::UserRecord;

/// The administrators of one tenant who are not suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrators {
    pub tenant: String,
    pub count: u64,
}

impl Entity for Administrators {
    const KIND: &'static str = "administrators";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        Self::ID
    }
}

/// Nobody would be left to run the tenant.
pub const LAST_ADMINISTRATOR: Refusal = Refusal::new(
    Kind::Conflict,
    "LAST_ADMINISTRATOR",
    "This is the tenant's last administrator: make somebody else one first.",
);

impl Administrators {
    const ID: &'static str = "count";

    /// Those of a new tenant.
    pub fn first(tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), count: 1 }
    }

    /// What becomes of the number when somebody's active roles change from `before` to `after`. Refuses to let it
    /// become zero.
    pub async fn after(cx: &Context<Auth>, tenant: &str, before: &[String], after: &[String]) -> Result<Change, Error> {
        let (was, will_be) = (administers(before), administers(after));
        if was == will_be {
            return Ok(Change(None));
        }
        let read = cx.state.table.get::<Self>(tenant, Self::ID).await?;
        let count = match &read {
            Some(read) => read.value.count,
            None => counted(cx, tenant).await?,
        };
        let count = if will_be { count + 1 } else { count.saturating_sub(1) };
        if count == 0 {
            return Err(LAST_ADMINISTRATOR.into());
        }
        Ok(Change(Some((read, Self { tenant: tenant.to_owned(), count }))))
    }
}

/// What is to be written of the number; nothing when it stays.
pub struct Change(Option<(Option<Stored<Administrators>>, Administrators)>);

impl Change {
    /// The transaction with this change in it.
    pub fn written<'a>(&self, transaction: Transaction<'a>) -> Transaction<'a> {
        match &self.0 {
            Some((read, next)) => transaction.upsert(read.as_ref(), next),
            None => transaction,
        }
    }
}

fn administers(roles: &[String]) -> bool {
    roles.iter().any(|role| role == Role::TenantAdmin.name())
}

/// The number in a tenant that was made before it was kept.
async fn counted(cx: &Context<Auth>, tenant: &str) -> Result<u64, Error> {
    const PAGE: u32 = 100;
    let mut count = 0;
    let mut query = PageQuery { page_size: Some(PAGE), cursor: None };
    loop {
        let page = cx.state.table.list::<UserRecord>(tenant, Listing::All, &query).await?;
        count += page.data.iter().filter(|user| !user.suspended && administers(&user.roles)).count() as u64;
        query.cursor = page.pagination.next_cursor;
        if query.cursor.is_none() {
            return Ok(count);
        }
    }
}
