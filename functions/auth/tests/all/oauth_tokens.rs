//! `POST /auth/v1/oauth/token`, `/introspect` and `/revoke`

use serde_json::json;

use crate::machines::{Client, access_token};
use crate::office::{Office, PASSWORD, refresh_token};

const TOKEN: &str = "/auth/v1/oauth/token";
const REVOKE: &str = "/auth/v1/oauth/revoke";

#[tokio::test]
async fn a_client_proves_itself_in_the_header_or_in_the_body_but_not_in_both() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let in_body = format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret);

    assert_eq!(office.form(TOKEN, &in_body, None).await.status, 200);
    assert_eq!(office.client_token(&client).await.status, 200);
    let both = office.form(TOKEN, &in_body, Some(&client.basic())).await;
    assert_eq!((both.status, both.code()), (400, "invalid_request"));
}

#[tokio::test]
async fn whoever_is_not_a_client_gets_one_answer_whatever_is_wrong() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let unknown = Client { id: format!("acme.{}", "0".repeat(32)), secret: client.secret.clone() };
    let wrong = Client { id: client.id.clone(), secret: "A".repeat(43) };
    let elsewhere = Client { id: client.id.replace("acme", "other"), secret: client.secret.clone() };

    let expected = office.client_token(&unknown).await;

    assert_eq!((expected.status, expected.code()), (401, "invalid_client"));
    assert_eq!(expected.header("www-authenticate"), "Basic");
    for other in [wrong, elsewhere, Client { id: "x".into(), secret: String::new() }] {
        assert_eq!(office.client_token(&other).await.bytes, expected.bytes);
    }
    for field in [None, Some("Basic !"), Some("Bearer abc")] {
        assert_eq!(office.form(TOKEN, "grant_type=client_credentials", field).await.bytes, expected.bytes, "{field:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_no_form_or_not_whole_is_refused_in_the_words_of_oauth() {
    let office = Office::with_acme().await;
    let json = office.post(TOKEN, &json!({ "grant_type": "client_credentials" })).await;
    assert_eq!((json.status, json.code()), (415, "invalid_request"));

    for (form, status, code) in [
        ("", 400, "invalid_request"),
        ("grant_type=", 400, "invalid_request"),
        ("grant_type=password&grant_type=password", 400, "invalid_request"),
        ("grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        ("grant_type=urn%3Aenver%3Aoauth%3Agrant-type%3Aapi-key", 400, "invalid_request"),
        ("%ff%fe=%00", 400, "invalid_request"),
    ] {
        let answer = office.form(TOKEN, form, None).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{form}");
        assert!(answer.body["error_description"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(answer.body.as_object().unwrap().len(), 2, "{}", answer.body);
    }
    let long = format!("grant_type=client_credentials&x={}", "a".repeat(70_000));
    assert_eq!(office.form(TOKEN, &long, None).await.status, 413);
}

#[tokio::test]
async fn introspection_says_what_a_good_token_says() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let machine = access_token(&office.client_token(&client).await);
    let now = office.world.now() / 1000;

    let said = office.introspected(&client, admin.token.as_deref().unwrap()).await;

    let claims = crate::tokens::claims(&admin);
    assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!((&said["sub"], &said["jti"]), (&json!(claims.sub), &json!(claims.jti)));
    assert_eq!((&said["iat"], &said["exp"]), (&json!(now), &json!(now + 900)));
    assert_eq!(said["tenant_id"], "acme");
    let said = office.introspected(&client, &machine).await;
    assert_eq!((&said["active"], &said["client_id"]), (&json!(true), &json!(client.id)));
}

#[tokio::test]
async fn of_a_token_that_is_not_good_introspection_says_just_that() {
    let office = Office::with_acme().await;
    office.create_tenant("other", "admin@other.example").await;
    let admin = office.logged_in("admin@acme.example").await;
    let stranger = office.logged_in("admin@other.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let spare = office.client(&admin, &["shipper"]).await;
    let of_spare = access_token(&office.client_token(&spare).await);
    office.by(&admin, "DELETE", &format!("/auth/v1/clients/{}", spare.id), &serde_json::Value::Null).await;
    let old = refresh_token(&office.log_in("admin@acme.example", PASSWORD).await);
    let new = refresh_token(&office.refresh(&old).await);
    let others = refresh_token(&office.log_in("admin@other.example", PASSWORD).await);
    let good = admin.token.clone().unwrap();

    assert_eq!(office.introspected(&client, &new).await["active"], true);
    for (what, token) in [
        ("another tenant's", stranger.token.clone().unwrap()),
        ("another tenant's refresh token", others),
        ("a deleted client's", of_spare),
        ("a replaced refresh token", old),
        ("changed", format!("{good}A")),
        ("nothing like a token", "x".to_owned()),
    ] {
        assert_eq!(office.introspected(&client, &token).await, json!({ "active": false }), "{what}");
    }
    assert_eq!(office.introspected(&client, &good).await["active"], true);
    office.world.advance(900);
    assert_eq!(office.introspected(&client, &good).await, json!({ "active": false }), "expired");
}

#[tokio::test]
async fn introspection_is_for_clients() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let token = admin.token.clone().unwrap();

    for field in [None, Some(format!("Bearer {token}"))] {
        let answer = office.form("/auth/v1/oauth/introspect", &format!("token={token}"), field.as_deref()).await;
        assert_eq!((answer.status, answer.code()), (401, "invalid_client"));
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_taken_back_takes_its_session_along() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let login = office.log_in("admin@acme.example", PASSWORD).await;
    let (access, first) = (login.body["data"]["accessToken"].as_str().unwrap(), refresh_token(&login));
    let second = refresh_token(&office.refresh(&first).await);

    let answer = office.form(REVOKE, &format!("token={first}&token_type_hint=refresh_token"), None).await;

    assert_eq!((answer.status, answer.bytes.len()), (200, 0));
    assert_eq!(office.refresh(&second).await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!(office.introspected(&client, access).await["active"], false);
    let who = crate::tokens::claims(&admin).sub;
    assert!(office.audited("acme").await.contains(&format!("oauth.revoke by {who}")));
}

#[tokio::test]
async fn an_access_token_that_is_taken_back_is_not_good_any_more_but_its_session_goes_on() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let login = office.log_in("admin@acme.example", PASSWORD).await;
    let access = login.body["data"]["accessToken"].as_str().unwrap();

    for _ in 0..2 {
        assert_eq!(office.form(REVOKE, &format!("token={access}"), None).await.status, 200);
        assert_eq!(office.introspected(&client, access).await, json!({ "active": false }));
    }
    assert_eq!(office.refresh(&refresh_token(&login)).await.status, 200);
}

#[tokio::test]
async fn a_token_that_nobody_has_is_taken_back_without_a_word_and_ends_nothing() {
    let office = Office::with_acme().await;
    let token = office.refresh_token().await;
    let [tenant, session, _] = token.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let before = office.kept().await.len();

    for other in
        [format!("{tenant}.{session}.{}", "A".repeat(43)), format!("{tenant}.{}.x", "0".repeat(32)), "x".into()]
    {
        assert_eq!(office.form(REVOKE, &format!("token={other}"), None).await.status, 200, "{other}");
    }

    assert_eq!(office.kept().await.len(), before);
    assert_eq!(office.refresh(&token).await.status, 200);
}

#[tokio::test]
async fn a_clients_token_is_taken_back_by_that_client_only() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (client, other) = (office.client(&admin, &["shipper"]).await, office.client(&admin, &["shipper"]).await);
    let token = access_token(&office.client_token(&client).await);
    let form = format!("token={token}");

    for field in [None, Some(other.basic())] {
        let answer = office.form(REVOKE, &form, field.as_deref()).await;
        assert_eq!((answer.status, answer.code()), (401, "invalid_client"));
    }
    assert_eq!(office.introspected(&client, &token).await["active"], true);
    assert_eq!(office.form(REVOKE, &form, Some(&client.basic())).await.status, 200);
    assert_eq!(office.introspected(&client, &token).await["active"], false);
}

#[tokio::test]
async fn of_a_session_that_ended_with_all_others_introspection_knows_at_once() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let client = office.client(&admin, &["shipper"]).await;
    let login = office.log_in("admin@acme.example", PASSWORD).await;
    let tokens = [login.body["data"]["accessToken"].as_str().unwrap().to_owned(), refresh_token(&login)];
    for token in &tokens {
        assert_eq!(office.introspected(&client, token).await["active"], true);
    }

    let ended = office.by(&admin, "POST", "/auth/v1/logout/everywhere", &serde_json::Value::Null).await;

    assert_eq!(ended.status, 204);
    for token in &tokens {
        assert_eq!(office.introspected(&client, token).await, json!({ "active": false }));
    }
}
