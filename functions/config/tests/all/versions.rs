//! GET …/versions/{number}, POST …/rollbacks, DELETE: nothing that was written is lost, and everything can be undone.

use policy::Role;
use serde_json::json;

use crate::{CORS, PRICING, admin, delete, platform, read, roll_back, rollback_token, world, write};

#[tokio::test]
async fn one_version_is_read_by_its_number() {
    let world = world().await;
    let admin = admin(&world);
    write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;
    write(&world, &admin, PRICING, json!({ "basePerTonne": 70_000 })).await;

    let first = read(&world, &admin, &format!("{PRICING}/versions/1")).await;
    assert_eq!(first.body["data"]["value"], json!({ "basePerTonne": 60_000 }));
    assert_eq!(first.body["data"]["author"], "acme-tenant_admin");
    assert_eq!(read(&world, &admin, &format!("{PRICING}/versions/3")).await.code(), "VERSION_NOT_FOUND");
    assert_eq!(read(&world, &admin, &format!("{PRICING}/versions/x")).await.code(), "VALIDATION_ERROR");

    let other = world.caller("other", Role::TenantAdmin);
    assert_eq!(read(&world, &other, &format!("{PRICING}/versions/1")).await.code(), "VERSION_NOT_FOUND");
}

#[tokio::test]
async fn the_answer_says_what_the_tenant_itself_set() {
    let world = world().await;
    let admin = admin(&world);
    assert_eq!(read(&world, &admin, PRICING).await.body["data"]["own"], json!({}));

    write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;

    assert_eq!(read(&world, &admin, PRICING).await.body["data"]["own"], json!({ "basePerTonne": 60_000 }));
}

#[tokio::test]
async fn a_known_version_is_answered_without_a_body() {
    let world = world().await;
    let admin = admin(&world);
    let etag = read(&world, &admin, PRICING).await.header("etag").to_owned();
    let known = async |etag: &str| world.ask("GET", PRICING).by(&admin).header("if-none-match", etag).send().await;

    let unchanged = known(&etag).await;
    assert_eq!((unchanged.status, unchanged.bytes.len(), unchanged.header("etag")), (304, 0, etag.as_str()));
    assert_eq!(known(&format!("\"9-9\", W/{etag}")).await.status, 304);

    write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;
    assert_eq!(known(&etag).await.status, 200);
}

#[tokio::test]
async fn a_rollback_brings_back_what_was_before_and_the_history_keeps_both() {
    let world = world().await;
    let admin = admin(&world);
    write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;
    let mistake = write(&world, &admin, PRICING, json!({ "basePerTonne": 70_000 })).await;

    let undone = roll_back(&world, &admin, PRICING, &rollback_token(&mistake)).await;

    assert_eq!((undone.status, undone.header("etag")), (200, "\"1-3\""));
    assert_eq!(undone.body["data"]["value"]["basePerTonne"], 60_000);
    let history = read(&world, &admin, &format!("{PRICING}/versions")).await;
    let actions: Vec<_> = history.body["data"].as_array().unwrap().iter().map(|version| &version["action"]).collect();
    assert_eq!(actions, ["rollback", "update", "update"]);

    let again = roll_back(&world, &admin, PRICING, &rollback_token(&undone)).await;
    assert_eq!(again.body["data"]["value"]["basePerTonne"], 70_000);
}

#[tokio::test]
async fn a_rollback_of_the_first_override_leaves_the_platforms_value() {
    let world = world().await;
    let admin = admin(&world);
    let first = write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;

    let undone = roll_back(&world, &admin, PRICING, &rollback_token(&first)).await;

    assert_eq!(undone.body["data"]["value"]["basePerTonne"], 50_000);
    assert_eq!(read(&world, &admin, PRICING).await.body["data"]["own"], json!({}));
}

#[tokio::test]
async fn a_rollback_token_is_good_once_and_only_while_nothing_follows() {
    let world = world().await;
    let admin = admin(&world);
    let first = rollback_token(&write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await);
    let second = rollback_token(&write(&world, &admin, PRICING, json!({ "basePerTonne": 70_000 })).await);

    assert_eq!(roll_back(&world, &admin, PRICING, &first).await.code(), "VERSION_CHANGED");
    let (one, other) =
        tokio::join!(roll_back(&world, &admin, PRICING, &second), roll_back(&world, &admin, PRICING, &second));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(roll_back(&world, &admin, PRICING, &second).await.code(), "VERSION_CHANGED");
}

#[tokio::test]
async fn a_rollback_token_of_another_document_or_tenant_is_refused() {
    let world = world().await;
    let token = rollback_token(&write(&world, &admin(&world), PRICING, json!({})).await);
    let other = world.caller("other", Role::TenantAdmin);
    write(&world, &admin(&world), CORS, json!({})).await;
    write(&world, &other, PRICING, json!({})).await;

    for (caller, path) in [(&admin(&world), CORS), (&other, PRICING)] {
        assert_eq!(roll_back(&world, caller, path, &token).await.code(), "ROLLBACK_TOKEN_INVALID");
    }
    assert_eq!(roll_back(&world, &admin(&world), PRICING, "made-up").await.code(), "ROLLBACK_TOKEN_INVALID");
}

#[tokio::test]
async fn a_deleted_document_falls_back_to_the_platforms_and_its_history_stays() {
    let world = world().await;
    let admin = admin(&world);
    write(&world, &admin, PRICING, json!({ "basePerTonne": 60_000 })).await;

    let deleted = delete(&world, &admin, PRICING).await;

    assert_eq!((deleted.status, deleted.header("etag")), (200, "\"1-2\""));
    assert_eq!(read(&world, &admin, PRICING).await.body["data"]["value"]["basePerTonne"], 50_000);
    assert_eq!(delete(&world, &admin, PRICING).await.code(), "NOT_OVERRIDDEN");
    assert_eq!(read(&world, &admin, &format!("{PRICING}/versions/2")).await.body["data"]["deleted"], true);
    let back = roll_back(&world, &admin, PRICING, &rollback_token(&deleted)).await;
    assert_eq!(back.body["data"]["value"]["basePerTonne"], 60_000);
    let written = write(&world, &admin, PRICING, json!({ "basePerTonne": 80_000 })).await;
    assert_eq!(written.header("etag"), "\"1-4\"");
}

#[tokio::test]
async fn a_deleted_list_of_origins_lets_none_of_them_in() {
    let world = world().await;
    let admin = admin(&world);
    write(&world, &admin, CORS, json!({ "origins": ["https://app.example"] })).await;
    delete(&world, &admin, CORS).await;

    let ask = world.ask("OPTIONS", CORS).header("origin", "https://app.example");
    let answer = ask.header("access-control-request-method", "PUT").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn the_platforms_own_documents_cannot_be_deleted_but_their_changes_undone() {
    let world = world().await;
    let platform = platform(&world);
    assert_eq!(delete(&world, &platform, PRICING).await.code(), "PLATFORM_DEFAULT");

    let mut value = read(&world, &platform, PRICING).await.body["data"]["value"].clone();
    value["basePerTonne"] = json!(70_000);
    let changed = write(&world, &platform, PRICING, value).await;
    let undone = roll_back(&world, &platform, PRICING, &rollback_token(&changed)).await;

    assert_eq!((undone.status, undone.header("etag")), (200, "\"3-0\""));
    assert_eq!(read(&world, &admin(&world), PRICING).await.body["data"]["value"]["basePerTonne"], 50_000);
}
