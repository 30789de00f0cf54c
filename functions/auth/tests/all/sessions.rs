//! `/auth/v1/logout`, `/auth/v1/logout/everywhere`, `/auth/v1/sessions`, and the limits of roles

use serde_json::{Value, json};
use testing::{Answer, Caller};

use crate::office::{Office, PASSWORD, PASSWORD_RULES, ROLES, bearer, refresh_token};

const NONE: &Value = &Value::Null;

/// A new session of the administrator: who calls in it, and its refresh token.
async fn session(office: &Office) -> (Caller, String) {
    let answer = office.log_in("admin@acme.example", PASSWORD).await;
    (bearer(answer.body["data"]["accessToken"].as_str().unwrap()), refresh_token(&answer))
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.body["data"].as_array().unwrap().iter().map(|view| view["sessionId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn logging_out_ends_this_session_and_no_other_and_twice_is_once() {
    let office = Office::with_acme().await;
    let ((caller, mine), (_, other)) = (session(&office).await, session(&office).await);

    let first = office.send(&caller, "POST", "/auth/v1/logout", NONE).await;
    let again = office.send(&caller, "POST", "/auth/v1/logout", NONE).await;

    assert_eq!((first.status, again.status), (204, 204));
    assert_eq!(office.refresh(&mine).await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!(office.refresh(&other).await.status, 200);
    let audited = office.audited("acme").await;
    assert_eq!(audited.iter().filter(|entry| entry.starts_with("auth.logout by ")).count(), 1);
}

#[tokio::test]
async fn a_log_out_and_a_refresh_at_the_same_moment_leave_no_session() {
    let office = Office::with_acme().await;

    for _ in 0..5 {
        let (caller, token) = session(&office).await;
        let (out, refreshed) =
            tokio::join!(office.send(&caller, "POST", "/auth/v1/logout", NONE), office.refresh(&token));
        assert_eq!(out.status, 204);
        let last = if refreshed.status == 200 { refresh_token(&refreshed) } else { token };
        assert_eq!(office.refresh(&last).await.status, 401);
    }
}

#[tokio::test]
async fn logging_out_everywhere_ends_every_session_of_this_person_and_of_nobody_else() {
    let office = Office::with_acme().await;
    let ((caller, mine), (_, other)) = (session(&office).await, session(&office).await);
    office.joined(&caller, "ravi@acme.example", &["shipper"]).await;
    let bystander = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);

    assert_eq!(office.send(&caller, "POST", "/auth/v1/logout/everywhere", NONE).await.status, 204);

    for ended in [mine, other] {
        assert_eq!(office.refresh(&ended).await.code(), "INVALID_REFRESH_TOKEN");
    }
    assert_eq!(office.refresh(&bystander).await.status, 200);
    assert_eq!(office.refresh(&session(&office).await.1).await.status, 200, "a later session is a new one");
    assert_eq!(office.send(&caller, "POST", "/auth/v1/logout/everywhere", NONE).await.status, 401, "it is over");
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_strictest_role_allows() {
    let office = Office::with_acme().await;
    office.world.configure(ROLES, "/shipper/sessionSeconds", json!(400));
    office.world.configure(ROLES, "/driver/sessionSeconds", json!(300));
    let admin = office.logged_in("admin@acme.example").await;
    office.joined(&admin, "ravi@acme.example", &["shipper", "driver"]).await;

    let token = refresh_token(&office.log_in("ravi@acme.example", PASSWORD).await);
    office.world.advance(290);
    let last = office.refresh(&token).await;
    assert_eq!(last.body["data"]["expiresIn"], 10);
    office.world.advance(10);

    assert_eq!(office.refresh(&refresh_token(&last)).await.status, 401);
}

#[tokio::test]
async fn one_session_too_many_ends_the_oldest_that_is_alive() {
    let office = Office::with_acme().await;
    office.world.configure(ROLES, "/tenant_admin/sessionLimit", json!(3));
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(session(&office).await);
    }
    assert_eq!(office.send(&tokens[1].0, "POST", "/auth/v1/logout", NONE).await.status, 204);

    tokens.push(session(&office).await);
    assert_eq!(office.refresh(&tokens[0].1).await.status, 200, "there was room");
    tokens.push(session(&office).await);

    let mut alive = Vec::new();
    for (_, token) in &tokens[2..] {
        alive.push(office.refresh(token).await.status);
    }
    assert_eq!(alive, [200, 200, 200]);
    let listed = office.send(&tokens[4].0, "GET", "/auth/v1/sessions", NONE).await;
    assert_eq!(ids(&listed).len(), 3, "{}", listed.body);
}

#[tokio::test]
async fn the_session_that_outlives_a_changed_password_is_the_one_that_counts() {
    let office = Office::with_acme().await;
    office.world.configure(ROLES, "/tenant_admin/sessionLimit", json!(2));
    office.world.configure(PASSWORD_RULES, "/minimumAgeSeconds", json!(0));
    let ((caller, mine), (_, other)) = (session(&office).await, session(&office).await);
    let next = "staple gun paper clip";
    let body = json!({ "current": PASSWORD, "password": next });
    assert_eq!(office.send(&caller, "POST", "/auth/v1/password", &body).await.status, 204);

    let second = refresh_token(&office.log_in("admin@acme.example", next).await);
    let mine = refresh_token(&office.refresh(&mine).await);
    let third = refresh_token(&office.log_in("admin@acme.example", next).await);

    assert_eq!(office.refresh(&other).await.status, 401);
    assert_eq!(office.refresh(&mine).await.status, 401, "it was the oldest of three");
    for token in [second, third] {
        assert_eq!(office.refresh(&token).await.status, 200);
    }
}

#[tokio::test]
async fn log_ins_at_the_same_moment_do_not_exceed_the_limit() {
    let office = Office::with_acme().await;
    office.world.configure(ROLES, "/tenant_admin/sessionLimit", json!(2));

    let logged_in = tokio::join!(session(&office), session(&office), session(&office), session(&office));

    let mut alive = 0;
    for (_, token) in [logged_in.0, logged_in.1, logged_in.2, logged_in.3] {
        alive += usize::from(office.refresh(&token).await.status == 200);
    }
    assert_eq!(alive, 2);
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_and_nobody_elses() {
    let office = Office::with_acme().await;
    let ((caller, mine), (_, other)) = (session(&office).await, session(&office).await);
    office.joined(&caller, "ravi@acme.example", &["shipper"]).await;
    let ravi = office.logged_in("ravi@acme.example").await;

    let listed = office.send(&caller, "GET", "/auth/v1/sessions", NONE).await;
    let views = listed.body["data"].as_array().unwrap();
    let current = views.iter().find(|view| view["current"] == true).unwrap()["sessionId"].as_str().unwrap();
    let elsewhere = *ids(&listed).iter().find(|id| **id != current).unwrap();
    let path = format!("/auth/v1/sessions/{elsewhere}");

    assert_eq!(views.len(), 2);
    let by_ravi = office.send(&ravi, "DELETE", &path, NONE).await;
    assert_eq!((by_ravi.status, by_ravi.code()), (404, "SESSION_NOT_FOUND"));
    assert_eq!(office.refresh(&other).await.status, 200);
    assert_eq!(office.send(&caller, "DELETE", &path, NONE).await.status, 204);
    assert_eq!(office.send(&caller, "DELETE", &path, NONE).await.status, 404);
    assert_eq!(office.refresh(&mine).await.status, 200);
    let left = office.send(&caller, "GET", "/auth/v1/sessions", NONE).await;
    assert_eq!(ids(&left), [current]);
}
