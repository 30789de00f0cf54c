//! `/auth/v1/browser/…`: a browser that logs in at the provider of its tenant.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use operation::{BoxError, Transport};
use serde_json::{Value, json};
use testing::{Answer, Caller, World};

use crate::office::{Office, ROLES, user};

const ISSUER: &str = "https://login.outside.example/realms/acme";
const RULES: &str = "services.auth.dev.technical.browser-login";
const SESSION: &str = "/auth/v1/browser/session";

/// The provider outside, and everything else outside behind it.
struct Provider {
    outside: Arc<dyn Transport>,
    key: SigningKey,
    /// What the next ID token says beside the usual.
    says: Mutex<Value>,
    forms: Mutex<Vec<String>>,
    refreshes: AtomicUsize,
    status: Mutex<u16>,
}

impl Provider {
    fn signed(&self, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&json!({ "alg": "EdDSA", "kid": "out-1" })), encode(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()).to_bytes()))
    }

    fn answer(&self, path: &str, form: String) -> Value {
        match path {
            "/realms/acme/.well-known/openid-configuration" => json!({
                "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"), "jwks_uri": format!("{ISSUER}/keys"),
            }),
            "/realms/unfit/.well-known/openid-configuration" => json!({
                "issuer": ISSUER, "authorization_endpoint": "https://a.example", "token_endpoint": "https://a.example",
                "jwks_uri": "https://a.example",
            }),
            "/realms/acme/keys" => json!({ "keys": [
                { "kty": "RSA", "kid": "rsa" },
                { "kty": "OKP", "crv": "Ed25519", "kid": "out-1",
                  "x": URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes()) },
            ]}),
            _ => {
                let refresh = form.contains("grant_type=refresh_token");
                self.forms.lock().unwrap().push(form);
                let count = self.refreshes.fetch_add(usize::from(refresh), Ordering::SeqCst);
                json!({
                    "access_token": format!("outside-access-{count}"), "refresh_token": format!("outside-refresh-{count}"),
                    "id_token": self.signed(&self.says.lock().unwrap()), "expires_in": 300, "token_type": "Bearer",
                })
            }
        }
    }
}

#[async_trait]
impl Transport for Provider {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, BoxError> {
        if request.uri().host() != Some("login.outside.example") {
            return self.outside.send(request).await;
        }
        // Long enough for everybody else to come in between.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let form = String::from_utf8(request.body().to_vec())?;
        let answer = self.answer(request.uri().path(), form);
        let status = *self.status.lock().unwrap();
        Ok(http::Response::builder().status(status).body(answer.to_string().into())?)
    }
}

/// The service, with a provider outside.
pub struct Place {
    pub office: Office,
    admin: Caller,
    provider: Arc<Provider>,
}

/// A login that waits for the browser to come back.
pub struct Attempt {
    cookie: String,
    state: String,
}

impl Place {
    /// With `acme`, which has chosen the provider.
    pub async fn new() -> Self {
        let mut place = Self::open().await;
        assert_eq!(place.office.create_tenant("acme", "admin@acme.example").await.status, 201);
        place.admin = place.office.logged_in("admin@acme.example").await;
        assert_eq!(place.set(&place.admin, ISSUER).await.status, 200);
        place
    }

    /// The provider, and nobody who has chosen it yet.
    pub async fn open() -> Self {
        let mut provider = None;
        let world = World::start(&["auth"], async |platform| {
            let made = Arc::new(Provider {
                outside: Arc::clone(&platform.transport),
                key: SigningKey::from_bytes(&[8; 32]),
                says: Mutex::default(),
                forms: Mutex::default(),
                refreshes: AtomicUsize::new(0),
                status: Mutex::new(200),
            });
            provider = Some(Arc::clone(&made));
            auth::mount(&cloud::Platform { transport: made, ..platform.clone() })
        });
        let office = Office::in_world(world.await);
        office.world.configure(RULES, "/issuers", json!([ISSUER, "https://login.outside.example/realms/unfit"]));
        Self { admin: office.world.stranger(), office, provider: provider.unwrap() }
    }

    async fn set(&self, caller: &Caller, issuer: &str) -> Answer {
        let body = json!({ "issuer": issuer, "clientId": "enver", "clientSecret": "outside secret" });
        self.office.by(caller, "PUT", "/auth/v1/identity-provider", &body).await
    }

    /// Every operation of browsers, every refusal of theirs, with `acme` there: part of the walk in `promises`.
    pub async fn walk(&self, admin: &Caller) {
        for issuer in ["https://elsewhere.example", "https://login.outside.example/realms/unfit", ISSUER] {
            self.set(admin, issuer).await;
        }
        self.get("/auth/v1/browser/login?tenant=nobody", "").await;
        self.get("/auth/v1/browser/callback?state=x", "").await;
        self.get(SESSION, "").await;
        let session = self.logged_in().await;
        self.office.world.advance(300);
        self.get(SESSION, &session).await;
        self.logout("x").await;
        self.logout(&self.provider.signed(&self.logout_token())).await;
        let session = self.logged_in().await;
        self.office.world.ask("POST", "/auth/v1/browser/logout").header("cookie", &session).send().await;
    }

    pub async fn begin(&self) -> Attempt {
        let answer = self.get("/auth/v1/browser/login?tenant=acme&returnTo=/bookings?page=2", "").await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        let location = answer.header("location");
        assert!(location.starts_with(&format!("{ISSUER}/authorize?")), "{location}");
        let now = self.office.world.now() / 1000;
        *self.provider.says.lock().unwrap() = json!({
            "iss": ISSUER, "aud": "enver", "sub": "person-1", "sid": "s-1", "exp": now + 300, "iat": now,
            "nonce": parameter(location, "nonce"), "email": "Admin@acme.example", "email_verified": true,
        });
        Attempt { cookie: set_cookie(&answer, "__Host-login"), state: parameter(location, "state") }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let ask = self.office.world.ask("GET", path);
        if cookie.is_empty() { ask.send().await } else { ask.header("cookie", cookie).send().await }
    }

    pub async fn come_back(&self, attempt: &Attempt) -> Answer {
        self.get(&format!("/auth/v1/browser/callback?code=c-1&state={}", attempt.state), &attempt.cookie).await
    }

    /// The cookie of a browser that has logged in.
    pub async fn logged_in(&self) -> String {
        let answer = self.come_back(&self.begin().await).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        set_cookie(&answer, "__Host-session")
    }

    /// Whose session it is.
    pub async fn session(&self, cookie: &str) -> Answer {
        self.get(SESSION, cookie).await
    }

    /// The parameter of the last form that had one of this name.
    pub fn sent(&self, name: &str) -> String {
        let forms = self.provider.forms.lock().unwrap();
        let fields = |form: &String| serde_urlencoded::from_str::<Vec<(String, String)>>(form).unwrap();
        let last = forms.iter().rev().flat_map(fields).find(|(known, _)| known == name);
        last.expect("a form with that parameter").1
    }

    async fn logout(&self, token: &str) -> Answer {
        let path = "/auth/v1/browser/tenants/acme/backchannel-logout";
        self.office.form(path, &format!("logout_token={token}"), None).await
    }

    fn logout_token(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": "enver", "sub": "person-1", "sid": "s-1", "jti": "j-1", "exp": self.office.world.now() / 1000 + 60,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        })
    }
}

fn parameter(address: &str, name: &str) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(address.split_once('?').unwrap().1).unwrap();
    pairs.into_iter().find(|(known, _)| known == name).unwrap().1
}

/// `name=value` of a cookie that an answer sets.
fn set_cookie(answer: &Answer, name: &str) -> String {
    let all = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = all.into_iter().find(|cookie| cookie.starts_with(&format!("{name}="))).unwrap();
    assert!(cookie.ends_with("; HttpOnly; Secure; SameSite=Lax") && cookie.contains("; Path=/; "), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_browser_logs_in_at_its_provider_and_is_known_until_it_logs_out() {
    let place = Place::new().await;

    let back = place.come_back(&place.begin().await).await;

    assert_eq!((back.status, back.header("location")), (302, "/bookings?page=2"));
    let session = set_cookie(&back, "__Host-session");
    let known = place.get(SESSION, &format!("other=1; {session}")).await;
    assert_eq!(known.body["data"]["email"], "admin@acme.example");
    assert_eq!(known.body["data"]["roles"], json!(["tenant_admin"]));
    let form = place.provider.forms.lock().unwrap()[0].clone();
    assert!(form.contains("code=c-1") && form.contains("code_verifier="), "{form}");
    let out = place.office.world.ask("POST", "/auth/v1/browser/logout").header("cookie", &session).send().await;
    assert_eq!((out.status, out.header("location")), (303, "/"));
    assert!(out.header("set-cookie").starts_with("__Host-session=; Path=/; Max-Age=0;"));
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
}

#[tokio::test]
async fn no_token_of_the_provider_ever_reaches_the_browser() {
    let place = Place::new().await;
    let back = place.come_back(&place.begin().await).await;
    let session = set_cookie(&back, "__Host-session");
    place.office.world.advance(300);
    let known = place.get(SESSION, &session).await;

    let seen = format!("{:?} {:?} {:?} {:?}", back.headers, back.bytes, known.headers, known.bytes);

    assert!(!seen.contains("outside-") && !seen.contains("eyJ"), "{seen}");
    assert!(session.len() < 200);
    let kept = format!("{:?}", place.office.kept().await);
    assert!(!kept.contains(session.rsplit('.').next().unwrap()), "what is kept does not open the session");
}

#[tokio::test]
async fn of_twenty_who_need_a_new_token_at_the_same_moment_exactly_one_asks_for_it() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    place.office.world.advance(290);

    let all: Vec<_> = (0..20).map(|_| place.get(SESSION, &session)).collect();
    let mut statuses = Vec::new();
    let mut pending: Vec<_> = all.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        pending.retain_mut(|ask| match ask.as_mut().poll(cx) {
            std::task::Poll::Ready(answer) => {
                statuses.push(answer.status);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;

    assert_eq!(statuses, [200; 20]);
    assert_eq!(place.provider.refreshes.load(Ordering::SeqCst), 1);
    place.office.world.advance(290);
    assert_eq!(place.get(SESSION, &session).await.status, 200);
    let last = place.provider.forms.lock().unwrap().last().unwrap().clone();
    assert!(last.contains("refresh_token=outside-refresh-0"), "the token that came of the refresh before: {last}");
}

#[tokio::test]
async fn of_two_instances_exactly_one_replaces_a_token_and_the_other_asks_its_caller_to_come_again() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    let platform = &place.office.world.platform;
    let transport = Arc::clone(&place.provider) as Arc<dyn Transport>;
    let twin = auth::mount(&cloud::Platform { transport, ..platform.clone() }).unwrap();
    let ask_twin = async || {
        let request = http::Request::get(SESSION).header("cookie", &session).body(operation::empty()).unwrap();
        operation::Endpoint::call(&twin, request).await.status().as_u16()
    };
    place.office.world.advance(300);

    let (ours, theirs) = tokio::join!(place.get(SESSION, &session), ask_twin());

    let mut statuses = [ours.status, theirs];
    statuses.sort_unstable();
    assert!(statuses == [200, 503] || statuses == [200, 200], "{statuses:?}");
    assert_eq!(place.provider.refreshes.load(Ordering::SeqCst), 1);
    assert_eq!(ask_twin().await, 200);
}

#[tokio::test]
async fn a_token_is_left_alone_until_shortly_before_it_expires() {
    let place = Place::new().await;
    let session = place.logged_in().await;

    place.office.world.advance(289);
    assert_eq!(place.get(SESSION, &session).await.status, 200);

    assert_eq!(place.provider.refreshes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_session_ends_when_the_provider_gives_no_token_but_not_while_it_is_away() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    place.office.world.advance(300);

    *place.provider.status.lock().unwrap() = 502;
    assert_eq!(place.get(SESSION, &session).await.status, 503);
    *place.provider.status.lock().unwrap() = 200;
    assert_eq!(place.get(SESSION, &session).await.status, 200);

    place.office.world.advance(300);
    *place.provider.status.lock().unwrap() = 400;
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
    *place.provider.status.lock().unwrap() = 200;
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION", "it stays over");
}

#[tokio::test]
async fn a_session_ends_when_its_own_time_is_over() {
    let place = Place::new().await;
    place.office.world.configure(RULES, "/sessionSeconds", json!(300));
    let session = place.logged_in().await;

    place.office.world.advance(299);
    assert_eq!(place.get(SESSION, &session).await.status, 200);
    place.office.world.advance(1);
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
}

#[tokio::test]
async fn a_session_lasts_no_longer_than_its_persons_role_allows() {
    let place = Place::new().await;
    place.office.world.configure(ROLES, "/tenant_admin/sessionSeconds", json!(600));
    let session = place.logged_in().await;

    place.office.world.advance(599);
    assert_eq!(place.get(SESSION, &session).await.status, 200);
    place.office.world.advance(1);
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
}

#[tokio::test]
async fn whoever_logs_out_everywhere_is_logged_out_in_their_browser() {
    let place = Place::new().await;
    let session = place.logged_in().await;

    let ended = place.office.by(&place.admin, "POST", "/auth/v1/logout/everywhere", &Value::Null).await;

    assert_eq!(ended.status, 204);
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
    let again = place.logged_in().await;
    assert_eq!(place.get(SESSION, &again).await.status, 200);
}

#[tokio::test]
async fn a_suspended_persons_browser_is_not_known_and_does_not_get_in_again() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    place.office.joined(&place.admin, "second@acme.example", &["tenant_admin"]).await;
    let second = place.office.logged_in("second@acme.example").await;
    let suspend = |id: &str| format!("/auth/v1/users/{id}/suspension");
    let id = crate::tokens::claims(&place.admin).sub;

    assert_eq!(place.office.by(&second, "POST", &suspend(&id), &Value::Null).await.status, 200);

    place.office.world.advance(300);
    assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
    assert_eq!(place.provider.refreshes.load(Ordering::SeqCst), 0, "nothing is asked of the provider for them");
    assert_eq!(place.come_back(&place.begin().await).await.code(), "LOGIN_FAILED");
}

#[tokio::test]
async fn an_answer_that_is_not_to_this_browsers_question_logs_nobody_in() {
    let place = Place::new().await;
    let failed = |answer: Answer, what: &str| {
        assert_eq!((answer.status, answer.code()), (401, "LOGIN_FAILED"), "{what}");
        assert_eq!(answer.header("set-cookie"), "", "{what}");
    };
    let other = place.begin().await;
    let attempt = place.begin().await;
    let back = |query: String, cookie: String| {
        let path = format!("/auth/v1/browser/callback?{query}");
        let place = &place;
        async move { place.get(&path, &cookie).await }
    };
    let state = &attempt.state;
    let (start, _) = state.rsplit_once('.').unwrap();

    failed(back(format!("code=c&state={state}"), String::new()).await, "no cookie");
    failed(back(format!("code=c&state={state}"), other.cookie.clone()).await, "another browser's cookie");
    failed(back(format!("code=c&state={start}.{}", "A".repeat(43)), attempt.cookie.clone()).await, "made up state");
    failed(back(format!("error=access_denied&state={state}"), attempt.cookie.clone()).await, "refused there");
    failed(
        back(format!("code=c&state={state}&iss=https://evil.example"), attempt.cookie.clone()).await,
        "another issuer",
    );
    let good = place.provider.says.lock().unwrap().clone();
    for (what, name, value) in [
        ("another nonce", "nonce", json!("x")),
        ("no nonce", "nonce", Value::Null),
        ("another audience", "aud", json!("other")),
        ("several audiences", "aud", json!(["enver", "other"])),
        ("another issuer in the token", "iss", json!("https://evil.example")),
        ("expired", "exp", json!(1)),
        ("an address that is not verified", "email_verified", json!(false)),
        ("somebody who is not registered", "email", json!("nobody@acme.example")),
    ] {
        let mut says = good.clone();
        says[name] = value;
        *place.provider.says.lock().unwrap() = says;
        failed(place.come_back(&attempt).await, what);
    }
    *place.provider.says.lock().unwrap() = good;
    assert_eq!(place.come_back(&attempt).await.status, 302, "none of these has used it up");
    failed(place.come_back(&attempt).await, "the same answer again");
    let late = place.begin().await;
    place.office.world.advance(600);
    failed(place.come_back(&late).await, "too late");
}

#[tokio::test]
async fn nobody_of_another_tenant_logs_in_at_this_tenants_provider() {
    let place = Place::new().await;
    place.office.create_tenant("other", "admin@other.example").await;
    let attempt = place.begin().await;
    place.provider.says.lock().unwrap()["email"] = json!("admin@other.example");

    assert_eq!(place.come_back(&attempt).await.code(), "LOGIN_FAILED");
    assert_eq!(place.get("/auth/v1/browser/login?tenant=other", "").await.code(), "NO_PROVIDER");
}

#[tokio::test]
async fn a_login_leads_back_to_this_origin_only() {
    let place = Place::new().await;
    for away in ["https://evil.example", "//evil.example", "/%5Cevil", "/%0D%0Aset-cookie:a", "bookings", ""] {
        let answer = place.get(&format!("/auth/v1/browser/login?tenant=acme&returnTo={away}"), "").await;
        assert_eq!((answer.status, answer.code()), (400, "VALIDATION_ERROR"), "{away}");
    }
}

#[tokio::test]
async fn the_provider_ends_a_session_and_saying_it_twice_is_harmless() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    let token = place.provider.signed(&place.logout_token());

    for _ in 0..2 {
        assert_eq!(place.logout(&token).await.status, 200);
        assert_eq!(place.get(SESSION, &session).await.code(), "NO_SESSION");
    }
}

#[tokio::test]
async fn a_logout_token_that_names_another_session_ends_none_and_one_that_names_none_ends_all() {
    let place = Place::new().await;
    let sessions = [place.logged_in().await, place.logged_in().await];
    let mut token = place.logout_token();

    token["sid"] = json!("s-2");
    assert_eq!(place.logout(&place.provider.signed(&token)).await.status, 200);
    for session in &sessions {
        assert_eq!(place.get(SESSION, session).await.status, 200);
    }
    token.as_object_mut().unwrap().remove("sid");
    assert_eq!(place.logout(&place.provider.signed(&token)).await.status, 200);
    for session in &sessions {
        assert_eq!(place.get(SESSION, session).await.code(), "NO_SESSION");
    }
}

#[tokio::test]
async fn what_is_no_logout_token_of_the_provider_ends_nothing() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    let good = place.logout_token();
    for (what, name, value) in [
        ("another issuer", "iss", json!("https://evil.example")),
        ("another audience", "aud", json!("other")),
        ("expired", "exp", json!(1)),
        ("an ID token", "events", json!({})),
        ("with a nonce", "nonce", json!("n")),
    ] {
        let mut token = good.clone();
        token[name] = value;
        let answer = place.logout(&place.provider.signed(&token)).await;
        assert_eq!((answer.status, answer.code()), (400, "invalid_request"), "{what}");
    }
    let signed = place.provider.signed(&good);
    let (start, _) = signed.rsplit_once('.').unwrap();
    let none =
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"out-1"}"#), start.split('.').nth(1).unwrap());
    for forged in [format!("{start}.{}", URL_SAFE_NO_PAD.encode([0; 64])), none, "x".to_owned()] {
        assert_eq!(place.logout(&forged).await.status, 400);
    }
    assert_eq!(place.get(SESSION, &session).await.status, 200);
}

#[tokio::test]
async fn a_tenant_uses_a_provider_that_the_platform_lists_and_its_administrator_chose() {
    let place = Place::new().await;
    place.office.register(&place.admin, &user("ravi@acme.example", &["shipper"])).await;
    let ravi = place.office.logged_in("ravi@acme.example").await;

    assert_eq!(place.set(&ravi, ISSUER).await.status, 403);
    assert_eq!(place.set(&place.admin, "https://elsewhere.example").await.code(), "PROVIDER_NOT_LISTED");
    let unfit = place.set(&place.admin, "https://login.outside.example/realms/unfit").await;
    assert_eq!((unfit.status, unfit.code()), (422, "PROVIDER_UNFIT"), "its document names another issuer");
    let set = place.set(&place.admin, ISSUER).await;
    assert!(!String::from_utf8_lossy(&set.bytes).contains("outside secret"));
}

#[tokio::test]
async fn browsers_and_tokens_together_are_as_many_as_the_persons_roles_allow() {
    let place = Place::new().await;
    place.office.world.configure(ROLES, "/tenant_admin/sessionLimit", json!(2));
    let oldest = place.office.refresh_token().await;
    let first = place.logged_in().await;
    let second = place.logged_in().await;

    assert_eq!(place.office.refresh(&oldest).await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!((place.session(&first).await.status, place.session(&second).await.status), (200, 200));
    let newest = place.office.refresh_token().await;
    assert_eq!(place.session(&first).await.code(), "NO_SESSION", "it was the oldest of three");

    let out = place.office.world.ask("POST", "/auth/v1/browser/logout").header("cookie", &second).send().await;
    assert_eq!(out.status, 303);
    place.logged_in().await;
    assert_eq!(place.office.refresh(&newest).await.status, 200, "the browser that logged out had made room");
}
