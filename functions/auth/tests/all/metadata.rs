//! `GET /auth/v1/.well-known/…`

use serde_json::json;

use crate::office::Office;

const ISSUER: &str = "https://login.acme.example/auth/v1";

async fn document(office: &Office, name: &str) -> testing::Answer {
    let answer = office.world.ask("GET", &format!("/auth/v1/.well-known/{name}")).send().await;
    assert_eq!(answer.status, 200);
    answer
}

#[tokio::test]
async fn every_endpoint_that_is_named_is_one_that_answers() {
    let office = Office::open().await;
    office.world.configure("global.security.authentication", "/issuer", json!(ISSUER));

    for name in ["oauth-authorization-server", "openid-configuration"] {
        let answer = document(&office, name).await;
        assert_eq!(answer.body["issuer"], ISSUER);
        let named = answer.body.as_object().unwrap().iter();
        let places: Vec<_> = named.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri").collect();
        assert!(places.len() >= 4);
        for (place, address) in places {
            let path = address.as_str().unwrap().strip_prefix(ISSUER).unwrap();
            let answer = office.world.ask("OPTIONS", &format!("/auth/v1{path}")).send().await;
            assert_eq!(answer.status, 204, "{place}");
        }
    }
}

#[tokio::test]
async fn both_documents_say_the_same_and_may_be_kept_as_long_as_the_key_set() {
    let office = Office::open().await;
    office.world.configure("services.auth.dev.technical.signing-keys", "/keySetMaxAgeSeconds", json!(77));

    let (oauth, openid) =
        (document(&office, "oauth-authorization-server").await, document(&office, "openid-configuration").await);

    for (name, value) in oauth.body.as_object().unwrap() {
        assert_eq!(&openid.body[name], value, "{name}");
    }
    assert_eq!(openid.body["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
    for answer in [oauth, openid] {
        assert_eq!(answer.header("cache-control"), "public, max-age=77");
    }
}
