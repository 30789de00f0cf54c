//! What the service promises as a whole.

use operation::Delivery;
use serde_json::json;
use testing::promises;

use crate::browsers::Place;
use crate::office::{Office, PASSWORD, refresh_token, tenant, user};

#[test]
fn every_declaration_is_whole() {
    promises::declarations_are_whole(&auth::service());
}

#[test]
fn validators_and_schemas_agree() {
    promises::validators_and_schemas_agree(&auth::service());
}

#[tokio::test]
async fn every_operation_does_what_it_declares_and_touches_nothing_else() {
    let place = Place::open().await;
    let office = &place.office;
    assert_eq!(office.world.ask("GET", "/auth/v1/jwks.json").send().await.status, 200);
    let mut weak = tenant("acme", "admin@acme.example");
    weak["admin"]["password"] = json!("short");
    office.post("/auth/v1/tenants", &weak).await;
    for (id, email) in [("acme", "admin@acme.example"), ("acme", "b@acme.example"), ("other", "admin@acme.example")] {
        office.create_tenant(id, email).await;
    }
    office.log_in("admin@acme.example", "wrong").await;
    let admin = office.logged_in("admin@acme.example").await;
    let mut weak = user("ravi@acme.example", &["shipper"]);
    weak["password"] = json!("short");
    for body in [weak, user("ravi@acme.example", &["shipper"]), user("ravi@acme.example", &["shipper"])] {
        office.register(&admin, &body).await;
    }
    let first = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);
    for _ in 0..2 {
        office.refresh(&first).await;
    }
    office.world.advance(60);
    office.refresh(&first).await;
    let admin = office.logged_in("admin@acme.example").await;
    crate::machines::walk(office, &admin).await;
    crate::authorization::walk(office, &admin).await;
    place.walk(&admin).await;
    let delivery = office.world.deliver("applyConfigurationChange", changed().as_bytes()).await;
    assert!(matches!(delivery, Delivery::Done), "{delivery:?}");

    promises::the_walk_was_complete(&office.world);
}

#[tokio::test]
async fn a_message_that_is_no_change_of_a_document_is_put_aside() {
    let office = Office::open().await;
    let broken = changed().replace("\"document\"", "\"file\"");

    let delivery = office.world.deliver("applyConfigurationChange", broken.as_bytes()).await;

    assert!(matches!(delivery, Delivery::Poison(_)), "{delivery:?}");
}

fn changed() -> String {
    let event = json!({
        "specversion": "1.0", "id": "e1", "source": "/config", "type": "config.changed", "subject": "d",
        "time": "2026-11-21T08:00:00Z", "datacontenttype": "application/json", "tenantid": "acme", "requestid": "r1",
        "data": { "document": "services.auth.dev.technical.sessions", "version": "2-0" },
    });
    event.to_string()
}
