//! The last known good documents of a service, in the platform's table: the one place that a laptop, Lambda and Workers
//! all have, and that outlives each of them.

use std::sync::Arc;

use cloud::{Entity, PLATFORM_TABLE, Platform, Table};
use operation::{Call, Clock, Environment, NoContent};
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind};
use validation::types::Timestamp;

use crate::Kept;

/// Keeps documents in the name of one service, so that no service relies on what another one read.
pub(crate) struct LastKnownGood {
    table: Table,
    service: &'static str,
    environment: Environment,
    clock: Clock,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    tenant: String,
    /// `{service}.{document}`
    id: String,
    kept: Kept,
}

impl Entity for Record {
    const KIND: &'static str = "last-known-good";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.kept.version.clone()
    }
}

impl LastKnownGood {
    pub fn new(platform: &Platform, service: &'static str) -> Self {
        Self {
            table: platform.cloud.table(PLATFORM_TABLE, &platform.secrets),
            service,
            environment: platform.environment,
            clock: Arc::clone(&platform.clock),
        }
    }

    pub async fn recall(&self, tenant: &str, document: &str) -> Result<Option<Kept>, Error> {
        let found = self.table.get::<Record>(tenant, &self.id(document)).await?;
        Ok(found.map(|found| found.value.kept))
    }

    /// Writes only what differs: every instance of a service reads the same documents when it starts.
    pub async fn keep(&self, tenant: &str, document: &str, kept: &Kept) -> Result<(), Error> {
        let id = self.id(document);
        let read = self.table.get::<Record>(tenant, &id).await?;
        if read.as_ref().is_some_and(|read| read.value.kept.version == kept.version) {
            return Ok(());
        }
        let record = Record { tenant: tenant.to_owned(), id, kept: kept.clone() };
        let now = Timestamp::from_unix_millis((self.clock)());
        let call = Call::of_platform(self.service, "keepDocument", self.environment, now);
        match self.table.transaction(&call).upsert(read.as_ref(), &record).commit(&NoContent).await {
            // Another instance has just kept it.
            Err(error) if error.kind() == Kind::Conflict => Ok(()),
            other => other,
        }
    }

    fn id(&self, document: &str) -> String {
        format!("{}.{document}", self.service)
    }
}
