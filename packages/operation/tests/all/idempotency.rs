//! The same request under the same key takes effect once.

use std::sync::atomic::Ordering;

use operation::Environment;

use crate::desk::{Desk, Shelf, THING};

const KEY: (&str, &str) = ("idempotency-key", "k-1");

#[tokio::test]
async fn the_same_key_and_payload_answers_the_first_answer_again() {
    let desk = Desk::new();

    let first = desk.create(THING, &[KEY]).await;
    let second = desk.create(THING, &[KEY]).await;

    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.bytes, second.bytes);
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_same_key_with_another_payload_is_422() {
    let desk = Desk::new();
    desk.create(THING, &[KEY]).await;

    let other = desk.create(r#"{"name":"b","size":1}"#, &[KEY]).await;

    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keys_of_different_callers_and_tenants_never_meet() {
    let desk = Desk::new();
    desk.create(THING, &[KEY]).await;
    for (caller, tenant) in [("u2", "acme"), ("u1", "other")] {
        let mut claims = desk.claims();
        (claims.sub, claims.tenant_id) = (caller.into(), tenant.into());
        let token = operation::encode_token(&claims, &desk.key, "k1").unwrap();

        let answer =
            desk.create(r#"{"name":"b","size":1}"#, &[KEY, ("authorization", &format!("Bearer {token}"))]).await;

        assert_eq!((answer.status, answer.body["data"]["tenant"].as_str()), (201, Some(tenant)));
    }
}

#[tokio::test]
async fn of_two_concurrent_twins_one_takes_effect_and_both_get_its_answer() {
    let shelf = Shelf { gate: Some(tokio::sync::Barrier::new(2)), ..Shelf::default() };
    let desk = Desk::with(Environment::Dev, shelf);

    let (one, other) = tokio::join!(desk.create(THING, &[KEY]), desk.create(THING, &[KEY]));

    assert_eq!((one.status, other.status), (201, 201));
    assert_eq!(one.bytes, other.bytes);
    assert_eq!(desk.mounted.state().made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let desk = Desk::new();

    assert_eq!(desk.create(r#"{"name":"b","size":7}"#, &[KEY]).await.code(), "TOO_ODD");
    assert_eq!(desk.create(THING, &[KEY]).await.status, 201);
}

#[tokio::test]
async fn a_key_that_is_no_key_is_refused() {
    let desk = Desk::new();

    for key in ["", &"k".repeat(256)] {
        assert_eq!(desk.create(THING, &[("idempotency-key", key)]).await.code(), "VALIDATION_ERROR");
    }
}
