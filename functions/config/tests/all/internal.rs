//! What other services ask.

use serde_json::json;

use crate::promises::signed;
use crate::{PRICING, admin, world, write};

const DOCUMENT: &str = "/config/internal/v1/tenants/acme/documents/services.booking.dev.business.pricing";

#[tokio::test]
async fn another_service_reads_a_tenants_document_and_may_keep_it_for_a_while() {
    let world = world().await;
    write(&world, &admin(&world), PRICING, json!({ "basePerTonne": 60_000 })).await;

    let answer = signed(&world, DOCUMENT).await;

    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, max-age=300"));
    assert_eq!(answer.body["data"]["version"], "1-1");
    assert_eq!(answer.body["data"]["value"]["basePerTonne"], 60_000);
}

#[tokio::test]
async fn people_cannot_ask_what_services_ask() {
    let world = world().await;

    assert_eq!(world.ask("GET", DOCUMENT).by(&admin(&world)).send().await.code(), "UNAUTHORIZED");
    assert_eq!(world.ask("GET", DOCUMENT).send().await.code(), "UNAUTHORIZED");
}

#[tokio::test]
async fn a_tenant_or_document_that_is_no_name_is_refused() {
    let world = world().await;
    for path in [
        "/config/internal/v1/tenants/Acme/documents/global.security.cors",
        "/config/internal/v1/tenants/acme/documents/global..cors",
        "/config/internal/v1/tenants/acme%23x/documents/global.security.cors",
    ] {
        assert_eq!(signed(&world, path).await.code(), "VALIDATION_ERROR", "{path}");
    }
}
