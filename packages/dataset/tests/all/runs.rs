//! A flow under way.

use std::sync::Arc;

use dataset::{Credentials, Dataset, Run, Setting};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{PEOPLE, TENANTS, load, published, use_case};

const STEPS: &str = "
      - id: book
        title: Books
        actor: ravi
        credentials: none
        service: booking
        operation: createBooking
        headers: { idempotency-key: once }
        body: { freight: { tonnes: 12.5, places: [a, b] } }
        expect: { status: 201, headers: { location: { $like: x } }, body: { data: { bookingId: { $like: BK-1 }, status: created } } }
        save: { bookingId: /data/bookingId, tokens.ravi: /data/token, place: location }
      - id: read
        title: Reads
        actor: ravi
        service: booking
        operation: getBooking
        path: { bookingId: \"a/${saved.bookingId}\" }
        query: { as: [one, two three] }
        eventually: true
        expect: { status: 200, body: { data: { status: done } } }
    cases:
      - title: What is refused
        base: book
        rows:
          - { id: heavy, title: Too heavy, change: { /body/freight/tonnes: 99, /body/freight/places/-: c, /headers/x-more: 1 }, remove: [/headers/idempotency-key], status: 422, code: TOO_HEAVY }
          - { id: else, title: Of somebody else, credentials: signature, status: 404, code: CONTRACT_NOT_FOUND }
";

fn run() -> Run {
    let dataset: Dataset = load(&[PEOPLE, TENANTS, ("use-cases/uc9.yaml", &use_case(STEPS))]).unwrap();
    let dataset = Arc::new(dataset);
    let flow = dataset.flow("nine").unwrap();
    let setting = Setting { run: "r1".to_owned(), enver: "dev".to_owned(), platform: None };
    Run::new(&dataset, &Arc::new(published("dev")), flow, setting, 0)
}

fn answer(run: &mut Run, status: u16, body: &Value) -> dataset::StepResult {
    let mut headers = HeaderMap::new();
    headers.insert("location", "/here".parse().unwrap());
    run.answer(status, &headers, body.to_string().as_bytes())
}

const BOOKED: fn() -> Value = || json!({ "data": { "bookingId": "BK-7", "status": "created", "token": "t0" } });

#[test]
fn a_step_sends_what_it_says_and_later_steps_what_was_saved() {
    let mut run = run();
    let first = run.next(0).unwrap().unwrap();
    assert_eq!((first.message.method().as_str(), first.message.uri().path()), ("POST", "/booking/v1/bookings"));
    assert_eq!(first.message.headers()["content-type"], "application/json");
    assert!(!first.message.headers().contains_key("authorization"));
    let sent: Value = serde_json::from_slice(first.message.body()).unwrap();
    assert_eq!(sent, json!({ "freight": { "tonnes": 12.5, "places": ["a", "b"] } }));

    let result = answer(&mut run, 201, &BOOKED());
    assert_eq!(
        (result.mismatches, result.saved),
        (vec![], vec!["bookingId".to_owned(), "tokens.ravi".into(), "place".into()])
    );

    let second = run.next(0).unwrap().unwrap();
    assert_eq!(second.message.uri(), "/booking/v1/bookings/a%2FBK-7?as=one&as=two+three");
    assert_eq!(second.message.headers()["authorization"], "Bearer t0");
    assert_eq!(run.saved()["place"], "/here");
}

#[test]
fn what_holds_eventually_is_asked_again_until_it_holds() {
    let mut run = run();
    run.next(0);
    answer(&mut run, 201, &BOOKED());
    for _ in 0..3 {
        assert_eq!(run.next(0).unwrap().unwrap().step.id, "read");
        let result = answer(&mut run, 200, &json!({ "data": { "status": "open" } }));
        assert!(result.again.is_some() && !result.mismatches.is_empty());
    }
    let result = answer(&mut run, 200, &json!({ "data": { "status": "done" } }));
    assert!(result.again.is_none() && result.mismatches.is_empty());
    assert_eq!(run.step().unwrap().id, "book/heavy");
}

#[test]
fn what_never_holds_fails_in_the_end() {
    let mut run = run();
    run.next(0);
    answer(&mut run, 201, &BOOKED());
    let mut pauses = Vec::new();
    while let Some(pause) = answer(&mut run, 404, &json!({})).again {
        pauses.push(pause);
    }
    assert_eq!(pauses.len(), 200);
    assert!(pauses.is_sorted() && pauses[0].as_millis() == 1 && pauses[199].as_millis() == 50, "{pauses:?}");
    assert_eq!(run.step().unwrap().id, "book/heavy");
}

#[test]
fn a_case_is_its_step_with_its_changes() {
    let mut run = run();
    run.skip();
    run.skip();
    let heavy = run.next(0).unwrap().unwrap();
    let sent: Value = serde_json::from_slice(heavy.message.body()).unwrap();
    assert_eq!(sent, json!({ "freight": { "tonnes": 99, "places": ["a", "b", "c"] } }));
    assert!(!heavy.message.headers().contains_key("idempotency-key"));
    assert_eq!(heavy.message.headers()["x-more"], "1");

    let refused = json!({ "error": { "code": "TOO_FAR", "message": "", "details": {} } });
    let mismatches = answer(&mut run, 422, &refused).mismatches;
    assert_eq!(mismatches[0].to_string(), "/body/error/code: expected TOO_HEAVY, found \"TOO_FAR\"");

    assert_eq!(run.next(0).unwrap().unwrap().credentials, Credentials::Signature);
    run.skip();
    assert!(run.next(0).is_none());
}

#[test]
fn a_step_whose_values_were_never_saved_says_so_and_can_be_passed_over() {
    let mut run = run();
    run.next(0);
    let result = answer(&mut run, 500, &json!({ "error": {} }));
    assert_eq!(result.mismatches[0].pointer, "/status");
    let problem = run.next(0).unwrap().unwrap_err();
    assert!(problem.to_string().contains("${saved.bookingId} was not saved by a step before"), "{problem}");
    run.skip();
    assert_eq!(run.next(0).unwrap().unwrap().step.id, "book/heavy");
}
