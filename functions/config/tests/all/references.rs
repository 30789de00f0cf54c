//! References from one document into others.

use policy::Role;
use serde_json::json;

use crate::promises::signed;
use crate::{PRICING, admin, delete, make, platform, pointers, read, world, write};

const A: &str = "/config/v1/documents/services.booking.dev.business.a";
const B: &str = "/config/v1/documents/services.booking.dev.business.b";
const C: &str = "/config/v1/documents/global.operational.c";

#[tokio::test]
async fn a_reference_stands_for_the_value_the_reading_tenant_has() {
    let world = world().await;
    make(&world, B, json!({ "rate": 5, "window": { "seconds": 60 }, "name": "b" }), None).await;
    let value = json!({
        "rate": "config://tenant/booking/dev/business/b/rate",
        "default": "config://global/booking/dev/business/b/rate",
        "window": "{{config:/services/booking/dev/business/b/window}}",
        "text": "{{config:/services/booking/dev/business/b/name}} takes {{config:/services/booking/dev/business/b/rate}}",
        "limits": ["{{config:/global/operational/idempotency/retentionSeconds}}"],
    });
    assert_eq!(make(&world, A, value, None).await.status, 200);
    write(&world, &admin(&world), B, json!({ "rate": 7 })).await;

    let of = async |tenant: &str| {
        let caller = world.caller(tenant, Role::TenantAdmin);
        read(&world, &caller, A).await.body["data"]["value"].clone()
    };
    let resolved = |rate: u32| json!({ "rate": rate, "default": 5, "window": { "seconds": 60 }, "text": format!("b takes {rate}"), "limits": [86_400] });
    assert_eq!(of("acme").await, resolved(7));
    assert_eq!(of("other").await, resolved(5));
    let internal = signed(&world, "/config/internal/v1/tenants/acme/documents/services.booking.dev.business.a").await;
    assert_eq!(internal.body["data"]["value"], resolved(7));
}

#[tokio::test]
async fn a_document_is_another_version_when_what_it_refers_to_changes() {
    let world = world().await;
    let admin = admin(&world);
    make(&world, B, json!({ "rate": 5 }), None).await;
    make(&world, A, json!({ "rate": "config://tenant/booking/dev/business/b/rate" }), None).await;
    let before = read(&world, &admin, A).await.header("etag").to_owned();
    assert!(before.starts_with("\"1-0."), "{before}");

    write(&world, &admin, B, json!({ "rate": 6 })).await;

    let after = world.ask("GET", A).by(&admin).header("if-none-match", &before).send().await;
    assert_eq!((after.status, &after.body["data"]["value"]["rate"]), (200, &json!(6)));
    assert_eq!(write(&world, &admin, A, json!({ "more": 1 })).await.status, 200);
}

#[tokio::test]
async fn a_resolved_value_must_satisfy_the_schema_like_any_other() {
    let world = world().await;
    make(&world, B, json!({ "base": 60_000, "tiny": 1 }), None).await;
    let refer = async |key: &str| {
        let value = json!({ "basePerTonne": format!("config://tenant/booking/dev/business/b/{key}") });
        write(&world, &admin(&world), PRICING, value).await
    };

    assert_eq!(pointers(&refer("tiny").await), ["/value/basePerTonne"]);
    let taken = refer("base").await;
    assert_eq!((taken.status, &taken.body["data"]["value"]["basePerTonne"]), (200, &json!(60_000)));
}

#[tokio::test]
async fn references_that_lead_nowhere_or_to_another_tenant_are_refused_by_their_place() {
    let world = world().await;
    make(&world, B, json!({ "rate": 5, "window": {} }), None).await;
    for text in [
        "config://tenant/booking/dev/business/b/nothing",
        "config://tenant/booking/dev/business/nothing/rate",
        "config://other/booking/dev/business/b/rate",
        "config://acme/booking/dev/business/b/rate",
        "config://tenant/booking/dev/business",
        "config://",
        "{{config:/acme/services/booking/dev/business/b/rate}}",
        "{{config:/services/booking/dev/business/b/rate",
        "a {{config:/services/booking/dev/business/b/window}}",
    ] {
        let answer = make(&world, A, json!({ "deep": [{ "a/b": text }] }), None).await;
        assert_eq!(answer.code(), "VALIDATION_ERROR", "{text}");
        assert_eq!(pointers(&answer), ["/value/deep/0/a~1b"], "{text}");
    }
}

#[tokio::test]
async fn references_in_a_circle_are_refused_when_the_circle_would_close() {
    let world = world().await;
    let itself = make(&world, A, json!({ "x": "config://tenant/booking/dev/business/a/x" }), None).await;
    assert_eq!(pointers(&itself), ["/value/x"]);
    let around = make(&world, A, json!({ "x": { "y": "config://tenant/booking/dev/business/a" } }), None).await;
    assert_eq!(pointers(&around), ["/value/x/y"]);

    make(&world, A, json!({ "x": 1 }), None).await;
    make(&world, B, json!({ "x": "config://tenant/booking/dev/business/a/x" }), None).await;
    make(&world, C, json!({ "x": "{{config:/services/booking/dev/business/b/x}}" }), None).await;
    let closing = write(&world, &admin(&world), A, json!({ "x": "config://tenant/global/operational/c/x" })).await;
    assert_eq!(pointers(&closing), ["/value/x"]);
    assert!(closing.body.to_string().contains("circle"), "{}", closing.body);
}

#[tokio::test]
async fn chains_and_crowds_of_references_end_where_the_rules_say() {
    let world = world().await;
    let chain: serde_json::Map<_, _> = (0..10)
        .map(|link| (format!("k{link}"), json!(format!("config://tenant/booking/dev/business/b/k{}", link + 1))))
        .chain([("k10".to_owned(), json!(1))])
        .collect();
    let refused = make(&world, B, chain.into(), None).await;
    assert_eq!(pointers(&refused), ["/value/k0", "/value/k1"]);

    make(&world, A, json!({ "text": "x".repeat(2_000), "one": 1 }), None).await;
    let crowd = |count: usize, key: &str| json!({ "all": vec![format!("config://tenant/booking/dev/business/a/{key}"); count] });
    assert_eq!(pointers(&make(&world, B, crowd(101, "one"), None).await), ["/value/all/100"]);
    assert_eq!(make(&world, B, crowd(40, "text"), None).await.code(), "VALIDATION_ERROR");
    assert_eq!(make(&world, B, crowd(100, "one"), None).await.status, 200);
}

#[tokio::test]
async fn a_reference_that_broke_later_is_named_at_the_read() {
    let world = world().await;
    let admin = admin(&world);
    make(&world, A, json!({}), None).await;
    make(&world, B, json!({}), None).await;
    write(&world, &admin, B, json!({ "rate": 5 })).await;
    write(&world, &admin, A, json!({ "rate": "config://tenant/booking/dev/business/b/rate" })).await;

    delete(&world, &admin, B).await;

    let broken = read(&world, &admin, A).await;
    assert_eq!((broken.code(), pointers(&broken)), ("REFERENCE_BROKEN", vec!["/value/rate"]));
    let body = json!({ "value": { "rate": 6 }, "reason": "mended" });
    let mended = world.ask("PUT", A).by(&admin).header("if-match", "\"1-1\"").json(&body).send().await;
    assert_eq!(mended.status, 200);
}

#[tokio::test]
async fn the_rules_of_references_hold_none_themselves() {
    let world = world().await;
    let rules = "/config/v1/documents/global.operational.configuration";
    let platform = platform(&world);
    let mut value = read(&world, &platform, rules).await.body["data"]["value"].clone();
    value["maxAgeSeconds"] = json!("{{config:/global/operational/idempotency/retentionSeconds}}");

    assert_eq!(pointers(&write(&world, &platform, rules, value).await), ["/value"]);
}
