//! Storage and queues on the embedded cloud, through the unmodified SDK.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod counters;
mod lists;
mod outbox;
mod records;
mod shares;
mod tallies;
mod transactions;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use cloud::{Cloud, Entity, Secrets, Table};
use embedded_aws::EmbeddedAws;
use operation::{Call, Claim, Environment};
use serde::{Deserialize, Serialize};
use service_errors::{Kind, Refusal};
use validation::types::Timestamp;

/// A record of these tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub tenant: String,
    pub id: String,
    pub text: String,
    pub at: i64,
    pub owner: Option<String>,
    pub lines: Vec<f64>,
}

impl Entity for Note {
    const KIND: &'static str = "note";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        format!("{:04}", self.at)
    }

    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

pub const EXISTS: Refusal = Refusal::new(Kind::Conflict, "NOTE_EXISTS", "There is such a note.");

pub fn note(tenant: &str, id: &str, at: i64) -> Note {
    Note { tenant: tenant.into(), id: id.into(), text: "é🚚".into(), at, owner: None, lines: vec![1.5, -0.25] }
}

/// A cloud with one table.
pub struct Fixture {
    pub cloud: Cloud,
    pub secrets: Secrets,
    pub table: Table,
    aws: EmbeddedAws,
}

impl Fixture {
    /// Everything in the table, as DynamoDB has it.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let client = aws_sdk_dynamodb::Client::new(&self.aws.sdk_config());
        let scan = client.scan().table_name(self.cloud.name("notes")).send().await;
        scan.expect("a table").items.unwrap_or_default()
    }
}

pub async fn fixture() -> Fixture {
    let aws = EmbeddedAws::ephemeral().expect("a cloud");
    let cloud = Cloud::new(&aws.sdk_config(), Environment::Dev);
    for table in ["platform", "notes"] {
        cloud.ensure_table(table).await.expect("a table");
        cloud.ensure_table(table).await.expect("the same table again");
    }
    let secrets = cloud.secrets();
    secrets.ensure().await.expect("a secret");
    let table = cloud.table("notes", &secrets);
    Fixture { cloud, secrets, table, aws }
}

/// A call of acme, with this claim.
pub fn call(claim: Option<&str>) -> Call {
    let mut call = Call::of_platform("notes", "test", Environment::Dev, Timestamp::from_unix_millis(1_800_000_000_000));
    call.tenant = "acme".into();
    call.audit = Some("note.change");
    call.claim = claim.map(|key| Claim {
        tenant: "acme".into(),
        key: key.into(),
        fingerprint: "f".into(),
        expires_at: 1_900_000_000,
    });
    call
}
