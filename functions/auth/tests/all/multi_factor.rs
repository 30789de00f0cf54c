//! `/auth/v1/multi-factor` and `POST /auth/v1/login/second-factor`

use serde_json::{Value, json};

use crate::device::{Device, challenged, enrolled, second_step};
use crate::office::{Office, PASSWORD, ROLES, bearer, refresh_token, user};
use crate::tokens::claims;

const NONE: &Value = &Value::Null;
const ADMIN: &str = "admin@acme.example";

#[tokio::test]
async fn with_a_second_factor_a_log_in_takes_two_steps_and_the_token_says_so() {
    let office = Office::with_acme().await;
    let (device, _) = enrolled(&office, &office.logged_in(ADMIN).await).await;

    let challenge = challenged(&office, ADMIN).await;
    let answer = second_step(&office, &challenge, &device.shows(&office)).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    let caller = bearer(answer.body["data"]["accessToken"].as_str().unwrap());
    assert_eq!(claims(&caller).amr, ["pwd", "otp", "mfa"]);
    assert_eq!(office.register(&caller, &user("ravi@acme.example", &["shipper"])).await.status, 201);
    let refreshed = office.refresh(&refresh_token(&answer)).await;
    let refreshed = bearer(refreshed.body["data"]["accessToken"].as_str().unwrap());
    assert_eq!(claims(&refreshed).amr, ["pwd", "otp", "mfa"], "a refresh keeps what the session began with");
}

#[tokio::test]
async fn it_takes_effect_only_when_the_device_has_shown_a_right_code() {
    let office = Office::with_acme().await;
    let caller = office.logged_in(ADMIN).await;
    let confirm = async |code: &str| {
        let body = json!({ "code": code });
        office.send(&caller, "POST", "/auth/v1/multi-factor/confirmation", &body).await
    };

    assert_eq!(confirm("123456").await.code(), "MULTI_FACTOR_OFF");
    let first = Device::reads(&office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await);
    let second = Device::reads(&office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await);
    assert_ne!(first.shows(&office), second.shows(&office));
    assert_eq!(confirm(&second.never_shows(&office)).await.code(), "INVALID_CODE");
    assert!(office.log_in(ADMIN, PASSWORD).await.body["data"]["accessToken"].is_string());
    assert_eq!(confirm(&first.shows(&office)).await.code(), "INVALID_CODE", "the second secret replaced it");
    assert_eq!(confirm(&second.shows(&office)).await.status, 201);

    challenged(&office, ADMIN).await;
    assert_eq!(confirm(&second.shows(&office)).await.code(), "MULTI_FACTOR_ON");
    let again = office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await;
    assert_eq!((again.status, again.code()), (409, "MULTI_FACTOR_ON"));
}

#[tokio::test]
async fn sessions_without_the_second_factor_end_when_it_is_set_up_and_the_callers_goes_on_with_it() {
    let office = Office::with_acme().await;
    let other = office.refresh_token().await;
    let login = office.log_in(ADMIN, PASSWORD).await;
    enrolled(&office, &bearer(login.body["data"]["accessToken"].as_str().unwrap())).await;

    assert_eq!(office.refresh(&other).await.status, 401);
    let refreshed = office.refresh(&refresh_token(&login)).await;
    assert_eq!(refreshed.status, 200);
    assert_eq!(claims(&bearer(refreshed.body["data"]["accessToken"].as_str().unwrap())).amr, ["pwd", "otp", "mfa"]);
}

#[tokio::test]
async fn a_code_is_good_once_also_within_its_half_minute() {
    let office = Office::with_acme().await;
    let (device, _) = enrolled(&office, &office.logged_in(ADMIN).await).await;
    let code = device.shows(&office);

    let (one, other) = (challenged(&office, ADMIN).await, challenged(&office, ADMIN).await);
    assert_eq!(second_step(&office, &one, &code).await.status, 200);
    let replayed = second_step(&office, &other, &code).await;
    assert_eq!((replayed.status, replayed.code()), (401, "INVALID_SECOND_FACTOR"));
    office.world.advance(30);
    assert_eq!(second_step(&office, &other, &device.shows(&office)).await.status, 200);
}

#[tokio::test]
async fn of_two_who_use_one_code_or_one_challenge_at_the_same_moment_exactly_one_wins() {
    let office = Office::with_acme().await;
    let (device, codes) = enrolled(&office, &office.logged_in(ADMIN).await).await;
    let (a, b) = (challenged(&office, ADMIN).await, challenged(&office, ADMIN).await);
    let code = device.shows(&office);

    let same_code = tokio::join!(second_step(&office, &a, &code), second_step(&office, &b, &code));
    office.world.advance(30);
    let c = challenged(&office, ADMIN).await;
    let code = device.shows(&office);
    let same_challenge = tokio::join!(second_step(&office, &c, &code), second_step(&office, &c, &codes[0]));

    for (one, other) in [same_code, same_challenge] {
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
    }
}

#[tokio::test]
async fn a_challenge_is_good_once_and_for_a_while_and_says_nothing_when_it_is_not() {
    let office = Office::with_acme().await;
    let (device, _) = enrolled(&office, &office.logged_in(ADMIN).await).await;
    let used = challenged(&office, ADMIN).await;
    assert_eq!(second_step(&office, &used, &device.shows(&office)).await.status, 200);
    let late = challenged(&office, ADMIN).await;
    office.world.advance(300);

    let mut refusals = Vec::new();
    for challenge in [used.as_str(), late.as_str(), "..", "x"] {
        refusals.push(second_step(&office, challenge, &device.shows(&office)).await);
    }

    assert!(refusals.iter().all(|answer| (answer.status, answer.code()) == (401, "INVALID_SECOND_FACTOR")));
    assert!(refusals.iter().all(|answer| answer.bytes == refusals[0].bytes));
}

#[tokio::test]
async fn a_backup_code_stands_in_for_the_device_once() {
    let office = Office::with_acme().await;
    let (_, codes) = enrolled(&office, &office.logged_in(ADMIN).await).await;
    assert_eq!(codes.len(), 10);

    let statuses = async |code: &str| {
        let challenge = challenged(&office, ADMIN).await;
        second_step(&office, &challenge, code).await.status
    };

    assert_eq!(statuses(&codes[3]).await, 200);
    assert_eq!(statuses(&codes[3]).await, 401);
    assert_eq!(statuses(&codes[9].to_lowercase()).await, 200);
    assert!(!format!("{:?}", office.kept().await).contains(&codes[0]), "only digests are kept");
}

#[tokio::test]
async fn wrong_codes_lock_the_address_like_wrong_passwords() {
    let office = Office::with_acme().await;
    let (device, _) = enrolled(&office, &office.logged_in(ADMIN).await).await;
    let challenge = challenged(&office, ADMIN).await;

    for _ in 0..3 {
        assert_eq!(second_step(&office, &challenge, &device.never_shows(&office)).await.status, 401);
    }
    let challenge = challenged(&office, ADMIN).await;
    for _ in 0..2 {
        assert_eq!(second_step(&office, &challenge, &device.never_shows(&office)).await.status, 401);
    }

    assert_eq!(second_step(&office, &challenge, &device.shows(&office)).await.status, 429);
    assert_eq!(office.log_in(ADMIN, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn it_is_given_up_only_for_a_code_and_then_a_password_is_enough() {
    let office = Office::with_acme().await;
    let caller = office.logged_in(ADMIN).await;
    let (device, _) = enrolled(&office, &caller).await;
    let remove = async |code: &str| {
        let body = json!({ "code": code });
        office.send(&caller, "POST", "/auth/v1/multi-factor/removal", &body).await
    };

    let wrong = remove(&device.never_shows(&office)).await;
    assert_eq!((wrong.status, wrong.code()), (422, "INVALID_CODE"));
    challenged(&office, ADMIN).await;
    assert_eq!(remove(&device.shows(&office)).await.status, 204);

    assert!(office.log_in(ADMIN, PASSWORD).await.body["data"]["accessToken"].is_string());
    assert_eq!(remove(&device.shows(&office)).await.code(), "MULTI_FACTOR_OFF");
    let told: Vec<_> = office.told("user.multi_factor_changed").await;
    assert_eq!(told.iter().map(|event| event["enabled"] == true).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn new_backup_codes_replace_all_that_were_left() {
    let office = Office::with_acme().await;
    let caller = office.logged_in(ADMIN).await;
    let (device, old) = enrolled(&office, &caller).await;
    let replace = async |code: &str| {
        let body = json!({ "code": code });
        office.send(&caller, "POST", "/auth/v1/multi-factor/backup-codes", &body).await
    };

    let replaced = replace(&device.shows(&office)).await;
    assert_eq!(replace(&device.shows(&office)).await.code(), "INVALID_CODE", "a code is good once here too");

    assert_eq!(replaced.status, 201, "{}", replaced.body);
    let new = replaced.body["data"]["backupCodes"][0].as_str().unwrap();
    let challenge = challenged(&office, ADMIN).await;
    assert_eq!(second_step(&office, &challenge, &old[0]).await.status, 401);
    assert_eq!(second_step(&office, &challenge, new).await.status, 200);
}

#[tokio::test]
async fn nobody_sets_one_up_with_a_log_in_that_is_no_longer_fresh() {
    let office = Office::with_acme().await;
    office.world.configure("global.security.authentication", "/freshLoginSeconds", json!(60));
    let login = office.log_in(ADMIN, PASSWORD).await;
    office.world.advance(61);
    let caller = bearer(login.body["data"]["accessToken"].as_str().unwrap());

    let refused = office.send(&caller, "POST", "/auth/v1/multi-factor", NONE).await;

    assert_eq!((refused.status, &refused.body["error"]["details"]["reason"]), (403, &json!("stale_login")));
}

#[tokio::test]
async fn a_role_that_asks_for_a_second_factor_gives_nothing_before_there_is_one() {
    let office = Office::with_acme().await;
    office.world.configure(ROLES, "/tenant_admin/multiFactorRequired", json!(true));
    let login = office.log_in(ADMIN, PASSWORD).await;
    let caller = bearer(login.body["data"]["accessToken"].as_str().unwrap());

    assert!(claims(&caller).roles.is_empty() && claims(&caller).permissions.is_empty());
    assert_eq!(office.register(&caller, &user("ravi@acme.example", &["shipper"])).await.status, 403);
    enrolled(&office, &caller).await;
    let refreshed = office.refresh(&refresh_token(&login)).await;
    let caller = bearer(refreshed.body["data"]["accessToken"].as_str().unwrap());

    assert_eq!(claims(&caller).roles, ["tenant_admin"]);
    assert_eq!(office.register(&caller, &user("ravi@acme.example", &["shipper"])).await.status, 201);
}
