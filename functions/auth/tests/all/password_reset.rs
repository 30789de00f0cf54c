//! `POST /auth/v1/password-resets` and `/auth/v1/password-resets/completion`

use serde_json::json;
use testing::Answer;

use crate::device::{challenged, enrolled};
use crate::office::{Office, PASSWORD, PASSWORD_RULES};

const NEXT: &str = "staple gun paper clip";

async fn complete(office: &Office, token: &str, password: &str) -> Answer {
    office.post("/auth/v1/password-resets/completion", &json!({ "token": token, "password": password })).await
}

/// The token that went out last.
async fn token(office: &Office) -> String {
    office.told_last("password.reset_requested").await["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_from_the_mail_sets_a_new_password_and_ends_every_session() {
    let office = Office::with_acme().await;
    let session = office.refresh_token().await;

    let asked = office.ask_reset("Admin@acme.example").await;
    let told = office.told("password.reset_requested").await;
    let done = complete(&office, &token(&office).await, NEXT).await;

    assert_eq!((asked.status, asked.bytes.len()), (202, 0), "the token is not in the answer");
    assert_eq!((told.len(), &told[0]["email"]), (1, &json!("admin@acme.example")));
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(office.refresh(&session).await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 401);
    assert_eq!(office.log_in("admin@acme.example", NEXT).await.status, 200);
    assert_eq!(office.told("password.changed").await.len(), 1);
}

#[tokio::test]
async fn the_answer_and_what_is_done_for_it_are_the_same_for_an_address_that_nobody_has_and_for_no_tenant() {
    let office = Office::with_acme().await;
    let mut seen = Vec::new();

    for email in ["admin@acme.example", "nobody@acme.example", "admin@nowhere.example"] {
        let before = office.kept().await.len();
        let answer = office.ask_reset(email).await;
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((answer.status, answer.bytes.clone(), headers, office.kept().await.len() - before));
    }

    assert_eq!([&seen[0], &seen[0]], [&seen[1], &seen[2]]);
    assert_eq!(office.told("password.reset_requested").await.len(), 1);
    assert!(!format!("{:?}", office.kept().await).contains("nobody@acme.example"));
}

#[tokio::test]
async fn a_reset_is_for_the_person_of_the_tenant_that_was_named() {
    let office = Office::with_acme().await;
    assert_eq!(office.create_tenant("other", "admin@acme.example").await.status, 201);

    office.ask_reset("admin@acme.example").await;
    assert_eq!(complete(&office, &token(&office).await, NEXT).await.status, 204);

    assert_eq!(office.log_in_at("acme", "admin@acme.example", NEXT).await.status, 200);
    assert_eq!(office.log_in_at("other", "admin@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_token_is_good_once_and_of_two_who_use_it_exactly_one_wins() {
    let office = Office::with_acme().await;
    office.ask_reset("admin@acme.example").await;
    let token = token(&office).await;
    let other = "tin roof rusted through";

    let (one, two) = tokio::join!(complete(&office, &token, NEXT), complete(&office, &token, other));
    let again = complete(&office, &token, "yet another good one").await;

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
    assert_eq!((again.status, again.code()), (401, "INVALID_RESET_TOKEN"));
    let (winner, loser) = if one.status == 204 { (NEXT, other) } else { (other, NEXT) };
    assert_eq!(office.log_in("admin@acme.example", winner).await.status, 200);
    assert_eq!(office.log_in("admin@acme.example", loser).await.status, 401);
}

#[tokio::test]
async fn a_token_ends_with_its_time_with_the_next_one_and_with_a_changed_password() {
    let office = Office::with_acme().await;
    office.world.configure(PASSWORD_RULES, "/minimumAgeSeconds", json!(0));

    office.ask_reset("admin@acme.example").await;
    let expired = token(&office).await;
    office.world.advance(3600);
    assert_eq!(complete(&office, &expired, NEXT).await.code(), "INVALID_RESET_TOKEN");

    office.ask_reset("admin@acme.example").await;
    let replaced = token(&office).await;
    office.world.advance(60);
    office.ask_reset("admin@acme.example").await;
    assert_eq!(complete(&office, &replaced, NEXT).await.code(), "INVALID_RESET_TOKEN");

    let overtaken = token(&office).await;
    let caller = office.logged_in("admin@acme.example").await;
    let body = json!({ "current": PASSWORD, "password": NEXT });
    assert_eq!(office.send(&caller, "POST", "/auth/v1/password", &body).await.status, 204);
    assert_eq!(complete(&office, &overtaken, "tin roof rusted through").await.code(), "INVALID_RESET_TOKEN");
}

#[tokio::test]
async fn asking_again_too_soon_sends_nothing() {
    let office = Office::with_acme().await;

    let (one, two) = tokio::join!(office.ask_reset("admin@acme.example"), office.ask_reset("admin@acme.example"));
    office.world.advance(59);
    let soon = office.ask_reset("admin@acme.example").await;
    let before = office.told("password.reset_requested").await.len();
    office.world.advance(1);
    office.ask_reset("admin@acme.example").await;

    assert_eq!([one.status, two.status, soon.status], [202, 202, 202]);
    assert_eq!((before, office.told("password.reset_requested").await.len()), (1, 2));
}

#[tokio::test]
async fn a_token_that_was_made_up_is_refused() {
    let office = Office::with_acme().await;
    office.ask_reset("admin@acme.example").await;
    office.ask_reset("nobody@acme.example").await;
    let token = token(&office).await;
    let [tenant, id, secret] = token.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let made_up = "A".repeat(43);

    for other in [
        format!("{tenant}.{id}.{made_up}"),
        format!("platform.{id}.{secret}"),
        format!("{tenant}.{}.{secret}", "0".repeat(32)),
        format!("{token}."),
        "..".to_owned(),
        "é🚚".to_owned(),
    ] {
        let answer = complete(&office, &other, NEXT).await;
        assert_eq!((answer.status, answer.code()), (401, "INVALID_RESET_TOKEN"), "{other}");
    }
    assert_eq!(complete(&office, &token, NEXT).await.status, 204);
}

#[tokio::test]
async fn a_reset_keeps_the_rules_lifts_a_lock_and_leaves_the_second_factor() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    enrolled(&office, &admin).await;
    for _ in 0..5 {
        office.log_in("admin@acme.example", "wrong horse battery").await;
    }
    office.ask_reset("admin@acme.example").await;
    let token = token(&office).await;

    assert_eq!(complete(&office, &token, "short").await.code(), "WEAK_PASSWORD");
    assert_eq!(complete(&office, &token, PASSWORD).await.code(), "PASSWORD_REUSED");
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 429);
    assert_eq!(complete(&office, &token, NEXT).await.status, 204);
    let login = office.log_in("admin@acme.example", NEXT).await;
    assert_eq!((login.status, &login.body["data"]["mfaRequired"]), (200, &json!(true)));
}

#[tokio::test]
async fn a_reset_ends_a_log_in_that_is_half_done() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (device, _) = enrolled(&office, &admin).await;
    let challenge = challenged(&office, "admin@acme.example").await;
    office.ask_reset("admin@acme.example").await;
    assert_eq!(complete(&office, &token(&office).await, NEXT).await.status, 204);

    let second = crate::device::second_step(&office, &challenge, &device.shows(&office)).await;

    assert_eq!((second.status, second.code()), (401, "INVALID_SECOND_FACTOR"));
}

#[tokio::test]
async fn what_is_kept_opens_nothing() {
    let office = Office::with_acme().await;
    office.ask_reset("admin@acme.example").await;
    let token = token(&office).await;
    let secret = token.rsplit('.').next().unwrap();

    let kept = office.kept().await;
    let records: Vec<_> = kept.iter().filter(|item| !item.contains_key("event")).collect();

    assert!(!format!("{records:?}").contains(secret), "it stands nowhere but in the event");
}

#[tokio::test]
async fn a_reset_revokes_api_keys_when_that_is_wanted() {
    let office = Office::with_acme().await;
    let (_, key) = office.api_key(&office.logged_in("admin@acme.example").await, &["tenant_admin"]).await;
    let good = async || office.form("/auth/v1/oauth/token", &crate::machines::exchange(&key), None).await.status == 200;

    for (revoke, password) in [(false, NEXT), (true, "tin roof rusted through")] {
        assert!(good().await);
        office.ask_reset("admin@acme.example").await;
        let token = token(&office).await;
        let body = json!({ "token": token, "password": password, "revokeApiKeys": revoke });
        assert_eq!(office.post("/auth/v1/password-resets/completion", &body).await.status, 204);
        office.world.advance(60);
    }

    assert!(!good().await);
}
