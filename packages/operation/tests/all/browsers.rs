//! Cross-origin calls and the header fields that protect browsers.

use http::Request;
use operation::Environment;

use crate::desk::{Desk, Shelf, THING};

#[tokio::test]
async fn a_preflight_of_a_listed_origin_is_let_in_and_an_unknown_one_gets_no_header() {
    let desk = Desk::new();
    let preflight = |origin: &str| {
        let ask = Request::options("/things/v1/things").header("origin", origin);
        desk.send(ask.header("access-control-request-method", "POST").body(operation::empty()).unwrap())
    };

    let known = preflight("https://app.example").await;
    assert_eq!(known.status, 204);
    assert_eq!(known.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(known.header("access-control-max-age"), "600");
    assert!(known.header("access-control-allow-methods").contains("POST"));
    assert_eq!(known.header("vary"), "origin");
    for origin in ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"] {
        let unknown = preflight(origin).await;
        assert!(unknown.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{origin}");
    }
}

#[tokio::test]
async fn an_origin_of_another_tenant_cannot_read_the_answer() {
    let desk = Desk::new();
    let mut claims = desk.claims();
    claims.tenant_id = "other".into();
    let other = operation::encode_token(&claims, &desk.key, "k1").unwrap();
    let origin = ("origin", "https://app.example");

    let own = desk.create(THING, &[origin]).await;
    assert_eq!(own.header("access-control-allow-origin"), "https://app.example");
    let foreign = desk.create(THING, &[origin, ("authorization", &format!("Bearer {other}"))]).await;
    assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (201, ""));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for (environment, transport) in
        [(Environment::Dev, ""), (Environment::Main, "max-age=31536000; includeSubDomains; preload")]
    {
        let desk = Desk::with(environment, Shelf::default());
        for path in ["/things/v1/things/a", "/nowhere"] {
            let answer = desk.get(path).await;
            assert_eq!(answer.header("x-frame-options"), "DENY");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(answer.header("content-security-policy").contains("default-src 'none'"));
            assert!(answer.header("permissions-policy").contains("geolocation=()"));
            assert_eq!(answer.header("strict-transport-security"), transport);
        }
    }
}
