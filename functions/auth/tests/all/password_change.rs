//! `POST /auth/v1/password`

use serde_json::{Value, json};
use testing::{Answer, Caller};

use crate::machines::exchange;
use crate::office::{Office, PASSWORD, PASSWORD_RULES, bearer, refresh_token};

const NEXT: &str = "staple gun paper clip";

async fn change(office: &Office, caller: &Caller, current: &str, password: &str) -> Answer {
    let body = json!({ "current": current, "password": password });
    office.send(caller, "POST", "/auth/v1/password", &body).await
}

/// An office where passwords may be changed at once.
async fn office() -> Office {
    let office = Office::with_acme().await;
    office.world.configure(PASSWORD_RULES, "/minimumAgeSeconds", json!(0));
    office
}

#[tokio::test]
async fn a_changed_password_is_good_from_now_on_and_the_old_one_is_not() {
    let office = office().await;
    let caller = office.logged_in("admin@acme.example").await;

    let changed = change(&office, &caller, PASSWORD, NEXT).await;

    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!(office.log_in("admin@acme.example", NEXT).await.status, 200);
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 401);
    let sub = crate::tokens::claims(&caller).sub;
    assert_eq!(office.told("password.changed").await, [json!({ "userId": sub })]);
    assert!(office.audited("acme").await.contains(&format!("password.change by {sub}")));
}

#[tokio::test]
async fn other_sessions_end_and_the_callers_goes_on() {
    let office = office().await;
    let other = office.refresh_token().await;
    let login = office.log_in("admin@acme.example", PASSWORD).await;
    let caller = bearer(login.body["data"]["accessToken"].as_str().unwrap());

    assert_eq!(change(&office, &caller, PASSWORD, NEXT).await.status, 204);

    assert_eq!(office.refresh(&other).await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!(office.refresh(&refresh_token(&login)).await.status, 200);
}

#[tokio::test]
async fn whoever_does_not_know_the_password_changes_nothing_and_is_locked_out() {
    let office = office().await;
    let caller = office.logged_in("admin@acme.example").await;

    for _ in 0..5 {
        let refused = change(&office, &caller, "wrong horse battery", NEXT).await;
        assert_eq!((refused.status, refused.code()), (422, "WRONG_PASSWORD"));
    }

    assert_eq!(change(&office, &caller, PASSWORD, NEXT).await.status, 429);
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn an_easy_password_is_refused_by_the_configured_rules() {
    let office = office().await;
    office.world.configure(PASSWORD_RULES, "/characterClasses", json!(3));
    office.world.configure(PASSWORD_RULES, "/forbidden", json!(["Summer-Of-2026"]));
    let caller = office.logged_in("admin@acme.example").await;

    for (easy, details) in [
        ("short", json!({ "rule": "WEAK_PASSWORD", "minimumLength": 12 })),
        ("only-lower-case", json!({ "rule": "WEAK_PASSWORD", "characterClasses": 3 })),
        ("SUMMER-of-2026", json!({ "rule": "WEAK_PASSWORD", "forbidden": true })),
        ("Admin@acme.example", json!({ "rule": "WEAK_PASSWORD", "forbidden": true })),
    ] {
        let refused = change(&office, &caller, PASSWORD, easy).await;
        assert_eq!((refused.status, refused.code()), (422, "WEAK_PASSWORD"), "{easy}");
        assert_eq!(refused.body["error"]["details"], details);
    }
    assert_eq!(change(&office, &caller, PASSWORD, "Upper and lower").await.status, 204);
}

#[tokio::test]
async fn a_password_comes_again_only_after_as_many_others_as_configured() {
    let office = office().await;
    office.world.configure(PASSWORD_RULES, "/historyLength", json!(1));
    let caller = office.logged_in("admin@acme.example").await;
    let third = "tin roof rusted through";

    let same = change(&office, &caller, PASSWORD, PASSWORD).await;
    assert_eq!((same.status, same.code()), (422, "PASSWORD_REUSED"));
    assert_eq!(change(&office, &caller, PASSWORD, NEXT).await.status, 204);
    assert_eq!(change(&office, &caller, NEXT, PASSWORD).await.code(), "PASSWORD_REUSED");
    assert_eq!(change(&office, &caller, NEXT, third).await.status, 204);
    assert_eq!(change(&office, &caller, third, PASSWORD).await.status, 204);
}

#[tokio::test]
async fn a_password_is_not_changed_again_at_once_to_get_the_old_one_back() {
    let office = Office::with_acme().await;
    let caller = office.logged_in("admin@acme.example").await;

    let refused = change(&office, &caller, PASSWORD, NEXT).await;
    office.world.advance(86_400);
    let caller = office.logged_in("admin@acme.example").await;

    assert_eq!((refused.status, refused.code()), (422, "PASSWORD_TOO_YOUNG"));
    assert_eq!(change(&office, &caller, PASSWORD, NEXT).await.status, 204);
    assert_eq!(change(&office, &caller, NEXT, "tin roof rusted through").await.code(), "PASSWORD_TOO_YOUNG");
}

#[tokio::test]
async fn an_access_token_of_a_session_that_is_over_changes_nothing() {
    let office = office().await;
    let caller = office.logged_in("admin@acme.example").await;
    office.send(&caller, "POST", "/auth/v1/logout", &Value::Null).await;

    let refused = change(&office, &caller, PASSWORD, NEXT).await;

    assert_eq!((refused.status, refused.code()), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn of_two_changes_at_the_same_moment_exactly_one_wins() {
    let office = office().await;
    let caller = office.logged_in("admin@acme.example").await;
    let other = "tin roof rusted through";

    let (one, two) = tokio::join!(change(&office, &caller, PASSWORD, NEXT), change(&office, &caller, PASSWORD, other));

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    // The later one either met the change, or came when the password it knew was the old one already.
    assert!(statuses == [204, 409] || statuses == [204, 422], "{statuses:?}");
    let winner = if one.status == 204 { NEXT } else { other };
    assert_eq!(office.log_in("admin@acme.example", winner).await.status, 200);
}

#[tokio::test]
async fn api_keys_outlive_a_password_unless_they_are_to_end_with_it() {
    let office = office().await;
    let caller = office.logged_in("admin@acme.example").await;
    let (_, key) = office.api_key(&caller, &["tenant_admin"]).await;
    let good = async |key: &str| office.form("/auth/v1/oauth/token", &exchange(key), None).await.status == 200;
    let listed = async || office.by(&caller, "GET", "/auth/v1/api-keys", &Value::Null).await.body["data"].clone();

    assert_eq!(change(&office, &caller, PASSWORD, NEXT).await.status, 204);
    assert!(good(&key).await);
    assert_eq!(listed().await.as_array().unwrap().len(), 1);

    let body = json!({ "current": NEXT, "password": "tin roof rusted through", "revokeApiKeys": true });
    assert_eq!(office.send(&caller, "POST", "/auth/v1/password", &body).await.status, 204);
    assert!(!good(&key).await);
    assert_eq!(listed().await, json!([]));
    let (_, next) = office.api_key(&caller, &["tenant_admin"]).await;
    assert!(good(&next).await);
}
