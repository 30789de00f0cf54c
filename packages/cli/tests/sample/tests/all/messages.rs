//! Messages, as their queue delivers them.

use operation::Delivery;
use serde_json::{Value, json};
use testing::World;

use crate::world;

#[tokio::test]
async fn a_changed_configuration_is_taken() {
    let world = world().await;

    let delivery = deliver(&world, json!({ "document": "global.operational.switches" })).await;

    assert!(matches!(delivery, Delivery::Done), "{delivery:?}");
}

#[tokio::test]
async fn a_broken_message_is_poison() {
    let world = world().await;

    let delivery = deliver(&world, json!({ "document": 7 })).await;

    assert!(matches!(delivery, Delivery::Poison(_)), "{delivery:?}");
}

async fn deliver(world: &World, data: Value) -> Delivery {
    let message = json!({
        "specversion": "1.0", "id": "e-1", "source": "/config", "type": "config.changed", "subject": "x",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r",
        "data": data,
    });
    world.deliver("applyConfigurationChange", message.to_string().as_bytes()).await
}
