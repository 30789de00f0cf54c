//! `/auth/v1/users`: how administrators see people, shut them out, let them in, and change their roles

use serde_json::{Value, json};
use testing::{Answer, Caller};

use crate::device::enrolled;
use crate::office::{Office, PASSWORD, refresh_token};
use crate::tokens::claims;

const NONE: &Value = &Value::Null;
const NOBODY: &str = "00000000000000000000000000000000";

async fn suspend(office: &Office, by: &Caller, id: &str) -> Answer {
    office.send(by, "POST", &format!("/auth/v1/users/{id}/suspension"), NONE).await
}

async fn reactivate(office: &Office, by: &Caller, id: &str) -> Answer {
    office.send(by, "POST", &format!("/auth/v1/users/{id}/reactivation"), NONE).await
}

async fn give(office: &Office, by: &Caller, id: &str, roles: &[&str]) -> Answer {
    office.send(by, "PUT", &format!("/auth/v1/users/{id}/roles"), &json!({ "roles": roles })).await
}

/// An office, its administrator, and a shipper's id.
async fn office() -> (Office, Caller, String) {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    office.world.advance(1);
    let ravi = office.joined(&admin, "ravi@acme.example", &["shipper"]).await;
    (office, admin, ravi)
}

#[tokio::test]
async fn administrators_list_their_people_and_no_secret_of_them() {
    let (office, admin, ravi) = office().await;
    office.create_tenant("other", "admin@other.example").await;

    let first = office.send(&admin, "GET", "/auth/v1/users?pageSize=1", NONE).await;
    let cursor = first.body["pagination"]["nextCursor"].as_str().unwrap();
    let path = format!("/auth/v1/users?pageSize=1&cursor={cursor}");
    let second = office.send(&admin, "GET", &path, NONE).await;

    assert_eq!(first.body["data"][0]["userId"], ravi, "newest first");
    assert_eq!(second.body["data"][0]["email"], "admin@acme.example");
    let all = office.send(&admin, "GET", "/auth/v1/users", NONE).await;
    assert_eq!(all.body["data"].as_array().unwrap().len(), 2, "nobody of another tenant");
    let names: Vec<_> = all.body["data"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["createdAt", "email", "multiFactor", "name", "roles", "status", "userId"]);
}

#[tokio::test]
async fn a_person_is_seen_by_themselves_and_by_their_administrators_and_by_nobody_else() {
    let (office, admin, ravi) = office().await;
    office.joined(&admin, "asha@acme.example", &["driver"]).await;
    office.create_tenant("other", "admin@other.example").await;
    let path = format!("/auth/v1/users/{ravi}");

    for (email, status) in [
        ("admin@acme.example", 200),
        ("ravi@acme.example", 200),
        ("asha@acme.example", 404),
        ("admin@other.example", 404),
    ] {
        let caller = office.logged_in(email).await;
        assert_eq!(office.send(&caller, "GET", &path, NONE).await.status, status, "{email}");
    }
}

#[tokio::test]
async fn only_administrators_of_the_very_tenant_change_people() {
    let (office, admin, ravi) = office().await;
    office.create_tenant("other", "admin@other.example").await;
    let shipper = office.logged_in("ravi@acme.example").await;
    let other = office.logged_in("admin@other.example").await;
    assert_eq!(suspend(&office, &admin, NOBODY).await.code(), "USER_NOT_FOUND");

    for (caller, status) in [(&shipper, 403), (&other, 404), (&office.world.stranger(), 401)] {
        assert_eq!(suspend(&office, caller, &ravi).await.status, status);
        assert_eq!(reactivate(&office, caller, &ravi).await.status, status);
        assert_eq!(give(&office, caller, &ravi, &["tenant_admin"]).await.status, status);
    }
}

#[tokio::test]
async fn whoever_is_suspended_is_out_at_once_and_looks_like_nobody() {
    let (office, admin, ravi) = office().await;
    let session = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);

    let suspended = suspend(&office, &admin, &ravi).await;

    assert_eq!((suspended.status, &suspended.body["data"]["status"]), (200, &json!("suspended")));
    assert_eq!(office.refresh(&session).await.code(), "INVALID_REFRESH_TOKEN");
    let right = office.log_in("ravi@acme.example", PASSWORD).await;
    let unknown = office.log_in("nobody@acme.example", PASSWORD).await;
    assert_eq!((right.status, right.bytes), (401, unknown.bytes));
    office.ask_reset("ravi@acme.example").await;
    assert!(office.told("password.reset_requested").await.is_empty());
    assert_eq!(suspend(&office, &admin, &ravi).await.code(), "ALREADY_SUSPENDED");
    assert_eq!(office.told("user.suspended").await, [json!({ "userId": ravi })]);

    assert_eq!(reactivate(&office, &admin, &ravi).await.body["data"]["status"], "active");
    assert_eq!(reactivate(&office, &admin, &ravi).await.code(), "NOT_SUSPENDED");
    assert_eq!(office.refresh(&session).await.status, 401, "what ended stays ended");
    assert_eq!(office.log_in("ravi@acme.example", PASSWORD).await.status, 200);
    assert_eq!(office.told("user.reactivated").await.len(), 1);
}

#[tokio::test]
async fn other_roles_take_effect_with_the_next_refresh() {
    let (office, admin, ravi) = office().await;
    let session = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);

    let given = give(&office, &admin, &ravi, &["fleet_owner", "driver", "driver"]).await;

    assert_eq!(given.body["data"]["roles"], json!(["driver", "fleet_owner"]), "{}", given.body);
    let refreshed = office.refresh(&session).await;
    let caller = crate::office::bearer(refreshed.body["data"]["accessToken"].as_str().unwrap());
    assert_eq!(claims(&caller).roles, ["driver", "fleet_owner"]);
    assert_eq!(
        claims(&caller).permissions,
        ["booking:read", "fleet:read", "fleet:update", "trip:read:assigned", "trip:update:assigned"]
    );
    let told = office.told("user.roles_changed").await;
    assert_eq!(told, [json!({ "userId": ravi, "roles": ["driver", "fleet_owner"] })]);
    for unknown in ["system_admin", "night-desk"] {
        let refused = give(&office, &admin, &ravi, &[unknown]).await;
        assert_eq!((refused.status, refused.code()), (422, "UNKNOWN_ROLE"));
    }
}

#[tokio::test]
async fn the_last_administrator_can_neither_leave_nor_be_shut_out() {
    let (office, admin, ravi) = office().await;
    let me = claims(&admin).sub;

    assert_eq!(suspend(&office, &admin, &me).await.code(), "LAST_ADMINISTRATOR");
    assert_eq!(give(&office, &admin, &me, &["shipper"]).await.code(), "LAST_ADMINISTRATOR");
    assert_eq!(give(&office, &admin, &ravi, &["tenant_admin"]).await.status, 200);
    assert_eq!(suspend(&office, &admin, &ravi).await.status, 200);
    assert_eq!(give(&office, &admin, &me, &["shipper"]).await.code(), "LAST_ADMINISTRATOR", "a suspended one is none");
    assert_eq!(reactivate(&office, &admin, &ravi).await.status, 200);
    assert_eq!(give(&office, &admin, &me, &["shipper"]).await.status, 200);
    let ravis = office.logged_in("ravi@acme.example").await;
    assert_eq!(suspend(&office, &ravis, &ravi).await.code(), "LAST_ADMINISTRATOR");
}

#[tokio::test]
async fn two_administrators_who_dismiss_each_other_at_the_same_moment_leave_one() {
    let (office, admin, ravi) = office().await;
    let me = claims(&admin).sub;
    assert_eq!(give(&office, &admin, &ravi, &["tenant_admin"]).await.status, 200);
    let other = office.logged_in("ravi@acme.example").await;

    let (one, two) = tokio::join!(suspend(&office, &admin, &ravi), give(&office, &other, &me, &["driver"]));

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let left = if one.status == 200 { &admin } else { &other };
    let people = office.send(left, "GET", "/auth/v1/users", NONE).await;
    let people = people.body["data"].as_array().unwrap();
    let runs = |person: &&Value| person["status"] == "active" && person["roles"] == json!(["tenant_admin"]);
    assert_eq!(people.iter().filter(runs).count(), 1);
}

#[tokio::test]
async fn in_a_tenant_that_kept_no_number_yet_administrators_are_counted() {
    let (office, admin, ravi) = office().await;
    let client = aws_sdk_dynamodb::Client::new(&office.world.aws.sdk_config());
    let kept = office.kept().await;
    let number = kept.iter().find(|item| crate::office::text(item, "pk") == "acme#administrators#count").unwrap();
    let delete = client.delete_item().table_name(office.world.platform.cloud.name("auth"));
    delete.key("pk", number["pk"].clone()).key("sk", number["sk"].clone()).send().await.unwrap();

    assert_eq!(suspend(&office, &admin, &claims(&admin).sub).await.code(), "LAST_ADMINISTRATOR");
    assert_eq!(give(&office, &admin, &ravi, &["tenant_admin"]).await.status, 200);
    assert_eq!(suspend(&office, &admin, &claims(&admin).sub).await.status, 200);
}

#[tokio::test]
async fn an_administrator_takes_a_lost_second_factor_away_and_sessions_end_with_it() {
    let (office, admin, ravi) = office().await;
    let login = office.log_in("ravi@acme.example", PASSWORD).await;
    let caller = crate::office::bearer(login.body["data"]["accessToken"].as_str().unwrap());
    let path = format!("/auth/v1/users/{ravi}/multi-factor");
    assert_eq!(office.send(&admin, "DELETE", &path, NONE).await.code(), "MULTI_FACTOR_OFF");
    enrolled(&office, &caller).await;
    assert_eq!(office.send(&caller, "DELETE", &path, NONE).await.status, 403, "nobody takes away their own like this");

    assert_eq!(office.send(&admin, "DELETE", &path, NONE).await.status, 204);

    assert_eq!(office.refresh(&refresh_token(&login)).await.status, 401);
    assert!(office.log_in("ravi@acme.example", PASSWORD).await.body["data"]["accessToken"].is_string());
}
