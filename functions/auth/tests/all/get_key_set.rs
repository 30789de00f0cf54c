//! `GET /auth/v1/jwks.json`

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::json;

use crate::office::Office;

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
