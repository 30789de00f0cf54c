//! `GET /auth/v1/jwks.json`

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::json;

use crate::office::{Office, PASSWORD_RULES};

#[tokio::test]
async fn the_key_set_is_a_jwk_set_with_the_key_that_signed_the_tokens() {
    let office = Office::with_acme().await;
    let token = office.logged_in("admin@acme.example").await.token.unwrap();

    let answer = office.world.ask("GET", "/auth/v1/jwks.json").send().await;

    assert_eq!(answer.status, 200);
    let key = &answer.body["keys"][0];
    let expected = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": key["x"], "kid": key["kid"],
    }]});
    assert_eq!(answer.body, expected);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap().try_into().unwrap();
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    assert!(VerifyingKey::from_bytes(&bytes).unwrap().verify_strict(signed.as_bytes(), &signature).is_ok());
}

#[tokio::test]
async fn whoever_asks_first_gets_the_key_that_everybody_gets() {
    let office = Office::open().await;
    let twin = auth::mount(&office.world.platform).unwrap();
    let ask = async || office.world.ask("GET", "/auth/v1/jwks.json").send().await.bytes;
    let twins = async || {
        let request = http::Request::get("/auth/v1/jwks.json").body(operation::empty()).unwrap();
        operation::Endpoint::call(&twin, request).await.into_body()
    };

    let (one, other) = tokio::join!(ask(), twins());

    assert_eq!(one, other);
    assert_eq!(one, ask().await);
}

const KEYS: &str = "services.auth.dev.technical.signing-keys";
const DAY: i64 = 86_400;

/// With `acme`, whose passwords outlive the keys.
async fn for_months() -> Office {
    let office = Office::with_acme().await;
    office.world.configure(PASSWORD_RULES, "/maximumAgeSeconds", json!(0));
    office
}

/// The ids in the key set, oldest first.
async fn published(office: &Office) -> Vec<String> {
    let answer = office.world.ask("GET", "/auth/v1/jwks.json").send().await;
    let keys = answer.body["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The id of the key that signs a token now.
async fn signing(office: &Office) -> String {
    let token = office.logged_in("admin@acme.example").await.token.unwrap();
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_key_set_may_be_kept_for_the_configured_time() {
    let office = Office::open().await;
    office.world.configure(KEYS, "/keySetMaxAgeSeconds", json!(120));

    let answer = office.world.ask("GET", "/auth/v1/jwks.json").send().await;

    assert_eq!(answer.header("cache-control"), "public, max-age=120");
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_stays_until_its_last_token_has_expired() {
    let office = for_months().await;
    let first = signing(&office).await;
    assert_eq!(published(&office).await, [first.as_str()]);

    office.world.advance(89 * DAY);
    let both = published(&office).await;
    assert_eq!((both.len(), &both[0]), (2, &first));
    assert_eq!(signing(&office).await, first);

    office.world.advance(DAY - 1);
    let last = office.logged_in("admin@acme.example").await;
    office.world.advance(1);
    assert_eq!(signing(&office).await, both[1]);
    let ravi = crate::office::user("ravi@acme.example", &["shipper"]);
    assert_eq!(office.register(&last, &ravi).await.status, 201, "the last token of the old key is good");

    office.world.advance(3599);
    assert_eq!(published(&office).await, both);
    office.world.advance(1);
    assert_eq!(published(&office).await, both[1..]);
    assert_eq!(office.audited("platform").await, ["key.rotate by platform", "key.rotate by platform"]);
}

#[tokio::test]
async fn all_instances_change_keys_at_the_same_moment_without_a_restart() {
    let office = for_months().await;
    let twin = auth::mount(&office.world.platform).unwrap();
    let twins = async || {
        let request = http::Request::get("/auth/v1/jwks.json").body(operation::empty()).unwrap();
        let body = operation::Endpoint::call(&twin, request).await.into_body();
        let set: serde_json::Value = serde_json::from_slice(&body).unwrap();
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(twins().await, published(&office).await);

    office.world.advance(89 * DAY);
    let (ours, theirs) = tokio::join!(published(&office), twins());
    assert_eq!((ours.len(), &ours), (2, &theirs));

    office.world.advance(DAY + 3600);
    assert_eq!(twins().await, ours[1..]);
    assert_eq!(signing(&office).await, ours[1]);
}

#[tokio::test]
async fn a_changed_period_counts_from_the_next_key_on() {
    let office = Office::with_acme().await;
    signing(&office).await;
    office.world.configure(KEYS, "/signSeconds", json!(2 * DAY));

    office.world.advance(88 * DAY);
    assert_eq!(published(&office).await.len(), 1);
    office.world.advance(DAY);
    assert_eq!(published(&office).await.len(), 2);
    // The second signs from day 90 on, and its successor is published a day before day 92.
    office.world.advance(2 * DAY);
    assert_eq!(published(&office).await.len(), 2, "the first has gone and the third has come");
}

#[tokio::test]
async fn the_longest_token_that_may_be_configured_is_signed() {
    let office = Office::with_acme().await;
    office.world.configure("services.auth.dev.technical.sessions", "/accessTokenSeconds", json!(3600));

    let answer = office.log_in("admin@acme.example", crate::office::PASSWORD).await;

    assert_eq!(answer.body["data"]["expiresIn"], 3600);
}
