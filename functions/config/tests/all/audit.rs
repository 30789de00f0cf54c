//! Who read what of the category `security`, and who changed anything, stands in the audit trail.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use testing::World;

use crate::promises::signed;
use crate::{CORS, PRICING, admin, delete, read, roll_back, rollback_token, world, write};

/// The audit entries of a tenant: who did what to what.
async fn entries(world: &World, tenant: &str) -> Vec<(String, String, String)> {
    let client = aws_sdk_dynamodb::Client::new(&world.aws.sdk_config());
    let day = &world.in_seconds(0)[..10];
    let pk = AttributeValue::S(format!("{tenant}#audit#{day}"));
    let query = client.query().table_name(world.platform.cloud.name("config")).key_condition_expression("pk = :pk");
    let found = query.expression_attribute_values(":pk", pk).send().await.expect("a table").items.unwrap_or_default();
    let mut entries: Vec<_> = found
        .iter()
        .map(|item| {
            let record = item["record"].as_s().expect("a record");
            let record: Value = serde_json::from_str(record).expect("a record in JSON");
            let field = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
            (field("actor"), field("action"), field("subject"))
        })
        .collect();
    entries.sort();
    entries
}

fn entry(actor: &str, action: &str, document: &str) -> (String, String, String) {
    (actor.to_owned(), action.to_owned(), document.to_owned())
}

#[tokio::test]
async fn every_read_of_a_security_document_is_written_down_and_no_other_read() {
    let world = world().await;
    let admin = admin(&world);
    write(&world, &admin, CORS, json!({})).await;
    let before = entries(&world, "acme").await.len();

    read(&world, &admin, PRICING).await;
    read(&world, &admin, &format!("{PRICING}/versions")).await;
    assert_eq!(entries(&world, "acme").await.len(), before);

    for path in [CORS.to_owned(), format!("{CORS}/versions"), format!("{CORS}/versions/1")] {
        assert_eq!(read(&world, &admin, &path).await.status, 200);
    }
    let found = entries(&world, "acme").await;
    assert_eq!(found.len(), before + 3);
    assert!(found.contains(&entry("acme-tenant_admin", "config.read", "document/global.security.cors")));
}

#[tokio::test]
async fn a_service_that_reads_a_security_document_is_written_down_with_whose_it_was() {
    let world = world().await;
    signed(&world, "/config/internal/v1/tenants/acme/documents/global.security.cors").await;

    let found = entries(&world, "platform").await;
    assert_eq!(found, [entry("booking", "config.read", "acme/document/global.security.cors")]);
}

#[tokio::test]
async fn every_change_is_written_down() {
    let world = world().await;
    let admin = admin(&world);
    let changed = write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;
    roll_back(&world, &admin, PRICING, &rollback_token(&changed)).await;
    write(&world, &admin, PRICING, json!({ "basePerTonne": 70_000 })).await;
    delete(&world, &admin, PRICING).await;

    let of = |action| entry("acme-tenant_admin", action, "document/services.booking.dev.business.pricing");
    let expected = [of("config.delete"), of("config.rollback"), of("config.update"), of("config.update")];
    assert_eq!(entries(&world, "acme").await, expected);
}
