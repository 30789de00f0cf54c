//! `POST /auth/v1/tenants`

use serde_json::json;

use crate::office::{Office, PASSWORD, tenant};

#[tokio::test]
async fn whoever_creates_a_tenant_administers_it() {
    let office = Office::open().await;

    let answer = office.create_tenant("acme", "Admin@Acme.Example").await;

    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.body["data"]["tenantId"], "acme");
    let admin = office.logged_in("admin@acme.EXAMPLE").await;
    let user = crate::office::user("ravi@acme.example", &["shipper"]);
    assert_eq!(office.register(&admin, &user).await.status, 201);
}

#[tokio::test]
async fn a_tenant_that_is_there_is_refused_in_the_same_words_whoever_asks_and_leaves_nothing_behind() {
    let office = Office::with_acme().await;
    let before = office.kept().await.len();

    let by_stranger = office.create_tenant("acme", "other@acme.example").await;
    let by_its_admin = office.create_tenant("acme", "ADMIN@acme.example").await;

    assert_eq!((by_stranger.status, by_stranger.code()), (409, "TENANT_EXISTS"));
    assert_eq!((by_its_admin.status, &by_its_admin.bytes), (409, &by_stranger.bytes));
    assert_eq!(office.kept().await.len(), before);
}

#[tokio::test]
async fn a_new_tenant_is_not_told_whose_an_address_is_in_another() {
    let office = Office::with_acme().await;

    let known = office.create_tenant("first", "ADMIN@acme.example").await;
    let unknown = office.create_tenant("second", "nobody@acme.example").await;

    assert_eq!((known.status, unknown.status), (201, 201), "{}", known.body);
}

#[tokio::test]
async fn the_platform_is_nobodys_to_create() {
    let office = Office::open().await;

    let answer = office.create_tenant("platform", "admin@acme.example").await;

    assert_eq!((answer.status, answer.code()), (409, "TENANT_EXISTS"));
}

#[tokio::test]
async fn a_password_is_as_long_as_the_configuration_asks() {
    let office = Office::open().await;
    let mut body = tenant("acme", "admin@acme.example");
    body["admin"]["password"] = json!("eleven char");

    let answer = office.post("/auth/v1/tenants", &body).await;

    assert_eq!((answer.status, answer.code()), (422, "WEAK_PASSWORD"));
    assert_eq!(answer.body["error"]["details"], json!({ "rule": "WEAK_PASSWORD", "minimumLength": 12 }));
    office.world.configure("services.auth.dev.technical.passwords", "/minimumLength", json!(11));
    assert_eq!(office.post("/auth/v1/tenants", &body).await.status, 201);
}

#[tokio::test]
async fn every_fault_of_a_request_is_named_and_no_password_is_repeated() {
    let office = Office::open().await;
    let body = json!({
        "tenantId": "Acme#1", "name": "A", "role": "system_admin",
        "admin": { "email": "nobody", "name": "", "password": PASSWORD.repeat(7) },
    });

    let answer = office.post("/auth/v1/tenants", &body).await;

    assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"));
    let issues = answer.body["error"]["details"]["issues"].as_array().unwrap();
    let places: Vec<_> = issues.iter().map(|issue| issue["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/admin/email", "/admin/name", "/admin/password", "/name", "/role", "/tenantId"]);
    assert!(!answer.body.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn the_event_and_the_audit_entry_are_the_new_tenants() {
    let office = Office::open().await;

    let created = office.create_tenant("acme", "admin@acme.example").await.body["data"].clone();

    let user_id = created["userId"].as_str().unwrap();
    let events = office.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["type"], "tenant.created");
    assert_eq!(events[0]["tenantid"], "acme");
    assert_eq!(events[0]["data"], json!({ "tenantId": "acme", "name": "Acme Freight", "userId": user_id }));
    assert_eq!(office.audited("acme").await, [format!("tenant.create by {user_id}")]);
    assert!(office.audited("platform").await.is_empty());
}

#[tokio::test]
async fn of_two_who_want_one_tenant_exactly_one_gets_it() {
    let office = Office::open().await;

    for (tenant, one, other) in
        [("acme", "a@acme.example", "b@acme.example"), ("bolt", "c@bolt.example", "C@bolt.example")]
    {
        let (one, other) = tokio::join!(office.create_tenant(tenant, one), office.create_tenant(tenant, other));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}
