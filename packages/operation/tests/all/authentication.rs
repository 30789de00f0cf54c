//! Tokens, signatures and policies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use operation::{Claims, encode_token, sign};
use std::sync::atomic::Ordering;

use crate::desk::{BEGINNING, Desk, SECRET, THING};

async fn with_token(desk: &Desk, token: &str) -> (u16, String) {
    let answer = desk.create(THING, &[("authorization", &format!("Bearer {token}"))]).await;
    if answer.status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn the_tenant_and_the_caller_come_from_the_token_alone() {
    let desk = Desk::new();

    let answer = desk.create(THING, &[("x-tenant-id", "other"), ("x-user-id", "root")]).await;

    assert_eq!(answer.body["data"]["tenant"], "acme");
    assert_eq!(answer.body["data"]["caller"], "u1");
}

#[tokio::test]
async fn a_token_that_is_not_whole_signed_and_ours_is_401() {
    let desk = Desk::new();
    let claims = desk.claims();
    let with = |change: fn(&mut Claims)| {
        let mut claims = claims.clone();
        change(&mut claims);
        encode_token(&claims, &desk.key, "k1").unwrap()
    };
    let good = desk.token();
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#);
    let hmac = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#);
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[4; 32]);
    let forged = URL_SAFE_NO_PAD
        .encode(String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap().replace("acme", "evil"));

    assert_eq!(with_token(&desk, &good).await.0, 201);
    for (what, token) in [
        ("expired", with(|claims| claims.exp = BEGINNING)),
        ("issued in the future", with(|claims| claims.iat = BEGINNING + 3600)),
        ("wrong audience", with(|claims| claims.aud = "other".into())),
        ("wrong issuer", with(|claims| claims.iss = "other".into())),
        ("wrong key", encode_token(&claims, &stranger, "k1").unwrap()),
        ("unknown key", encode_token(&claims, &desk.key, "k2").unwrap()),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none with signature", format!("{none}.{payload}.{signature}")),
        ("alg HS256", format!("{hmac}.{payload}.{signature}")),
        ("unsigned", format!("{header}.{payload}.")),
        ("without signature", format!("{header}.{payload}")),
        ("changed payload", format!("{header}.{forged}.{signature}")),
        ("empty", String::new()),
        ("dots", "...".into()),
        ("noise", "\u{7f}".replace('\u{7f}', "~~~")),
        ("huge", "a".repeat(20_000)),
    ] {
        assert_eq!(with_token(&desk, &token).await, (401, "UNAUTHORIZED".into()), "{what}");
    }
}

#[tokio::test]
async fn a_verified_token_is_still_refused_once_it_has_expired() {
    let desk = Desk::new();
    let token = desk.token();

    assert_eq!(with_token(&desk, &token).await.0, 201);
    desk.clock.fetch_add(901_000, Ordering::SeqCst);
    assert_eq!(with_token(&desk, &token).await.0, 401);
}

#[tokio::test]
async fn no_token_and_a_malformed_header_are_401_even_where_everybody_may() {
    let desk = Desk::new();
    let bare = Request::post("/things/v1/things").header("content-type", "application/json");
    assert_eq!(desk.send(bare.body(operation::full(THING)).unwrap()).await.status, 401);

    for value in ["Bearer", "Basic dTpw", "token"] {
        let ask = Request::get("/things/v1/things/a").header("authorization", value);
        assert_eq!(desk.send(ask.body(operation::empty()).unwrap()).await.status, 401, "{value}");
    }
}

#[tokio::test]
async fn a_known_caller_without_the_role_is_403_and_a_stale_login_is_told_so() {
    let desk = Desk::new();
    let ask = |method: &str, path: &str, change: fn(&mut Claims)| {
        let mut claims = desk.claims();
        change(&mut claims);
        let token = encode_token(&claims, &desk.key, "k1").unwrap();
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        desk.send(request.body(operation::empty()).unwrap())
    };

    assert_eq!(ask("GET", "/things/v1/things", |_| {}).await.status, 200);
    assert_eq!(ask("GET", "/things/v1/things", |claims| claims.roles.clear()).await.code(), "FORBIDDEN");
    assert_eq!(ask("DELETE", "/things/v1/things/a", |_| {}).await.status, 204);
    let stale = ask("DELETE", "/things/v1/things/a", |claims| claims.auth_time -= 1000).await;
    assert_eq!((stale.status, stale.body["error"]["details"]["reason"].as_str()), (403, Some("stale_login")));
    let two_factors = ask("DELETE", "/things/v1/things/a", |claims| {
        claims.auth_time -= 1000;
        claims.amr.push("mfa".into());
    });
    assert_eq!(two_factors.await.status, 204);
}

#[tokio::test]
async fn another_service_signs_and_its_signature_is_good_once() {
    let desk = Desk::new();
    let signed = |secret: &[u8; 32]| {
        let mut request = Request::post("/things/internal/v1/checks").body(THING.as_bytes().to_vec()).unwrap();
        sign(&mut request, secret, "booking", BEGINNING * 1_000_000 + 5);
        let (mut head, body) = request.into_parts();
        head.headers.insert("content-type", "application/json".parse().unwrap());
        Request::from_parts(head, operation::full(body))
    };

    let first = desk.send(signed(&SECRET)).await;
    assert_eq!((first.status, first.body["data"].as_str()), (200, Some("booking")));
    assert_eq!(desk.send(signed(&SECRET)).await.code(), "UNAUTHORIZED");
    assert_eq!(desk.send(signed(&[1; 32])).await.code(), "UNAUTHORIZED");
    let person =
        Request::post("/things/internal/v1/checks").header("authorization", format!("Bearer {}", desk.token()));
    assert_eq!(desk.send(person.body(operation::full(THING)).unwrap()).await.status, 401);
}
