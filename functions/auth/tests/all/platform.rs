//! `POST /auth/internal/v1/platform/administrator`

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use testing::Answer;

use crate::office::{Office, PASSWORD, user};
use crate::tokens::claims;

const PATH: &str = "/auth/internal/v1/platform/administrator";

/// Asks as whoever holds this secret does.
async fn claim(office: &Office, secret: &[u8; 32], body: &Value) -> Answer {
    let request = Request::post(PATH).header("content-type", "application/json");
    let mut request = request.body(Bytes::from(body.to_string())).unwrap();
    operation::sign(&mut request, secret, "enver", office.world.now() * 1000 + office.next_micros());
    office.world.send(request.map(operation::full)).await
}

fn operator(email: &str, password: &str) -> Value {
    json!({ "email": email, "name": "Operator", "password": password })
}

/// Every refusal of it, and its success: part of the walk in `promises`.
pub async fn walk(office: &Office) {
    let secret = office.world.platform.secrets.service().await.unwrap();
    for (email, password) in
        [("root@platform.example", "short"), ("root@platform.example", PASSWORD), ("second@platform.example", PASSWORD)]
    {
        claim(office, &secret, &operator(email, password)).await;
    }
}

#[tokio::test]
async fn who_holds_the_platforms_secret_makes_its_first_administrator_once() {
    let office = Office::with_acme().await;
    let secret = office.world.platform.secrets.service().await.unwrap();
    let root = operator("Root@platform.example", PASSWORD);

    let first = claim(&office, &secret, &root).await;
    let second = claim(&office, &secret, &operator("second@platform.example", PASSWORD)).await;

    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!((second.status, second.code()), (409, "PLATFORM_TAKEN"));
    let admin = claims(&office.logged_in("root@platform.example").await);
    assert_eq!(
        (admin.tenant_id.as_str(), admin.roles, admin.permissions),
        ("platform", vec!["system_admin".into()], vec!["*:*".into()])
    );
    assert_eq!(office.log_in("second@platform.example", PASSWORD).await.status, 401);
    assert!(office.audited("platform").await.contains(&"platform.claim by enver".to_owned()));
}

#[tokio::test]
async fn nobody_without_the_secret_becomes_one() {
    let office = Office::with_acme().await;
    let root = operator("root@platform.example", PASSWORD);
    let admin = office.logged_in("admin@acme.example").await;

    let guessed = claim(&office, &[7; 32], &root).await;
    let by_admin = office.send(&admin, "POST", PATH, &root).await;
    let by_stranger = office.post(PATH, &root).await;
    let registered = office.register(&admin, &user("root@platform.example", &["system_admin"])).await;
    let tenant = office.create_tenant("platform", "root@platform.example").await;

    assert_eq!([guessed.status, by_admin.status, by_stranger.status], [401, 401, 401]);
    assert_eq!((registered.status, tenant.status), (400, 409));
    assert_eq!(office.log_in("root@platform.example", PASSWORD).await.status, 401);
}
