//! Samples that are there before a test asks for one.

use cloud::Entity;
use operation::{Call, NoContent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_errors::{Kind, Refusal};
use testing::World;
use validation::types::Timestamp;

/// Puts a sample of this tenant into the table and says its id.
pub async fn place(world: &World, tenant: &str) -> String {
    let random = operation::random_id().to_uppercase();
    let id = format!("SM-{}", &random[..16]);
    let view = json!({
        "sampleId": id, "description": "Placed by a test", "createdBy": "somebody", "createdAt": world.in_seconds(0),
    });
    let now = Timestamp::from_unix_millis(world.now());
    let call = Call::of_platform(sample::NAME, "place", world.platform.environment, now);
    let table = world.platform.table(sample::NAME);
    let placed = table.transaction(&call).create(&Placed { tenant: tenant.to_owned(), view }, TAKEN);
    placed.commit(&NoContent).await.expect("a new id");
    id
}

/// A sample as the table keeps it.
#[derive(Serialize, Deserialize)]
struct Placed {
    tenant: String,
    view: Value,
}

impl Entity for Placed {
    const KIND: &'static str = "sample";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        self.view["sampleId"].as_str().expect("an id")
    }

    fn order(&self) -> String {
        self.view["createdAt"].as_str().expect("a time").to_owned()
    }
}

const TAKEN: Refusal = Refusal::of(Kind::Conflict, "This id is taken.");
