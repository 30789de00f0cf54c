//! Lock-out after failed attempts, at `POST /auth/v1/login`

use futures_util::future::join_all;
use serde_json::json;

use crate::device::{challenged, enrolled, second_step};
use crate::office::{LOCK_OUT, Office, PASSWORD};

/// So many attempts with a wrong password, and their statuses.
async fn guess(office: &Office, email: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(office.log_in(email, "wrong horse battery").await.status);
    }
    statuses
}

#[tokio::test]
async fn after_some_failures_even_the_right_password_has_to_wait() {
    let office = Office::with_acme().await;

    assert_eq!(guess(&office, "Admin@acme.example", 6).await, [401, 401, 401, 401, 401, 429]);
    let locked = office.log_in("admin@acme.example", PASSWORD).await;
    office.world.advance(899);
    let still = office.log_in("admin@acme.example", PASSWORD).await;
    office.world.advance(1);

    assert_eq!((locked.status, locked.header("retry-after")), (429, "900"));
    assert_eq!(locked.body["error"]["details"]["reason"], "locked_out");
    assert_eq!((still.status, still.header("retry-after")), (429, "1"));
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_lock_says_nothing_about_who_is_registered() {
    let office = Office::with_acme().await;
    let answers = async |email: &str| {
        guess(&office, email, 5).await;
        office.log_in(email, PASSWORD).await
    };

    let (registered, unknown) = (answers("admin@acme.example").await, answers("nobody@acme.example").await);
    let nowhere = answers("admin@nowhere.example").await;

    for other in [unknown, nowhere] {
        assert_eq!((registered.status, &registered.bytes), (other.status, &other.bytes));
        assert_eq!(registered.headers.get("retry-after"), other.headers.get("retry-after"));
    }
}

#[tokio::test]
async fn a_lock_is_one_of_an_address_in_one_tenant() {
    let office = Office::with_acme().await;
    assert_eq!(office.create_tenant("other", "admin@acme.example").await.status, 201);

    guess(&office, "admin@acme.example", 5).await;

    assert_eq!(office.log_in_at("acme", "admin@acme.example", PASSWORD).await.status, 429);
    assert_eq!(office.log_in_at("other", "admin@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn each_lock_is_longer_than_the_one_before_until_the_longest() {
    let office = Office::with_acme().await;

    for length in [900, 1800, 3600, 3600] {
        assert_eq!(guess(&office, "admin@acme.example", 6).await, [401, 401, 401, 401, 401, 429]);
        let locked = office.log_in("admin@acme.example", PASSWORD).await;
        assert_eq!(locked.header("retry-after"), length.to_string());
        office.world.advance(length);
    }
}

#[tokio::test]
async fn a_log_in_that_succeeds_forgets_the_failures_before() {
    let office = Office::with_acme().await;

    for _ in 0..3 {
        assert_eq!(guess(&office, "admin@acme.example", 4).await, [401, 401, 401, 401]);
        assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn failures_at_the_same_moment_are_all_counted() {
    let office = Office::with_acme().await;
    let wrong = async || office.log_in("admin@acme.example", "wrong horse battery").await.status;

    let (a, b, c, d, e) = tokio::join!(wrong(), wrong(), wrong(), wrong(), wrong());

    assert!([a, b, c, d, e].iter().all(|status| [401, 429].contains(status)));
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn how_many_and_how_long_comes_from_the_platforms_configuration() {
    let office = Office::with_acme().await;
    office.world.configure(LOCK_OUT, "/attempts", json!(2));
    office.world.configure(LOCK_OUT, "/lockSeconds", json!([7]));

    assert_eq!(guess(&office, "admin@acme.example", 3).await, [401, 401, 429]);
    office.world.advance(7);

    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn of_fifty_guesses_at_the_same_moment_no_more_are_looked_at_than_may_fail() {
    let office = Office::with_acme().await;
    let wrong = |_| office.log_in("admin@acme.example", "wrong horse battery");

    let answers = join_all((0..50).map(wrong)).await;

    let looked_at = answers.iter().filter(|answer| answer.code() == "INVALID_CREDENTIALS").count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((looked_at, refused), (5, 45));
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.header("retry-after"), "900");
}

#[tokio::test]
async fn of_fifty_codes_at_the_same_moment_no_more_are_looked_at_than_may_fail() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let (device, _) = enrolled(&office, &admin).await;
    let challenge = challenged(&office, "admin@acme.example").await;
    let code = device.never_shows(&office);

    let answers = join_all((0..50).map(|_| second_step(&office, &challenge, &code))).await;

    let looked_at = answers.iter().filter(|answer| answer.code() == "INVALID_SECOND_FACTOR").count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((looked_at, refused), (5, 45));
}

#[tokio::test]
async fn right_passwords_at_the_same_moment_leave_nothing_counted() {
    let office = Office::with_acme().await;

    let answers = join_all((0..20).map(|_| office.log_in("admin@acme.example", PASSWORD))).await;

    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(let_in >= 5, "{let_in}");
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((refused.status, refused.header("retry-after")), (429, "1"), "{}", refused.body);
    }
    assert_eq!(guess(&office, "admin@acme.example", 4).await, [401, 401, 401, 401]);
    assert_eq!(office.log_in("admin@acme.example", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn what_proves_right_counts_against_nobody() {
    let office = Office::with_acme().await;
    let admin = office.logged_in("admin@acme.example").await;
    let weak = json!({ "current": PASSWORD, "password": "short" });

    for _ in 0..6 {
        assert_eq!(office.send(&admin, "POST", "/auth/v1/password", &weak).await.code(), "WEAK_PASSWORD");
    }
    let (device, _) = enrolled(&office, &admin).await;
    for _ in 0..6 {
        challenged(&office, "admin@acme.example").await;
    }

    assert_eq!(office.audited("platform").await, Vec::<String>::new());
    let challenge = challenged(&office, "admin@acme.example").await;
    assert_eq!(second_step(&office, &challenge, &device.shows(&office)).await.status, 200);
    let kept = office.kept().await;
    assert!(!kept.iter().any(|item| crate::office::text(item, "sk") == "attempts"));
}
