//! What other services ask.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use testing::{Answer, World};

use crate::office::Office;

async fn signed(world: &World, path: &str) -> Answer {
    let mut request = http::Request::get(path).body(Vec::new()).expect("a request");
    let secret = world.platform.secrets.service().await.expect("a secret");
    static NEXT: AtomicI64 = AtomicI64::new(0);
    operation::sign(&mut request, &secret, "booking", world.now() * 1000 + NEXT.fetch_add(1, Ordering::Relaxed));
    world.send(request.map(|_| operation::empty())).await
}

fn person(tenant: &str, id: &str) -> String {
    format!("/auth/internal/v1/tenants/{tenant}/users/{id}")
}

/// Asks for somebody, and for nobody.
pub async fn walk(office: &Office) {
    let admin = office.logged_in("admin@acme.example").await;
    for id in [crate::tokens::claims(&admin).sub.as_str(), "nobody"] {
        signed(&office.world, &person("acme", id)).await;
    }
}

#[tokio::test]
async fn another_service_learns_what_a_person_may_do_and_whether_they_are_let_in_and_no_more() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let ravi = office.joined(&admin, "ravi@acme.example", &["driver"]).await;

    let answer = signed(&office.world, &person("acme", &ravi)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["data"], json!({ "userId": ravi, "roles": ["driver"], "status": "active" }));

    let suspension = format!("/auth/v1/users/{ravi}/suspension");
    office.send(&admin, "POST", &suspension, &json!(null)).await;
    assert_eq!(signed(&office.world, &person("acme", &ravi)).await.body["data"]["status"], "suspended");
}

#[tokio::test]
async fn somebody_of_another_tenant_or_unheard_of_is_not_there() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;
    let ravi = office.joined(&admin, "ravi@acme.example", &["driver"]).await;

    for path in [person("other", &ravi), person("acme", "nobody"), person("nowhere", &ravi)] {
        let answer = signed(&office.world, &path).await;
        assert_eq!((answer.status, answer.code()), (404, "USER_NOT_FOUND"), "{path}");
    }
    assert_eq!(signed(&office.world, &person("acme", "a%20b")).await.code(), "VALIDATION_ERROR");
}

#[tokio::test]
async fn people_cannot_ask_what_services_ask() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let path = person("acme", &crate::tokens::claims(&admin).sub);

    assert_eq!(office.send(&admin, "GET", &path, &json!(null)).await.code(), "UNAUTHORIZED");
    assert_eq!(office.world.ask("GET", &path).send().await.code(), "UNAUTHORIZED");
}
