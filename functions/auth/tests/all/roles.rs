//! `/auth/v1/roles`

use serde_json::{Value, json};

use crate::office::{Office, PASSWORD, bearer, refresh_token};
use crate::tokens::claims;

const NONE: &Value = &Value::Null;

fn desk(permissions: &[&str]) -> Value {
    json!({ "name": "night-desk", "description": "Answers at night", "permissions": permissions })
}

#[tokio::test]
async fn a_role_of_the_tenants_own_adds_its_permissions_to_tokens_and_takes_them_away() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let created =
        office.send(&admin, "POST", "/auth/v1/roles", &desk(&["user:read", "booking:read", "user:read"])).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["data"]["permissions"], json!(["booking:read", "user:read"]));
    let ravi = office.joined(&admin, "ravi@acme.example", &["driver"]).await;
    let path = format!("/auth/v1/users/{ravi}/roles");
    let given = office.send(&admin, "PUT", &path, &json!({ "roles": ["driver", "night-desk"] })).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let login = office.log_in("ravi@acme.example", PASSWORD).await;
    let mut token = refresh_token(&login);
    let mut permissions = async || {
        let answer = office.refresh(&token).await;
        token = refresh_token(&answer);
        claims(&bearer(answer.body["data"]["accessToken"].as_str().unwrap())).permissions
    };

    assert_eq!(permissions().await, ["booking:read", "trip:read:assigned", "trip:update:assigned", "user:read"]);
    let update = json!({ "description": "Answers", "permissions": ["fleet:read"] });
    assert_eq!(office.send(&admin, "PUT", "/auth/v1/roles/night-desk", &update).await.status, 200);
    assert_eq!(permissions().await, ["fleet:read", "trip:read:assigned", "trip:update:assigned"]);
    assert_eq!(office.send(&admin, "DELETE", "/auth/v1/roles/night-desk", NONE).await.status, 204);
    assert_eq!(permissions().await, ["trip:read:assigned", "trip:update:assigned"]);

    let again = office.send(&admin, "POST", "/auth/v1/roles", &desk(&["config:update"])).await;
    assert_eq!((again.status, again.code()), (409, "ROLE_EXISTS"), "whoever had the old one must not get the new one");
    for (method, body) in [("PUT", &update), ("DELETE", NONE)] {
        assert_eq!(office.send(&admin, method, "/auth/v1/roles/night-desk", body).await.code(), "ROLE_NOT_FOUND");
    }
}

#[tokio::test]
async fn nobody_passes_on_what_no_role_of_the_house_allows() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    for (permissions, status, code) in [
        (vec!["tenant:delete"], 422, "UNKNOWN_PERMISSION"),
        (vec!["booking:read", "booking:read:all"], 422, "UNKNOWN_PERMISSION"),
        (vec!["*:*"], 400, "VALIDATION_ERROR"),
        (vec![], 400, "VALIDATION_ERROR"),
    ] {
        let refused = office.send(&admin, "POST", "/auth/v1/roles", &desk(&permissions)).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{permissions:?}");
    }
}

#[tokio::test]
async fn a_role_of_the_house_is_nobodys_to_define() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    for name in ["system_admin", "tenant_admin", "shipper"] {
        let mut role = desk(&["booking:read"]);
        role["name"] = json!(name);
        let refused = office.send(&admin, "POST", "/auth/v1/roles", &role).await;
        assert_eq!((refused.status, refused.code()), (409, "ROLE_EXISTS"), "{name}");
        let path = format!("/auth/v1/roles/{name}");
        assert_eq!(office.send(&admin, "DELETE", &path, NONE).await.code(), "ROLE_NOT_FOUND");
    }
}

#[tokio::test]
async fn administrators_see_the_roles_of_the_house_and_their_own_and_nobody_elses() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    office.send(&admin, "POST", "/auth/v1/roles", &desk(&["booking:read"])).await;
    office.create_tenant("other", "admin@other.example").await;
    let other = office.logged_in("admin@other.example").await;

    let mine = office.send(&admin, "GET", "/auth/v1/roles", NONE).await;
    let theirs = office.send(&other, "GET", "/auth/v1/roles", NONE).await;

    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&mine.body["data"]["house"]), ["driver", "fleet_owner", "shipper", "tenant_admin"]);
    assert_eq!(names(&mine.body["data"]["own"]), ["night-desk"]);
    assert!(names(&theirs.body["data"]["own"]).is_empty());
    let path = "/auth/v1/roles/night-desk";
    assert_eq!(office.send(&other, "DELETE", path, NONE).await.code(), "ROLE_NOT_FOUND");
}
