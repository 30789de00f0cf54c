//! What a run has met only grows.

use bdd::{Summary, native};
use tokio::task::LocalSet;

use crate::shop::{Fault, USE_CASE, plans, target};

async fn summary(fault: Fault) -> Summary {
    summary_of(USE_CASE, fault).await
}

async fn summary_of(use_case: &str, fault: Fault) -> Summary {
    let plans = plans(use_case);
    let running = async { native::run(&plans, &target(fault), None, 1, |_| {}).await.unwrap() };
    let report = LocalSet::new().run_until(running).await;
    Summary::of(&report, &plans.published)
}

#[tokio::test]
async fn operations_answers_and_callers_are_counted() {
    let met = summary(Fault::None).await;
    let cells: Vec<&str> = met.cells.iter().map(String::as_str).collect();
    assert_eq!(
        cells,
        [
            "shop createOrder 201 clerk",
            "shop createOrder 400 clerk",
            "shop createOrder 401 somebody with a broken token",
            "shop getOrder 200 clerk",
            "shop logIn 200 nobody",
        ]
    );
    assert_eq!((met.operations_met, met.operations, met.statuses_met, met.statuses), (3, 3, 5, 6));
}

#[tokio::test]
async fn what_came_by_chance_does_not_count() {
    let either = USE_CASE.replace("expect: { status: 200, body: {", "expect: { status: 404, also: [200], body: {");
    let met = summary_of(&either, Fault::None).await;
    assert!(!met.cells.contains("shop getOrder 200 clerk") && met.cells.len() == 4, "{:?}", met.cells);
}

#[tokio::test]
async fn what_was_met_once_and_is_no_longer_is_named() {
    let kept = summary(Fault::None).await.with("");
    let less = summary(Fault::TakesAll).await;
    assert_eq!(less.lost(&kept), ["shop createOrder 400 clerk"]);
    assert!(less.gained(&kept).is_empty());
    assert_eq!(less.with(&kept), kept, "what is recorded never shrinks");
    assert_eq!(summary(Fault::None).await.gained("").len(), 5);
}
