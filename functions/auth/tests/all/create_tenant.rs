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
async fn a_tenant_that_is_there_and_an_address_that_is_taken_are_two_refusals_and_leave_nothing_behind() {
    let office = Office::with_acme().await;
    let before = office.kept().await.len();

    let same_tenant = office.create_tenant("acme", "other@acme.example").await;
    let same_address = office.create_tenant("other", "ADMIN@acme.example").await;

    assert_eq!((same_tenant.status, same_tenant.code()), (409, "TENANT_EXISTS"));
    assert_eq!((same_address.status, same_address.code()), (409, "EMAIL_TAKEN"));
    assert_eq!(office.kept().await.len(), before);
    assert_eq!(office.create_tenant("other", "other@acme.example").await.status, 201);
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
async fn of_two_who_want_one_tenant_or_one_address_exactly_one_gets_it() {
    let office = Office::open().await;

    for (one, other) in [
        (("acme", "a@acme.example"), ("acme", "b@acme.example")),
        (("first", "c@acme.example"), ("second", "C@acme.example")),
    ] {
        let (one, other) = tokio::join!(office.create_tenant(one.0, one.1), office.create_tenant(other.0, other.1));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }
}
