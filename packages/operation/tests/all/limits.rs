//! Rate limits and kill switches.

use std::sync::atomic::Ordering;

use http::Request;

use crate::desk::{BEGINNING, Desk, THING};

#[tokio::test]
async fn a_caller_over_the_limit_waits_for_the_window_to_end() {
    let desk = Desk::new();
    for used in 1..=5 {
        let answer = desk.create(THING, &[]).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (201, "5"));
        assert_eq!(answer.header("x-ratelimit-remaining"), (5 - used).to_string());
    }

    let refused = desk.create(THING, &[]).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let reset: i64 = refused.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(refused.header("retry-after"), (reset - BEGINNING).to_string());

    desk.clock.store(reset * 1000, Ordering::SeqCst);
    assert_eq!(desk.create(THING, &[]).await.status, 201);
}

#[tokio::test]
async fn callers_do_not_use_up_each_others_limits() {
    let desk = Desk::new();
    let from = |address: &'static str| {
        let ask = Request::get("/things/v1/things/a").header("x-client-address", address);
        desk.send(ask.body(operation::empty()).unwrap())
    };
    for _ in 0..6 {
        from("192.0.2.1").await;
    }

    assert_eq!(from("192.0.2.1").await.status, 429);
    assert_eq!(from("192.0.2.2").await.status, 200);
}

#[tokio::test]
async fn a_refused_caller_uses_up_its_limit_too() {
    let desk = Desk::new();
    let ask = || {
        let ask = Request::post("/things/v1/things").header("content-type", "application/json");
        desk.send(ask.body(operation::full(THING)).unwrap())
    };
    for _ in 0..5 {
        assert_eq!(ask().await.status, 401);
    }

    assert_eq!(ask().await.status, 429);
}

#[tokio::test]
async fn an_operation_that_is_switched_off_answers_501() {
    let desk = Desk::new();
    desk.configure(|settings| settings.switched_off.push("createThing".into()));

    assert_eq!(desk.create(THING, &[]).await.code(), "NOT_IMPLEMENTED");
    assert_eq!(desk.get("/things/v1/things/a").await.status, 200);
}
