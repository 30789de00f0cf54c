//! `/auth/v1/api-keys`, and what a key is good for.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use operation::{BoxError, Endpoint, Transport};
use serde_json::{Value, json};

use crate::machines::{access_token, exchange};
use crate::office::{Office, ROLES, bearer, user};
use crate::tokens::claims;

const USER_INFO: &str = "/auth/v1/oauth/userinfo";

#[tokio::test]
async fn a_key_goes_where_a_token_goes_and_acts_for_its_person() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    let (_, key) = office.api_key(&admin, &["tenant_admin"]).await;

    assert_eq!(office.register(&bearer(&key), &user("ravi@acme.example", &["shipper"])).await.status, 201);
    let token = access_token(&office.form("/auth/v1/oauth/token", &exchange(&key), None).await);
    let (person, machine) = (claims(&admin), claims(&bearer(&token)));
    assert_eq!((machine.sub, machine.tenant_id, machine.roles), (person.sub, person.tenant_id, person.roles));
}

#[tokio::test]
async fn a_revoked_key_is_void_as_soon_as_the_token_it_was_exchanged_for() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (id, key) = office.api_key(&admin, &["tenant_admin"]).await;
    let list = async || office.by(&bearer(&key), "GET", "/auth/v1/clients", &Value::Null).await.status;
    assert_eq!(list().await, 200);

    assert_eq!(office.by(&admin, "DELETE", &format!("/auth/v1/api-keys/{id}"), &Value::Null).await.status, 204);

    let exchanged = office.form("/auth/v1/oauth/token", &exchange(&key), None).await;
    assert_eq!((exchanged.status, exchanged.code()), (400, "invalid_grant"));
    office.world.advance(59);
    assert_eq!(list().await, 200);
    office.world.advance(1);
    assert_eq!(list().await, 401);
}

#[tokio::test]
async fn a_key_expires_when_it_was_said_and_at_the_latest_when_the_configuration_says() {
    let office = Office::with_acme().await;
    office.world.configure("services.auth.dev.technical.oauth", "/apiKeySeconds", json!(3600));
    let admin = office.logged_in("admin@acme.example").await;

    for (asked, given) in [(json!(600), 600), (json!(86_400), 3600), (Value::Null, 3600)] {
        let body = json!({ "name": "Import", "roles": ["tenant_admin"], "goodForSeconds": asked });
        let answer = office.by(&admin, "POST", "/auth/v1/api-keys", &body).await;
        assert_eq!(answer.body["data"]["details"]["expiresAt"], office.world.in_seconds(given));
    }
    let body = json!({ "name": "Import", "roles": ["tenant_admin"], "goodForSeconds": 90 });
    let answer = office.by(&admin, "POST", "/auth/v1/api-keys", &body).await;
    let key = answer.body["data"]["apiKey"].as_str().unwrap();
    office.world.advance(50);
    let exchanged = office.form("/auth/v1/oauth/token", &exchange(key), None).await;
    assert_eq!(exchanged.body["expires_in"], 40, "no token outlives its key");
    office.world.advance(40);
    assert_eq!(office.form("/auth/v1/oauth/token", &exchange(key), None).await.code(), "invalid_grant");
}

#[tokio::test]
async fn nobody_sees_or_revokes_the_key_of_another_but_the_administrator() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;
    for email in ["ravi@acme.example", "asha@acme.example"] {
        office.register(&admin, &user(email, &["shipper"])).await;
    }
    let (ravi, asha) = (office.logged_in("ravi@acme.example").await, office.logged_in("asha@acme.example").await);
    let (id, _) = office.api_key(&ravi, &["shipper"]).await;
    let path = format!("/auth/v1/api-keys/{id}");
    let list = async |caller| office.by(caller, "GET", "/auth/v1/api-keys", &Value::Null).await.body["data"].clone();

    let stranger = office.logged_in("admin@other.example").await;
    for caller in [&asha, &stranger] {
        let answer = office.by(caller, "DELETE", &path, &Value::Null).await;
        assert_eq!((answer.status, answer.code()), (404, "API_KEY_NOT_FOUND"));
        assert_eq!(list(caller).await, json!([]));
    }
    for caller in [&ravi, &admin] {
        assert_eq!(list(caller).await[0]["keyId"], id.as_str());
    }
    assert_eq!(office.by(&admin, "DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(list(&ravi).await, json!([]));
}

#[tokio::test]
async fn a_key_that_was_made_up_is_401_like_any_bad_token() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (_, key) = office.api_key(&admin, &["tenant_admin"]).await;
    let (start, secret) = key.rsplit_once('.').unwrap();

    for other in [
        format!("{start}.{}", "A".repeat(43)),
        format!("ek.other.{}.{secret}", "0".repeat(32)),
        format!("{start}.{secret}."),
        format!("{start}.{secret}&api_key={key}"),
        "ek.".to_owned(),
        format!("ek.{}", "a".repeat(9000)),
    ] {
        let answer = office.by(&bearer(&other), "GET", "/auth/v1/clients", &Value::Null).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"), "{other}");
    }
}

#[tokio::test]
async fn a_suspended_persons_key_and_what_it_was_exchanged_for_are_worth_nothing() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let ravi = office.joined(&admin, "ravi@acme.example", &["tenant_admin"]).await;
    let (_, key) = office.api_key(&office.logged_in("ravi@acme.example").await, &["tenant_admin"]).await;
    let client = office.client(&admin, &["shipper"]).await;
    let token = access_token(&office.form("/auth/v1/oauth/token", &exchange(&key), None).await);
    let who = async || office.by(&bearer(&token), "GET", USER_INFO, &Value::Null).await.status;
    assert_eq!((who().await, &office.introspected(&client, &token).await["active"]), (200, &json!(true)));

    let suspension = format!("/auth/v1/users/{ravi}/suspension");
    assert_eq!(office.by(&admin, "POST", &suspension, &Value::Null).await.status, 200);

    let exchanged = office.form("/auth/v1/oauth/token", &exchange(&key), None).await;
    assert_eq!((exchanged.status, exchanged.code()), (400, "invalid_grant"));
    assert_eq!(office.by(&bearer(&key), "GET", "/auth/v1/clients", &Value::Null).await.status, 401);
    assert_eq!(who().await, 401);
    assert_eq!(office.introspected(&client, &token).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_key_gives_no_role_or_permission_that_its_person_has_lost() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let ravi = office.joined(&admin, "ravi@acme.example", &["fleet_owner", "shipper"]).await;
    let person = office.logged_in("ravi@acme.example").await;
    let (_, key) = office.api_key(&person, &["fleet_owner", "shipper"]).await;
    let said = async || {
        let claims = claims(&bearer(&access_token(&office.form("/auth/v1/oauth/token", &exchange(&key), None).await)));
        (claims.roles, claims.permissions)
    };
    assert_eq!(said().await.0, ["fleet_owner", "shipper"]);
    assert!(said().await.1.contains(&"fleet:update".to_owned()));

    office.world.configure(ROLES, "/shipper/permissions", json!(["booking:read"]));
    let roles = json!({ "roles": ["shipper"] });
    assert_eq!(office.by(&admin, "PUT", &format!("/auth/v1/users/{ravi}/roles"), &roles).await.status, 200);

    assert_eq!(said().await, (vec!["shipper".to_owned()], vec!["booking:read".to_owned()]));
    let stale = json!({ "name": "Import", "roles": ["fleet_owner"] });
    let answer = office.by(&person, "POST", "/auth/v1/api-keys", &stale).await;
    assert_eq!(answer.code(), "ROLE_NOT_HELD", "what the access token still says does not count");
}

#[tokio::test]
async fn a_key_gives_nothing_while_its_persons_role_asks_for_a_second_factor_they_have_not_got() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    office.joined(&admin, "ravi@acme.example", &["fleet_owner", "shipper"]).await;
    let ravi = office.logged_in("ravi@acme.example").await;
    let (_, key) = office.api_key(&ravi, &["shipper"]).await;
    let said = async || {
        let claims = claims(&bearer(&access_token(&office.form("/auth/v1/oauth/token", &exchange(&key), None).await)));
        (claims.roles, claims.permissions.is_empty())
    };

    office.world.configure(ROLES, "/fleet_owner/multiFactorRequired", json!(true));
    assert_eq!(said().await, (vec![], true));

    crate::device::enrolled(&office, &ravi).await;
    assert_eq!(said().await, (vec!["shipper".to_owned()], false));
}

#[tokio::test]
async fn a_session_that_is_over_makes_no_key() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let body = json!({ "name": "Import", "roles": ["tenant_admin"] });

    assert_eq!(office.by(&admin, "POST", "/auth/v1/logout/everywhere", &Value::Null).await.status, 204);

    assert_eq!(office.by(&admin, "POST", "/auth/v1/api-keys", &body).await.status, 401);
}

/// What another service reaches: this one, and the configuration.
struct Neighbour {
    auth: operation::Mounted<auth::Auth>,
    outside: Arc<dyn Transport>,
}

#[async_trait]
impl Transport for Neighbour {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, BoxError> {
        if request.uri().path().starts_with("/auth/") {
            return Ok(self.auth.call(request.map(operation::full)).await);
        }
        self.outside.send(request).await
    }
}

#[tokio::test]
async fn every_other_service_takes_a_key_by_exchanging_it_here() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (_, key) = office.api_key(&admin, &["tenant_admin"]).await;
    let mut platform = office.world.platform.clone();
    let auth = auth::mount(&platform).unwrap();
    platform.transport = Arc::new(Neighbour { auth, outside: Arc::clone(&platform.transport) });
    let source = Arc::new(config_client::HttpSource::new(&platform, "booking"));
    let config = Arc::new(config_client::ConfigClient::new(source, platform.environment, platform.clock.clone()));
    let keys = config.ports(&platform, &platform.table("booking")).keys;

    let token = keys.exchange_api_key(&key).await.unwrap().unwrap();

    let said = operation::verify_token(&token, keys.as_ref()).await.unwrap();
    assert_eq!((said.sub, said.tenant_id), (claims(&admin).sub, "acme".to_owned()));
    assert_eq!(keys.exchange_api_key(&format!("{key}A")).await.unwrap(), None);
    assert_eq!(keys.exchange_api_key("ek.a&grant_type=client_credentials").await.unwrap(), None);
}
