//! `/auth/v1/clients`

use serde_json::{Value, json};

use crate::machines::{access_token, client_of};
use crate::office::{Office, ROLES, bearer, user};
use crate::tokens::claims;

#[tokio::test]
async fn a_clients_secret_is_good_for_tokens_with_the_clients_roles() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    let client = office.client(&admin, &["tenant_admin", "shipper", "shipper"]).await;
    let answer = office.client_token(&client).await;

    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert!(answer.body["scope"].as_str().unwrap().split(' ').any(|scope| scope == "user:create"));
    let machine = bearer(&access_token(&answer));
    let claims = claims(&machine);
    assert_eq!((claims.sub, claims.tenant_id), (client.id.clone(), "acme".to_owned()));
    assert_eq!(claims.roles, ["tenant_admin", "shipper"]);
    assert_eq!(office.register(&machine, &user("ravi@acme.example", &["shipper"])).await.status, 201);
    assert!(office.audited("acme").await.contains(&format!("oauth.token by {}", client.id)));
}

#[tokio::test]
async fn a_client_gets_no_permission_that_its_tenants_roles_do_not_give_any_more() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    assert_ne!(office.client_token(&client).await.body["scope"], "booking:read");

    office.world.configure(ROLES, "/shipper/permissions", json!(["booking:read"]));

    assert_eq!(office.client_token(&client).await.body["scope"], "booking:read");
}

#[tokio::test]
async fn a_new_secret_takes_over_while_the_old_one_stays_good_for_the_configured_time() {
    let office = Office::with_acme().await;
    office.world.configure("services.auth.dev.technical.oauth", "/secretOverlapSeconds", json!(600));
    let admin = office.logged_in("admin@acme.example").await;
    let first = office.client(&admin, &["shipper"]).await;
    let path = format!("/auth/v1/clients/{}/secrets", first.id);

    let second = client_of(&office.by(&admin, "POST", &path, &Value::Null).await);

    assert_ne!(first.secret, second.secret);
    office.world.advance(599);
    assert_eq!(office.client_token(&first).await.status, 200);
    assert_eq!(office.client_token(&second).await.status, 200);
    office.world.advance(1);
    assert_eq!(office.client_token(&first).await.code(), "invalid_client");
    assert_eq!(office.client_token(&second).await.status, 200);
}

#[tokio::test]
async fn the_secret_before_the_last_is_void_at_once() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let first = office.client(&admin, &["shipper"]).await;
    let path = format!("/auth/v1/clients/{}/secrets", first.id);
    let second = client_of(&office.by(&admin, "POST", &path, &Value::Null).await);

    let third = client_of(&office.by(&admin, "POST", &path, &Value::Null).await);

    assert_eq!(office.client_token(&first).await.code(), "invalid_client");
    for good in [second, third] {
        assert_eq!(office.client_token(&good).await.status, 200);
    }
}

#[tokio::test]
async fn of_many_who_rotate_one_secret_each_has_one_or_a_conflict_and_the_last_is_good() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let path = format!("/auth/v1/clients/{}/secrets", client.id);
    let rotate = || office.by(&admin, "POST", &path, &Value::Null);

    let (a, b, c) = tokio::join!(rotate(), rotate(), rotate());

    let (won, lost): (Vec<_>, Vec<_>) = [a, b, c].into_iter().partition(|answer| answer.status == 201);
    assert!(lost.iter().all(|answer| answer.status == 409));
    assert!(!won.is_empty());
    let mut good = 0;
    for answer in &won {
        good += usize::from(office.client_token(&client_of(answer)).await.status == 200);
    }
    assert!(good >= 1);
}

#[tokio::test]
async fn a_deleted_client_gets_no_token_and_stands_in_no_list() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (gone, other) = (office.client(&admin, &[]).await, office.client(&admin, &["driver"]).await);
    let path = format!("/auth/v1/clients/{}", gone.id);

    assert_eq!(office.by(&admin, "DELETE", &path, &Value::Null).await.status, 204);

    assert_eq!(office.client_token(&gone).await.code(), "invalid_client");
    assert_eq!(office.by(&admin, "DELETE", &path, &Value::Null).await.code(), "CLIENT_NOT_FOUND");
    let list = office.by(&admin, "GET", "/auth/v1/clients", &Value::Null).await.body;
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|client| &client["clientId"]).collect();
    assert_eq!(ids, [&other.id]);
}

#[tokio::test]
async fn clients_are_a_tenants_own_and_its_administrators_business() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let (admin, stranger) =
        (office.logged_in("admin@acme.example").await, office.logged_in("admin@other.example").await);
    let client = office.client(&admin, &["shipper"]).await;
    office.register(&admin, &user("ravi@acme.example", &["fleet_owner"])).await;
    let ravi = office.logged_in("ravi@acme.example").await;
    let (one, secrets) = (format!("/auth/v1/clients/{}", client.id), format!("/auth/v1/clients/{}/secrets", client.id));

    for (method, path) in [("DELETE", &one), ("POST", &secrets)] {
        let answer = office.by(&stranger, method, path, &Value::Null).await;
        assert_eq!((answer.status, answer.code()), (404, "CLIENT_NOT_FOUND"));
        assert_eq!(office.by(&ravi, method, path, &Value::Null).await.status, 403);
    }
    let list = office.by(&stranger, "GET", "/auth/v1/clients", &Value::Null).await;
    assert_eq!(list.body["data"], json!([]));
    assert_eq!(office.client_token(&client).await.status, 200);
}

#[tokio::test]
async fn what_happens_to_a_client_is_told_without_its_secret() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    office.by(&admin, "POST", &format!("/auth/v1/clients/{}/secrets", client.id), &Value::Null).await;
    office.by(&admin, "DELETE", &format!("/auth/v1/clients/{}", client.id), &Value::Null).await;

    let events = office.events().await;

    for kind in ["client.registered", "client.secret-rotated", "client.deleted"] {
        let event = events.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("no {kind}"));
        assert_eq!((&event["tenantid"], &event["data"]), (&json!("acme"), &json!({ "clientId": client.id })));
    }
    let who = claims(&admin).sub;
    let audited = office.audited("acme").await;
    for action in ["client.register", "client.rotate", "client.delete"] {
        assert!(audited.contains(&format!("{action} by {who}")), "{audited:?}");
    }
}
