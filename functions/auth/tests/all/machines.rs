//! Programs that come to the service: clients with their secrets, and API keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testing::{Answer, Caller};

use crate::authorization::Flow;
use crate::device::enrolled;
use crate::office::{Office, PASSWORD, bearer, refresh_token, user};

/// A registered client.
pub struct Client {
    pub id: String,
    pub secret: String,
}

impl Client {
    /// Its `Authorization` field.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

impl Office {
    /// A client of the caller's tenant with these roles.
    pub async fn client(&self, admin: &Caller, roles: &[&str]) -> Client {
        let answer = self.by(admin, "POST", "/auth/v1/clients", &json!({ "name": "Meter", "roles": roles })).await;
        client_of(&answer)
    }

    pub async fn by(&self, caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
        let ask = self.world.ask(method, path).by(caller);
        if body.is_null() { ask.send().await } else { ask.json(body).send().await }
    }

    /// Sends a form; fields stand as a form writes them.
    pub async fn form(&self, path: &str, fields: &str, authorization: Option<&str>) -> Answer {
        let ask = self.world.ask("POST", path);
        let ask = match authorization {
            Some(field) => ask.header("authorization", field),
            None => ask,
        };
        ask.body("application/x-www-form-urlencoded", fields.to_owned()).send().await
    }

    /// A token for the credentials of a client.
    pub async fn client_token(&self, client: &Client) -> Answer {
        self.form("/auth/v1/oauth/token", "grant_type=client_credentials", Some(&client.basic())).await
    }

    /// What introspection says of a token to this client.
    pub async fn introspected(&self, client: &Client, token: &str) -> Value {
        let answer = self.form("/auth/v1/oauth/introspect", &format!("token={token}"), Some(&client.basic())).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// An API key of the caller: its id and the key.
    pub async fn api_key(&self, caller: &Caller, roles: &[&str]) -> (String, String) {
        let answer = self.by(caller, "POST", "/auth/v1/api-keys", &json!({ "name": "Import", "roles": roles })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let data = &answer.body["data"];
        (data["details"]["keyId"].as_str().unwrap().to_owned(), data["apiKey"].as_str().unwrap().to_owned())
    }
}

/// The client of an answer that shows its secret.
pub fn client_of(answer: &Answer) -> Client {
    assert_eq!(answer.status, 201, "{}", answer.body);
    let data = &answer.body["data"];
    Client {
        id: data["client"]["clientId"].as_str().unwrap().to_owned(),
        secret: data["clientSecret"].as_str().unwrap().to_owned(),
    }
}

/// The access token in an answer of the token endpoint.
pub fn access_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

/// The form that exchanges an API key.
pub fn exchange(key: &str) -> String {
    format!("grant_type=urn%3Aenver%3Aoauth%3Agrant-type%3Aapi-key&api_key={key}")
}

/// Every operation of machines, every refusal of theirs: part of the walk in `promises`.
pub async fn walk(office: &Office, admin: &Caller) {
    for document in ["oauth-authorization-server", "openid-configuration"] {
        let path = format!("/auth/v1/.well-known/{document}");
        assert_eq!(office.world.ask("GET", &path).send().await.status, 200);
    }
    let client = office.client(admin, &["shipper"]).await;
    let token = access_token(&office.client_token(&client).await);
    let refresh = refresh_token(&office.log_in("admin@acme.example", crate::office::PASSWORD).await);
    let stranger = Client { id: client.id.clone(), secret: "wrong".into() };
    for grant in ["grant_type=client_credentials", "grant_type=password", &exchange("ek.x")] {
        office.form("/auth/v1/oauth/token", grant, Some(&client.basic())).await;
    }
    for path in ["token", "introspect", "revoke"] {
        let form = format!("token={token}&grant_type=client_credentials");
        office.form(&format!("/auth/v1/oauth/{path}"), &form, Some(&stranger.basic())).await;
    }
    for token in [&token, &refresh] {
        office.introspected(&client, token).await;
        office.form("/auth/v1/oauth/revoke", &format!("token={token}"), Some(&client.basic())).await;
    }
    for id in [&client.id, &format!("acme.{}", "0".repeat(32))] {
        office.by(admin, "POST", &format!("/auth/v1/clients/{id}/secrets"), &Value::Null).await;
        office.by(admin, "DELETE", &format!("/auth/v1/clients/{id}"), &Value::Null).await;
    }
    office.by(admin, "GET", "/auth/v1/clients", &Value::Null).await;

    let driver = json!({ "name": "Import", "roles": ["driver"] });
    assert_eq!(office.by(admin, "POST", "/auth/v1/api-keys", &driver).await.code(), "ROLE_NOT_HELD");
    let (id, key) = office.api_key(admin, &["tenant_admin"]).await;
    office.form("/auth/v1/oauth/token", &exchange(&key), None).await;
    office.by(admin, "GET", "/auth/v1/api-keys", &Value::Null).await;
    for _ in 0..2 {
        office.by(admin, "DELETE", &format!("/auth/v1/api-keys/{id}"), &Value::Null).await;
    }
}

#[tokio::test]
async fn nothing_that_is_kept_or_listed_holds_a_secret_of_a_machine() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let path = format!("/auth/v1/clients/{}/secrets", client.id);
    let rotated = client_of(&office.by(&admin, "POST", &path, &Value::Null).await);
    let (_, key) = office.api_key(&admin, &["tenant_admin"]).await;
    let token = access_token(&office.form("/auth/v1/oauth/token", &exchange(&key), None).await);

    let lists = [
        office.by(&admin, "GET", "/auth/v1/clients", &Value::Null).await.body,
        office.by(&admin, "GET", "/auth/v1/api-keys", &Value::Null).await.body,
    ];
    let seen = format!("{:?} {lists:?}", office.kept().await);

    assert!(seen.contains(&client.id[5..]), "the client is there");
    let secret_of_key = key.rsplit('.').next().unwrap();
    for secret in [&client.secret, &rotated.secret, secret_of_key, &token] {
        assert!(!seen.contains(secret));
    }
}

#[tokio::test]
async fn a_machine_never_counts_as_a_fresh_login_so_a_key_makes_no_other() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (_, key) = office.api_key(&admin, &["tenant_admin"]).await;
    let client = office.client(&admin, &["tenant_admin"]).await;
    let token = access_token(&office.client_token(&client).await);
    let body = json!({ "name": "Another", "roles": ["tenant_admin"] });

    for machine in [bearer(&key), bearer(&token)] {
        let answer = office.by(&machine, "POST", "/auth/v1/api-keys", &body).await;
        assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"));
        assert_eq!(answer.body["error"]["details"]["reason"], "stale_login");
    }
    assert_eq!(office.register(&bearer(&token), &user("ravi@acme.example", &["shipper"])).await.status, 201);
}

#[tokio::test]
async fn no_machine_changes_how_people_prove_who_they_are() {
    let flow = Flow::new().await;
    let office = &flow.office;
    let ravi = office.joined(&flow.admin, "ravi@acme.example", &["shipper"]).await;
    enrolled(office, &office.logged_in("ravi@acme.example").await).await;
    let (_, key) = office.api_key(&flow.admin, &["tenant_admin"]).await;
    let client = access_token(&office.client_token(&flow.client).await);
    let for_person = access_token(&flow.redeem(&flow.code(&flow.request()).await).await);
    let of_ravi = format!("/auth/v1/users/{ravi}/multi-factor");
    let password = json!({ "current": PASSWORD, "password": "staple gun paper clip" });
    let code = json!({ "code": "000000" });
    let consent = flow.request();
    let new_key = json!({ "name": "Another", "roles": ["tenant_admin"] });

    for (who, machine) in
        [("key", bearer(&key)), ("client", bearer(&client)), ("client of a person", bearer(&for_person))]
    {
        for (method, path, body, status) in [
            ("POST", "/auth/v1/password", &password, 401),
            ("DELETE", &of_ravi, &Value::Null, 401),
            ("POST", "/auth/v1/multi-factor", &Value::Null, 403),
            ("POST", "/auth/v1/multi-factor/confirmation", &code, 403),
            ("POST", "/auth/v1/multi-factor/removal", &code, 403),
            ("POST", "/auth/v1/multi-factor/backup-codes", &code, 403),
            ("POST", "/auth/v1/api-keys", &new_key, 403),
            ("POST", "/auth/v1/oauth/authorizations", &consent, 403),
        ] {
            assert_eq!(office.by(&machine, method, path, body).await.status, status, "{who}: {method} {path}");
        }
    }
    assert_eq!(office.by(&flow.admin, "DELETE", &of_ravi, &Value::Null).await.status, 204, "the administrator does");
}
