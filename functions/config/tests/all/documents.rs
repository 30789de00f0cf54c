//! GET, PUT /config/v1/documents/{document}

use policy::Role;
use serde_json::json;

use crate::{CORS, PRICING, admin, read, world, write};

#[tokio::test]
async fn a_tenant_sees_the_platforms_defaults_until_it_overrides_them_key_by_key() {
    let world = world().await;
    let admin = admin(&world);

    let before = read(&world, &admin, PRICING).await;
    assert_eq!((before.status, before.header("etag")), (200, "\"1-0\""));
    assert_eq!(before.body["data"]["value"]["basePerTonne"], 50_000);

    let written = write(&world, &admin, PRICING, json!({ "materialMultipliers": { "coal": 1.25 } })).await;
    assert_eq!((written.status, written.header("etag")), (200, "\"1-1\""));
    let value = &read(&world, &admin, PRICING).await.body["data"]["value"];
    assert_eq!(value["materialMultipliers"]["coal"], 1.25);
    assert_eq!(value["materialMultipliers"]["iron_ore"], 1.1);
    assert_eq!(value["basePerTonne"], 50_000);

    let other = world.caller("other", Role::TenantAdmin);
    assert_eq!(read(&world, &other, PRICING).await.body, before.body);
}

#[tokio::test]
async fn the_platforms_defaults_reach_every_tenant_that_does_not_override_them() {
    let world = world().await;
    let platform = world.caller(policy::PLATFORM_TENANT, Role::SystemAdmin);
    write(&world, &admin(&world), PRICING, json!({ "basePerTonne": 60_000 })).await;
    let mut value = read(&world, &platform, PRICING).await.body["data"]["value"].clone();
    value["basePerTonne"] = json!(70_000);
    value["perTonneKilometre"] = json!(2_000);

    assert_eq!(write(&world, &platform, PRICING, value).await.status, 200);

    let acme = read(&world, &admin(&world), PRICING).await;
    assert_eq!(acme.body["data"]["version"], "2-1");
    assert_eq!(acme.body["data"]["value"]["basePerTonne"], 60_000);
    assert_eq!(acme.body["data"]["value"]["perTonneKilometre"], 2_000);
}

#[tokio::test]
async fn a_value_outside_its_schema_is_refused_with_every_issue() {
    let world = world().await;

    let answer =
        write(&world, &admin(&world), PRICING, json!({ "basePerTonne": 1, "surgeMultiplier": 3, "colour": "red" }))
            .await;

    assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
    let issues = answer.body["error"]["details"]["issues"].as_array().expect("issues");
    let places: Vec<_> = issues.iter().map(|issue| issue["pointer"].as_str().expect("a pointer")).collect();
    assert_eq!(places, ["/value/basePerTonne", "/value/colour", "/value/surgeMultiplier"]);
    assert_eq!(read(&world, &admin(&world), PRICING).await.header("etag"), "\"1-0\"");
}

#[tokio::test]
async fn of_two_changes_of_one_version_exactly_one_wins() {
    let world = world().await;
    let admin = admin(&world);
    let change = |base: u32| {
        let body = json!({ "value": { "basePerTonne": base }, "reason": "a race" });
        world.ask("PUT", PRICING).by(&admin).header("if-match", "\"1-0\"").json(&body).send()
    };

    let (one, other) = tokio::join!(change(60_000), change(70_000));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(change(80_000).await.code(), "VERSION_CHANGED");
    let versions = read(&world, &admin, &format!("{PRICING}/versions")).await;
    assert_eq!(versions.body["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_change_names_its_version_its_reason_and_a_proper_ticket() {
    let world = world().await;
    let admin = admin(&world);
    let ask = |body: serde_json::Value| world.ask("PUT", PRICING).by(&admin).json(&body);

    let fine = json!({ "value": {}, "reason": "a test" });
    assert_eq!(ask(fine.clone()).send().await.code(), "VALIDATION_ERROR");
    assert_eq!(ask(fine).header("if-match", "1-0").send().await.code(), "VALIDATION_ERROR");
    for body in [
        json!({ "value": {} }),
        json!({ "value": {}, "reason": "x" }),
        json!({ "value": {}, "reason": "a test", "changeTicket": "CHG-1" }),
        json!({ "reason": "a test" }),
    ] {
        let answer = ask(body.clone()).header("if-match", "\"1-0\"").send().await;
        assert_eq!(answer.code(), "VALIDATION_ERROR", "{body}");
    }
}

#[tokio::test]
async fn a_value_with_a_key_twice_is_refused() {
    let world = world().await;
    let body = r#"{"value":{"basePerTonne":60000,"basePerTonne":70000},"reason":"a test"}"#;

    let ask = world.ask("PUT", PRICING).by(&admin(&world)).header("if-match", "\"1-0\"");
    let answer = ask.body("application/json", body).send().await;

    assert_eq!((answer.status, answer.code()), (400, "INVALID_JSON"));
}

#[tokio::test]
async fn the_history_tells_who_changed_what_and_why_newest_first() {
    let world = world().await;
    let admin = admin(&world);
    for base in [60_000, 70_000, 80_000] {
        write(&world, &admin, PRICING, json!({ "basePerTonne": base })).await;
    }

    let page = read(&world, &admin, &format!("{PRICING}/versions?pageSize=2")).await;
    let numbers: Vec<_> = page.body["data"].as_array().expect("versions").iter().map(|v| v["number"].clone()).collect();
    assert_eq!(numbers, [3, 2]);
    assert_eq!(page.body["data"][0]["author"], "acme-tenant_admin");
    assert_eq!(page.body["data"][0]["reason"], "a test");
    assert_eq!(page.body["data"][0]["value"], json!({ "basePerTonne": 80_000 }));
    let cursor = page.body["pagination"]["nextCursor"].as_str().expect("a cursor");
    let rest = read(&world, &admin, &format!("{PRICING}/versions?pageSize=2&cursor={cursor}")).await;
    assert_eq!(rest.body["data"][0]["number"], 1);
    assert!(rest.body["pagination"]["nextCursor"].is_null());
}

#[tokio::test]
async fn only_administrators_see_the_configuration() {
    let world = world().await;
    for role in [Role::Shipper, Role::Driver, Role::FleetOwner] {
        assert_eq!(read(&world, &world.caller("acme", role), CORS).await.code(), "FORBIDDEN");
    }
    assert_eq!(read(&world, &world.stranger(), CORS).await.code(), "UNAUTHORIZED");
}

#[tokio::test]
async fn a_listed_origin_is_let_in_and_a_removed_one_no_longer() {
    let world = world().await;
    let admin = admin(&world);
    let preflight = async || {
        let ask = world.ask("OPTIONS", CORS).header("origin", "https://app.example");
        let answer = ask.header("access-control-request-method", "PUT").send().await;
        answer.header("access-control-allow-origin").to_owned()
    };

    assert_eq!(preflight().await, "");
    write(&world, &admin, CORS, json!({ "origins": ["https://app.example"] })).await;
    assert_eq!(preflight().await, "https://app.example");
    write(&world, &admin, CORS, json!({ "origins": [] })).await;
    assert_eq!(preflight().await, "");
}
