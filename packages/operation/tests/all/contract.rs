//! In mock and dev an answer outside the contract is found out; a panic harms one request.

use operation::Environment;

use crate::desk::{Desk, Shelf, THING};

#[tokio::test]
async fn an_answer_that_breaks_its_schema_is_a_fault_of_ours_in_dev() {
    let desk = Desk::new();
    let answer = desk.get("/things/v1/lie").await;

    assert_eq!((answer.status, answer.code()), (500, "INTERNAL_ERROR"));
    assert!(desk.lines.0.lock().unwrap()[0].2.contains("contract of lie broken"));
    assert_eq!(Desk::with(Environment::Main, Shelf::default()).get("/things/v1/lie").await.status, 200);
}

#[tokio::test]
async fn an_error_that_is_not_declared_is_a_fault_of_ours_in_dev() {
    let desk = Desk::new();
    assert_eq!(desk.get("/things/v1/undeclared").await.status, 500);
    assert!(desk.lines.0.lock().unwrap()[0].2.contains("does not declare 409 CONFLICT"));
}

#[tokio::test]
async fn a_panic_becomes_a_500_that_says_nothing_and_the_next_request_is_answered() {
    let desk = Desk::new();

    let answer = desk.get("/things/v1/panic").await;

    assert_eq!(answer.status, 500);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("secret-of-the-panic"));
    assert!(desk.lines.0.lock().unwrap()[0].2.contains("secret-of-the-panic"));
    assert_eq!(desk.create(THING, &[]).await.status, 201);
}

#[tokio::test]
async fn each_request_leaves_one_line_that_names_its_operation() {
    let desk = Desk::new();
    desk.create(THING, &[]).await;
    desk.get("/nowhere").await;

    let lines: Vec<_> = desk.lines.0.lock().unwrap().iter().map(|line| (line.0.clone(), line.1)).collect();
    assert_eq!(lines, [("createThing".into(), 201), (String::new(), 404)]);
}
