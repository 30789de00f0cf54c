//! Schemas: who may give them, what they must be, and what they may not break.

use serde_json::{Value, json};
use testing::Answer;

use crate::{PRICING, admin, make, platform, pointers, read, roll_back, rollback_token, world, write};

const NEW: &str = "/config/v1/documents/services.tracking.dev.technical.positions";

#[tokio::test]
async fn the_platform_makes_a_new_document_with_its_schema_and_tenants_override_it() {
    let world = world().await;
    let schema = json!({ "type": "object", "properties": { "seconds": { "type": "integer", "minimum": 1 } } });

    let made = make(&world, NEW, json!({ "seconds": 30 }), Some(schema)).await;
    assert_eq!((made.status, made.header("etag")), (200, "\"1-0\""));
    assert!(made.body["data"]["rollbackToken"].is_null());
    assert_eq!(pointers(&write(&world, &admin(&world), NEW, json!({ "seconds": 0 })).await), ["/value/seconds"]);
    assert_eq!(write(&world, &admin(&world), NEW, json!({ "seconds": 5 })).await.status, 200);
    assert_eq!(make(&world, NEW, json!({}), None).await.code(), "VERSION_CHANGED");
}

#[tokio::test]
async fn a_new_document_needs_a_schema_and_a_tenant_cannot_give_one() {
    let world = world().await;
    let ask = async |caller, path: &str, body: Value| -> Answer {
        world.ask("PUT", path).by(&caller).header("if-match", "\"0-0\"").json(&body).send().await
    };
    let bare = json!({ "value": {}, "reason": "a test" });
    let with_schema = json!({ "value": {}, "schema": {}, "reason": "a test" });

    assert_eq!(ask(platform(&world), NEW, bare.clone()).await.code(), "DOCUMENT_NOT_FOUND");
    assert_eq!(ask(admin(&world), NEW, bare).await.code(), "DOCUMENT_NOT_FOUND");
    assert_eq!(ask(admin(&world), NEW, with_schema.clone()).await.code(), "SCHEMA_RESERVED");
    assert_eq!(ask(admin(&world), PRICING, with_schema).await.code(), "SCHEMA_RESERVED");
}

#[tokio::test]
async fn a_schema_in_a_circle_or_with_a_mistake_is_refused_by_its_place() {
    let world = world().await;
    for (schema, pointer) in [
        (json!({ "$ref": "#" }), "/schema/$ref"),
        (
            json!({ "properties": { "a": { "$ref": "#/$defs/a" } }, "$defs": { "a": { "$ref": "#/$defs/a" } } }),
            "/schema/$defs/a/$ref",
        ),
        (json!({ "$ref": "https://schemas.example/x" }), "/schema/$ref"),
        (json!({ "minimum": "much" }), "/schema/minimum"),
    ] {
        let answer = make(&world, NEW, json!({}), Some(schema.clone())).await;
        assert_eq!(answer.code(), "VALIDATION_ERROR", "{schema}");
        assert!(pointers(&answer).contains(&pointer), "{schema}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_schema_cannot_let_in_what_the_running_services_cannot_read() {
    let world = world().await;
    let platform = platform(&world);
    let before = read(&world, &platform, PRICING).await;
    let change = async |value: Value| {
        let body = json!({ "value": value, "schema": { "type": "object" }, "reason": "anything goes" });
        let ask = world.ask("PUT", PRICING).by(&platform).header("if-match", before.header("etag"));
        ask.json(&body).send().await
    };
    let mut wrong = before.body["data"]["value"].clone();
    wrong["basePerTonne"] = json!("a lot");

    let refused = change(wrong).await;
    assert_eq!(pointers(&refused), ["/value/basePerTonne"]);
    assert!(refused.body.to_string().contains("services that read it"), "{}", refused.body);

    assert_eq!(change(before.body["data"]["value"].clone()).await.status, 200);
    let tenant = write(&world, &admin(&world), PRICING, json!({ "surgeMultiplier": 9 })).await;
    assert_eq!(pointers(&tenant), ["/value/surgeMultiplier"]);
}

#[tokio::test]
async fn the_platform_cannot_change_a_document_so_that_what_a_tenant_set_breaks() {
    let world = world().await;
    let platform = platform(&world);
    let schema = |least: u32| json!({ "properties": { "seconds": { "type": "integer", "minimum": least } } });
    make(&world, NEW, json!({ "seconds": 30 }), Some(schema(10))).await;
    let change = async |etag: &str, least: u32| {
        let body = json!({ "value": { "seconds": 30 }, "schema": schema(least), "reason": "a test" });
        world.ask("PUT", NEW).by(&platform).header("if-match", etag).json(&body).send().await
    };
    let widened = change("\"1-0\"", 1).await;
    write(&world, &admin(&world), NEW, json!({ "seconds": 5 })).await;

    let refused = change("\"2-0\"", 6).await;
    assert_eq!((refused.status, refused.code()), (422, "BREAKS_OVERRIDES"));
    assert_eq!(refused.body["error"]["details"]["tenants"][0]["tenant"], "acme");
    assert_eq!(refused.body["error"]["details"]["tenants"][0]["issues"][0]["pointer"], "/value/seconds");
    let undone = roll_back(&world, &platform, NEW, &rollback_token(&widened)).await;
    assert_eq!(undone.code(), "BREAKS_OVERRIDES");
    assert_eq!(change("\"2-0\"", 5).await.status, 200);
}

#[tokio::test]
async fn of_an_override_and_a_change_under_it_at_the_same_moment_exactly_one_stands() {
    let world = world().await;
    let (platform, admin) = (platform(&world), admin(&world));
    let schema = |least: u32| json!({ "properties": { "seconds": { "type": "integer", "minimum": least } } });

    for round in 0..10 {
        let path = format!("{NEW}-{round}");
        make(&world, &path, json!({ "seconds": 30 }), Some(schema(1))).await;
        // With one before, both writes are of records that are there.
        write(&world, &admin, &path, json!({ "seconds": 20 })).await;
        let change = json!({ "value": { "seconds": 30 }, "schema": schema(10), "reason": "a test" });
        let override_ = json!({ "value": { "seconds": 5 }, "reason": "a test" });
        let (changed, overridden) = tokio::join!(
            world.ask("PUT", &path).by(&platform).header("if-match", "\"1-0\"").json(&change).send(),
            world.ask("PUT", &path).by(&admin).header("if-match", "\"1-1\"").json(&override_).send(),
        );

        let statuses = (changed.status, overridden.status);
        assert!(matches!(statuses, (200, 400 | 409) | (409 | 422, 200)), "{} {}", changed.body, overridden.body);
    }
}

#[tokio::test]
async fn a_document_of_ten_megabytes_is_refused_before_it_is_read() {
    let world = world().await;
    let body = json!({ "value": { "text": "x".repeat(10 * 1024 * 1024) }, "reason": "a test" });

    let answer = world.ask("PUT", PRICING).by(&admin(&world)).header("if-match", "\"1-0\"").json(&body).send().await;

    assert_eq!((answer.status, answer.code()), (413, "PAYLOAD_TOO_LARGE"));
    assert!(answer.body.to_string().contains("65536"), "{}", answer.body);
}
