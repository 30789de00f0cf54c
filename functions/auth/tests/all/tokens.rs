//! Access tokens, as the service's own routes take them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloud::Entity;
use ed25519_dalek::SigningKey;
use operation::{Claims, encode_token};
use policy::Role;
use serde::{Deserialize, Serialize};
use testing::Caller;

use crate::office::{Office, bearer, user};

/// The claims of a caller's token.
pub fn claims(caller: &Caller) -> Claims {
    let payload = caller.token.as_deref().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The issuer's keys, read where they are kept.
#[derive(Serialize, Deserialize)]
struct KeyRing {
    keys: Vec<KeyRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyRecord {
    key_id: String,
}

impl Entity for KeyRing {
    const KIND: &'static str = "key-ring";

    fn tenant(&self) -> &str {
        policy::PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        "current"
    }

    fn order(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn a_token_that_a_key_of_the_ring_signed_is_good_for_what_it_says() {
    let world = crate::world().await;
    let list = async |role: Role| world.ask("GET", "/auth/v1/users").by(&world.caller("acme", role)).send().await;

    assert_eq!(list(Role::TenantAdmin).await.status, 200);
    assert_eq!(list(Role::Driver).await.status, 403);
}

#[tokio::test]
async fn a_token_that_is_not_whole_signed_current_and_ours_is_401() {
    let office = Office::with_acme().await;
    // The service signs with a key that this test knows: it finds one that was kept before keys were sealed.
    let twin = auth::mount(&office.world.platform).unwrap();
    let request = http::Request::get("/auth/v1/jwks.json").body(operation::empty()).unwrap();
    operation::Endpoint::call(&twin, request).await;
    let key = SigningKey::from_bytes(&[5; 32]);
    office.rewrite("key-ring", |ring| ring["keys"][0]["privateKey"] = STANDARD.encode(key.as_bytes()).into()).await;
    let admin = office.logged_in("admin@acme.example").await;
    let good = admin.token.clone().unwrap();
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let ring = office.world.platform.table("auth").get::<KeyRing>("platform", "current").await.unwrap().unwrap();
    let kept = &ring.value.keys[0];
    let claims = claims(&admin);
    let with = |change: fn(&mut Claims)| {
        let mut changed = claims.clone();
        change(&mut changed);
        encode_token(&changed, &key, &kept.key_id).unwrap()
    };
    let none = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#, kept.key_id));
    let stranger = SigningKey::from_bytes(&[4; 32]);

    for (what, token) in [
        ("alg none", format!("{none}.{payload}.")),
        ("alg none with signature", format!("{none}.{payload}.{signature}")),
        ("unsigned", format!("{header}.{payload}.")),
        ("expired", with(|claims| claims.exp = claims.iat)),
        ("wrong audience", with(|claims| claims.aud = "other".into())),
        ("wrong issuer", with(|claims| claims.iss = "https://other.example".into())),
        ("wrong key", encode_token(&claims, &stranger, &kept.key_id).unwrap()),
        ("unknown key", encode_token(&claims, &key, "other").unwrap()),
        ("of the world's own issuer", office.world.caller("acme", Role::TenantAdmin).token.unwrap()),
    ] {
        let answer = office.register(&bearer(&token), &user("ravi@acme.example", &["shipper"])).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"), "{what}");
    }
    let whole = bearer(&with(|_| {}));
    assert_eq!(office.register(&whole, &user("ravi@acme.example", &["shipper"])).await.status, 201);
}

#[tokio::test]
async fn a_token_is_refused_when_its_time_is_over() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;

    office.world.advance(899);
    assert_eq!(office.register(&admin, &user("ravi@acme.example", &["shipper"])).await.status, 201);
    office.world.advance(1);
    assert_eq!(office.register(&admin, &user("asha@acme.example", &["shipper"])).await.status, 401);
}
