//! The authorization code flow: `GET /auth/v1/oauth/authorize`, `POST /auth/v1/oauth/authorizations`, the token endpoint
//! and `GET /auth/v1/oauth/userinfo`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testing::{Answer, Caller};

use crate::machines::{Client, access_token, client_of};
use crate::office::{Office, PASSWORD, PASSWORD_RULES, ROLES, bearer, user};
use crate::tokens::claims;

const CALLBACK: &str = "https://app.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge of [`VERIFIER`]: both stand in RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client with a redirect URI, and the people of `acme`.
pub struct Flow {
    pub office: Office,
    pub admin: Caller,
    pub client: Client,
}

impl Flow {
    pub async fn new() -> Self {
        let office = Office::with_acme().await;
        let admin = office.logged_in("admin@acme.example").await;
        let client = web_client(&office, &admin, &["tenant_admin"]).await;
        Self { office, admin, client }
    }

    pub fn request(&self) -> Value {
        json!({
            "client_id": self.client.id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid profile",
            "state": "a state & more", "nonce": "n-1", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        })
    }

    async fn authorize(&self, request: &Value) -> Answer {
        let query: Vec<(String, String)> =
            serde_json::from_value::<std::collections::BTreeMap<String, String>>(request.clone())
                .unwrap()
                .into_iter()
                .collect();
        let query = serde_urlencoded::to_string(query).unwrap();
        self.office.world.ask("GET", &format!("/auth/v1/oauth/authorize?{query}")).send().await
    }

    async fn approve(&self, caller: &Caller, request: &Value) -> Answer {
        self.office.by(caller, "POST", "/auth/v1/oauth/authorizations", request).await
    }

    /// The code that the administrator's consent gives.
    pub async fn code(&self, request: &Value) -> String {
        let answer = self.approve(&self.admin, request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        parameter(answer.body["data"]["redirectTo"].as_str().unwrap(), "code").unwrap()
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        self.redeem_as(&self.client, code, CALLBACK, VERIFIER).await
    }

    async fn redeem_as(&self, client: &Client, code: &str, redirect_uri: &str, verifier: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let form = serde_urlencoded::to_string(form).unwrap();
        self.office.form("/auth/v1/oauth/token", &form, Some(&client.basic())).await
    }
}

/// A client that browsers come back to.
pub async fn web_client(office: &Office, admin: &Caller, roles: &[&str]) -> Client {
    let body = json!({ "name": "Portal", "roles": roles, "redirectUris": [CALLBACK] });
    client_of(&office.by(admin, "POST", "/auth/v1/clients", &body).await)
}

/// A parameter in the query of an address.
fn parameter(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?')?.1;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    pairs.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The claims of a token of any kind.
fn said(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Every refusal of the flow: part of the walk in `promises`.
pub async fn walk(office: &Office, admin: &Caller) {
    let client = web_client(office, admin, &["tenant_admin"]).await;
    let machine = bearer(&access_token(&office.client_token(&client).await));
    let good = json!({
        "client_id": client.id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    });
    let mut plain = good.clone();
    plain["code_challenge_method"] = json!("plain");
    let approve = async |caller, body| office.by(caller, "POST", "/auth/v1/oauth/authorizations", body).await;
    let empty = json!({});
    approve(admin, &empty).await;
    approve(admin, &plain).await;
    approve(&machine, &good).await;
    let approved = approve(admin, &good).await;
    let code = parameter(approved.body["data"]["redirectTo"].as_str().unwrap(), "code").unwrap();
    let form = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    );
    let tokens = office.form("/auth/v1/oauth/token", &form, Some(&client.basic())).await;
    for caller in [&bearer(&access_token(&tokens)), &machine] {
        office.by(caller, "GET", "/auth/v1/oauth/userinfo", &Value::Null).await;
    }
    let query = serde_urlencoded::to_string([
        ("client_id", client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
    .unwrap();
    for query in [query.as_str(), ""] {
        office.world.ask("GET", &format!("/auth/v1/oauth/authorize?{query}")).send().await;
    }
}

#[test]
fn the_challenge_of_these_tests_is_that_of_the_rfc() {
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)), CHALLENGE);
}

#[tokio::test]
async fn a_browser_goes_from_the_client_to_the_sign_in_page_and_back_with_a_code_for_tokens() {
    let flow = Flow::new().await;
    let now = flow.office.world.now() / 1000;

    let passed_on = flow.authorize(&flow.request()).await;
    assert_eq!(passed_on.status, 302, "{}", passed_on.body);
    let page = passed_on.header("location");
    assert!(page.starts_with("https://app.enver.example/sign-in?tenant_id=acme&"), "{page}");
    for (name, value) in flow.request().as_object().unwrap() {
        assert_eq!(parameter(page, name).as_deref(), value.as_str(), "{name}");
    }
    let approved = flow.approve(&flow.admin, &flow.request()).await;
    let back = approved.body["data"]["redirectTo"].as_str().unwrap().to_owned();
    assert!(back.starts_with("https://app.example/callback?code="), "{back}");
    assert_eq!(parameter(&back, "state").unwrap(), "a state & more");
    assert_eq!(parameter(&back, "iss").unwrap(), "https://auth.enver.example");
    let tokens = flow.redeem(&parameter(&back, "code").unwrap()).await;

    assert_eq!(tokens.header("cache-control"), "no-store");
    let admin = claims(&flow.admin);
    let id = said(tokens.body["id_token"].as_str().unwrap());
    assert_eq!((&id["iss"], &id["aud"]), (&json!("https://auth.enver.example"), &json!(flow.client.id)));
    assert_eq!((&id["sub"], &id["nonce"], &id["sid"]), (&json!(admin.sub), &json!("n-1"), &json!(admin.sid)));
    assert_eq!((&id["iat"], &id["auth_time"], &id["exp"]), (&json!(now), &json!(now), &json!(now + 900)));
    let person = bearer(&access_token(&tokens));
    let info = flow.office.by(&person, "GET", "/auth/v1/oauth/userinfo", &Value::Null).await;
    let expected = json!({ "sub": admin.sub, "name": "Asha Rao", "email": "admin@acme.example", "tenant_id": "acme" });
    assert_eq!(info.body, expected);
    assert_eq!(flow.office.register(&person, &user("ravi@acme.example", &["shipper"])).await.status, 201);
}

#[tokio::test]
async fn an_id_token_is_signed_by_a_published_key_and_opens_no_door() {
    let flow = Flow::new().await;
    let tokens = flow.redeem(&flow.code(&flow.request()).await).await;
    let id_token = tokens.body["id_token"].as_str().unwrap();

    let (signed, signature) = id_token.rsplit_once('.').unwrap();
    let set = flow.office.world.ask("GET", "/auth/v1/jwks.json").send().await.body;
    let key = URL_SAFE_NO_PAD.decode(set["keys"][0]["x"].as_str().unwrap()).unwrap().try_into().unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    assert!(key.verify_strict(signed.as_bytes(), &signature).is_ok());
    let answer = flow.office.by(&bearer(id_token), "GET", "/auth/v1/oauth/userinfo", &Value::Null).await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn without_openid_in_the_scope_there_is_no_id_token() {
    let flow = Flow::new().await;
    let mut request = flow.request();
    request["scope"] = json!("profile");

    let tokens = flow.redeem(&flow.code(&request).await).await;

    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.body.get("id_token"), None);
}

#[tokio::test]
async fn a_destination_that_is_not_registered_letter_by_letter_is_never_sent_to() {
    let flow = Flow::new().await;
    for (name, other) in [
        ("redirect_uri", json!("https://app.example/callback/")),
        ("redirect_uri", json!("https://app.example/callback?x=1")),
        ("redirect_uri", json!("https://APP.example/callback")),
        ("redirect_uri", json!("https://app.example")),
        ("redirect_uri", json!("https://app.example.evil.example/callback")),
        ("client_id", json!(format!("acme.{}", "0".repeat(32)))),
        ("client_id", json!("x")),
    ] {
        let mut request = flow.request();
        request[name] = other.clone();
        let answer = flow.authorize(&request).await;
        assert_eq!((answer.status, answer.code(), answer.header("location")), (400, "invalid_request", ""), "{other}");
        assert_eq!(flow.approve(&flow.admin, &request).await.status, 400, "{other}");
    }
    let bare = flow.office.world.ask("GET", "/auth/v1/oauth/authorize").send().await;
    assert_eq!((bare.status, bare.code()), (400, "invalid_request"));
}

#[tokio::test]
async fn whatever_else_is_wrong_the_client_learns_at_its_redirect_uri() {
    let flow = Flow::new().await;
    for (name, other, error) in [
        ("response_type", json!("token"), "unsupported_response_type"),
        ("response_type", Value::Null, "invalid_request"),
        ("code_challenge", Value::Null, "invalid_request"),
        ("code_challenge", json!("short"), "invalid_request"),
        ("code_challenge_method", json!("plain"), "invalid_request"),
        ("code_challenge_method", Value::Null, "invalid_request"),
        ("prompt", json!("none"), "login_required"),
    ] {
        let mut request = flow.request();
        request[name] = other.clone();
        if other.is_null() {
            request.as_object_mut().unwrap().remove(name);
        }
        let answer = flow.authorize(&request).await;
        let location = answer.header("location");
        assert!(answer.status == 302 && location.starts_with("https://app.example/callback?"), "{name} {other}");
        assert_eq!(parameter(location, "error").as_deref(), Some(error), "{name} {other}");
        assert_eq!(parameter(location, "state").as_deref(), Some("a state & more"));
        if name != "prompt" {
            assert_eq!(flow.approve(&flow.admin, &request).await.code(), "NOT_GRANTABLE", "{name} {other}");
        }
    }
}

#[tokio::test]
async fn a_code_is_good_for_its_client_at_its_place_with_its_verifier_and_not_for_long() {
    let flow = Flow::new().await;
    let other = web_client(&flow.office, &flow.admin, &["tenant_admin"]).await;
    let code = flow.code(&flow.request()).await;
    let (start, _) = code.rsplit_once('.').unwrap();
    let made_up = format!("{start}.{}", "A".repeat(43));

    for (what, client, code, place, verifier) in [
        ("another client", &other, &code, CALLBACK, VERIFIER),
        ("another place", &flow.client, &code, "https://app.example/", VERIFIER),
        ("another verifier", &flow.client, &code, CALLBACK, "A-verifier-that-is-long-enough-but-of-another-code"),
        ("the challenge itself", &flow.client, &code, CALLBACK, CHALLENGE),
        ("a code that was made up", &flow.client, &made_up, CALLBACK, VERIFIER),
    ] {
        let answer = flow.redeem_as(client, code, place, verifier).await;
        assert_eq!((answer.status, answer.code()), (400, "invalid_grant"), "{what}");
    }
    flow.office.world.advance(59);
    assert_eq!(flow.redeem(&code).await.status, 200, "none of these has used it up");
    let late = flow.code(&flow.request()).await;
    flow.office.world.advance(60);
    assert_eq!(flow.redeem(&late).await.code(), "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_again_gives_nothing_and_takes_back_what_it_gave() {
    let flow = Flow::new().await;
    let code = flow.code(&flow.request()).await;
    let token = access_token(&flow.redeem(&code).await);
    assert_eq!(flow.office.introspected(&flow.client, &token).await["active"], true);

    for _ in 0..2 {
        let again = flow.redeem(&code).await;
        assert_eq!((again.status, again.code()), (400, "invalid_grant"));
        assert_eq!(flow.office.introspected(&flow.client, &token).await["active"], false);
    }
}

#[tokio::test]
async fn of_many_who_redeem_one_code_at_the_same_moment_exactly_one_gets_tokens() {
    let flow = Flow::new().await;
    for _ in 0..5 {
        let code = flow.code(&flow.request()).await;
        let (a, b, c) = tokio::join!(flow.redeem(&code), flow.redeem(&code), flow.redeem(&code));
        let mut statuses = [a.status, b.status, c.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400, 400]);
    }
}

#[tokio::test]
async fn a_client_acts_for_a_person_only_as_far_as_both_may() {
    let flow = Flow::new().await;
    let client = web_client(&flow.office, &flow.admin, &["shipper"]).await;
    let mut request = flow.request();
    request["client_id"] = json!(client.id);

    let code = flow.code(&request).await;
    let token = access_token(&flow.redeem_as(&client, &code, CALLBACK, VERIFIER).await);

    assert_eq!(claims(&bearer(&token)).roles, Vec::<String>::new());
    let answer = flow.office.register(&bearer(&token), &user("ravi@acme.example", &["shipper"])).await;
    assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"));
}

#[tokio::test]
async fn nobody_agrees_for_a_client_of_another_tenant_and_no_machine_agrees_at_all() {
    let flow = Flow::new().await;
    flow.office.create_tenant("other", "admin@other.example").await;
    let stranger = flow.office.logged_in("admin@other.example").await;
    let (_, key) = flow.office.api_key(&flow.admin, &["tenant_admin"]).await;
    let machine = access_token(&flow.office.client_token(&flow.client).await);

    let answer = flow.approve(&stranger, &flow.request()).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_request"));
    for caller in [bearer(&key), bearer(&machine)] {
        let answer = flow.approve(&caller, &flow.request()).await;
        assert_eq!((answer.status, answer.code()), (403, "LOGIN_REQUIRED"));
    }
    assert_eq!(flow.approve(&flow.office.world.stranger(), &flow.request()).await.status, 401);
}

#[tokio::test]
async fn what_came_of_a_code_ends_with_the_session_in_which_the_person_agreed() {
    let flow = Flow::new().await;
    let login = flow.office.log_in("admin@acme.example", crate::office::PASSWORD).await;
    let person = bearer(login.body["data"]["accessToken"].as_str().unwrap());
    let code_of = async || {
        let answer = flow.approve(&person, &flow.request()).await;
        parameter(answer.body["data"]["redirectTo"].as_str().unwrap(), "code").unwrap()
    };
    let token = access_token(&flow.redeem(&code_of().await).await);
    let unused = code_of().await;

    let refresh = crate::office::refresh_token(&login);
    flow.office.form("/auth/v1/oauth/revoke", &format!("token={refresh}"), None).await;

    assert_eq!(flow.office.introspected(&flow.client, &token).await["active"], false);
    assert_eq!(flow.redeem(&unused).await.code(), "invalid_grant");
}

#[tokio::test]
async fn what_came_of_a_code_ends_when_all_sessions_of_its_person_do() {
    let flow = Flow::new().await;
    let office = &flow.office;
    let second = office.joined(&flow.admin, "second@acme.example", &["tenant_admin"]).await;
    office.world.configure(PASSWORD_RULES, "/minimumAgeSeconds", json!(0));
    let next = json!({ "current": PASSWORD, "password": "staple gun paper clip" });
    let suspension = format!("/auth/v1/users/{second}/suspension");
    let log_in = async |password: &str| {
        let answer = office.log_in("second@acme.example", password).await;
        bearer(answer.body["data"]["accessToken"].as_str().unwrap())
    };

    for (end, password) in [("log-out", PASSWORD), ("password", PASSWORD), ("suspension", "staple gun paper clip")] {
        let person = log_in(password).await;
        let other = log_in(password).await;
        let code_of = async || {
            let answer = flow.approve(&person, &flow.request()).await;
            parameter(answer.body["data"]["redirectTo"].as_str().unwrap(), "code").unwrap()
        };
        let token = access_token(&flow.redeem(&code_of().await).await);
        let unused = code_of().await;
        let who = async || office.by(&bearer(&token), "GET", "/auth/v1/oauth/userinfo", &Value::Null).await.status;
        assert_eq!((who().await, &office.introspected(&flow.client, &token).await["active"]), (200, &json!(true)));

        let ended = match end {
            "log-out" => office.by(&other, "POST", "/auth/v1/logout/everywhere", &Value::Null).await,
            "password" => office.by(&other, "POST", "/auth/v1/password", &next).await,
            _ => office.by(&flow.admin, "POST", &suspension, &Value::Null).await,
        };

        assert!(matches!(ended.status, 200 | 204), "{end}: {}", ended.body);
        assert_eq!(flow.redeem(&unused).await.code(), "invalid_grant", "{end}");
        assert_eq!(who().await, 401, "{end}");
        for token in [&token, person.token.as_ref().unwrap()] {
            assert_eq!(office.introspected(&flow.client, token).await, json!({ "active": false }), "{end}");
        }
        assert_eq!(flow.approve(&person, &flow.request()).await.status, 401, "{end}");
    }
}

#[tokio::test]
async fn a_client_gets_nothing_from_a_person_whose_role_asks_for_a_second_factor_they_have_not_shown() {
    let flow = Flow::new().await;
    let code = flow.code(&flow.request()).await;

    flow.office.world.configure(ROLES, "/tenant_admin/multiFactorRequired", json!(true));

    let claims = claims(&bearer(&access_token(&flow.redeem(&code).await)));
    assert_eq!((claims.roles.len(), claims.permissions.len()), (0, 0));
}

#[tokio::test]
async fn what_is_kept_of_a_code_is_not_the_code() {
    let flow = Flow::new().await;
    let code = flow.code(&flow.request()).await;
    let before = format!("{:?}", flow.office.kept().await);
    flow.redeem(&code).await;

    let kept = format!("{before} {:?}", flow.office.kept().await);

    assert!(kept.contains(CHALLENGE));
    for secret in [code.rsplit('.').next().unwrap(), VERIFIER] {
        assert!(!kept.contains(secret));
    }
}
