//! Secrets that are needed again as they are: what stands in the table does not show them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::browsers::Place;
use crate::office::{Office, text};

const DAY: i64 = 86_400;

/// The public halves of all private keys that stand in the table as anybody could read them.
async fn readable_keys(office: &Office) -> Vec<String> {
    let mut found = Vec::new();
    for item in office.kept().await {
        let record: Value = serde_json::from_str(&text(&item, "record")).unwrap_or_default();
        let mut open = vec![record];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(several) => open.extend(several),
                Value::Object(fields) => open.extend(fields.into_iter().map(|(_, value)| value)),
                Value::String(word) => {
                    let bytes = STANDARD.decode(&word).or_else(|_| URL_SAFE_NO_PAD.decode(&word)).unwrap_or_default();
                    if let Ok(private) = <[u8; 32]>::try_from(bytes) {
                        let public = SigningKey::from_bytes(&private).verifying_key();
                        found.push(URL_SAFE_NO_PAD.encode(public.as_bytes()));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

async fn published(office: &Office) -> Vec<String> {
    let set = office.world.ask("GET", "/auth/v1/jwks.json").send().await;
    set.body["keys"].as_array().unwrap().iter().map(|key| key["x"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_key_that_signs_tokens_can_be_read_in_the_table() {
    let office = Office::with_acme().await;
    office.logged_in("admin@acme.example").await;
    office.world.advance(90 * DAY);
    let keys = published(&office).await;

    let readable = readable_keys(&office).await;

    assert!(!keys.is_empty() && keys.iter().all(|key| !readable.contains(key)), "{keys:?}");
}

#[tokio::test]
async fn a_key_that_was_kept_in_the_open_goes_on_signing_and_is_sealed_at_the_next_start() {
    let office = Office::with_acme().await;
    office.logged_in("admin@acme.example").await;
    let private = STANDARD.encode([9; 32]);
    office.rewrite("key-ring", |ring| ring["keys"][0]["privateKey"] = json!(private)).await;
    let public = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&[9; 32]).verifying_key().as_bytes());
    assert!(readable_keys(&office).await.contains(&public), "this is how it would be found");

    let restarted = auth::mount(&office.world.platform).unwrap();
    let request = http::Request::get("/auth/v1/jwks.json").body(operation::empty()).unwrap();
    let set: Value = serde_json::from_slice(operation::Endpoint::call(&restarted, request).await.body()).unwrap();

    assert_eq!(set["keys"][0]["x"], public.as_str());
    assert!(!readable_keys(&office).await.contains(&public));
}

#[tokio::test]
async fn nothing_that_opens_a_provider_can_be_read_in_the_table() {
    let place = Place::new().await;
    let attempt = place.begin().await;
    let waiting = format!("{:?}", place.office.kept().await);
    assert_eq!(place.come_back(&attempt).await.status, 302);
    place.office.world.advance(300);
    place.logged_in().await;

    let kept = format!("{:?}", place.office.kept().await);

    let verifier = place.sent("code_verifier");
    assert_eq!(verifier.len(), 43);
    assert!(!waiting.contains(&verifier));
    for secret in ["outside secret", "outside-access", "outside-refresh"] {
        assert!(!kept.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_was_kept_of_a_provider_in_the_open_is_used_and_sealed_when_it_is_written_again() {
    let place = Place::new().await;
    let session = place.logged_in().await;
    let office = &place.office;
    office.rewrite("identity-provider", |provider| provider["clientSecret"] = json!("plain secret")).await;
    office
        .rewrite("browser-session", |session| {
            session["accessToken"] = json!("plain access");
            session["refreshToken"] = json!("plain-refresh");
        })
        .await;

    office.world.advance(300);
    assert_eq!(place.session(&session).await.status, 200);

    assert_eq!(place.sent("refresh_token"), "plain-refresh");
    let kept = format!("{:?}", office.kept().await);
    assert!(!kept.contains("plain access") && !kept.contains("plain-refresh"));
}
