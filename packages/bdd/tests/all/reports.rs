//! Reports: hostile text stays text, secrets stay secret, failures are told.

use std::time::Duration;

use bdd::Summary;
use bdd::report::{Exchange, Outcome, Report, Scenario, Step, UseCase, html, junit, text};
use bytes::Bytes;
use http::{Request, Response};

/// A run of one step, whose answer has this body.
fn report(outcome: Outcome, body: &str) -> Report {
    let request = Request::post("/shop/v1/login?code=hidden-code")
        .header("authorization", "Bearer hidden-token")
        .body(Bytes::from(r#"{"password":"hidden-password","item":"apples"}"#))
        .unwrap();
    let answer = Response::builder().status(200).body(Bytes::from(body.to_owned())).unwrap();
    let curl = verify::curl("", &request, verify::Secrets::Masked);
    let step = Step {
        title: "<script>alert(1)</script> & \"more\"".to_owned(),
        actor: "asha".to_owned(),
        caller: "clerk".to_owned(),
        service: "shop".to_owned(),
        operation: "logIn".to_owned(),
        outcome,
        by_chance: false,
        exchange: Some(Exchange::of(&request, &answer, Duration::from_millis(3), curl)),
    };
    let scenario = Scenario { id: "one".to_owned(), title: "One".to_owned(), tags: Vec::new(), steps: vec![step] };
    let use_case = UseCase {
        id: "UC1".to_owned(),
        title: "A title]]>\u{1}".to_owned(),
        story: vec!["As a <b>clerk</b>".to_owned()],
        privacy: String::new(),
        scenarios: vec![scenario],
    };
    Report {
        target: "<dev>".to_owned(),
        runner: "native",
        began: 1_700_000_000_000,
        took: Duration::from_millis(5),
        use_cases: vec![use_case],
    }
}

fn every(report: &Report) -> [String; 3] {
    let coverage = Summary::default();
    [html::render(report, &coverage), junit::render(report), text::render(report, &coverage)]
}

#[test]
fn text_of_others_cannot_become_markup() {
    let failed = Outcome::Failed(vec!["expected <i>this</i>".to_owned()]);
    let [html, junit, _] = every(&report(failed, "<img src=x onerror=alert(1)>"));
    for page in [&html, &junit] {
        for markup in ["<script>", "<img", "<i>this", "<b>clerk", "<dev>", "\u{1}"] {
            assert!(!page.contains(markup), "{markup} stands in {page}");
        }
    }
    assert!(html.contains("&lt;script&gt;alert(1)"));
    assert!(!html.contains("http://") && !html.contains("https://"), "the page needs nothing beside it");
}

#[test]
fn secrets_of_requests_and_answers_stand_in_no_report() {
    let answer = r#"{"data":{"accessToken":"hidden-answer","userId":"u1"}}"#;
    let pages = every(&report(Outcome::Failed(vec!["wrong".to_owned()]), answer));
    for page in &pages {
        assert!(!page.contains("hidden-"), "{page}");
    }
    assert!(pages[0].contains("u1"));
}

#[test]
fn the_code_of_a_refusal_is_no_secret() {
    let [html, ..] = every(&report(Outcome::Passed, r#"{"error":{"code":"NOT_FOUND","message":"No"}}"#));
    assert!(html.contains("NOT_FOUND"));
}

#[test]
fn a_failure_is_told_with_its_reason_and_the_request_that_shows_it() {
    let [html, junit, text] = every(&report(Outcome::Failed(vec!["it was late".to_owned()]), "{}"));
    assert!(junit.contains("failures=\"1\"") && html.contains("1 of 1 scenarios do not work"));
    for page in [&html, &junit, &text] {
        assert!(page.contains("it was late") && page.contains("curl"), "{page}");
    }
}

#[test]
fn a_run_of_nothing_has_not_passed() {
    let mut nothing = report(Outcome::Passed, "{}");
    nothing.use_cases.clear();
    assert!(!nothing.passed());
    let [html, junit, _] = every(&nothing);
    assert!(html.contains("Nothing was run.") && junit.contains("tests=\"0\""));
}
