//! Lock-out after failed attempts, at `POST /auth/v1/login`

use serde_json::json;

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

    assert_eq!((registered.status, registered.bytes), (unknown.status, unknown.bytes));
    assert_eq!(registered.headers.get("retry-after"), unknown.headers.get("retry-after"));
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
