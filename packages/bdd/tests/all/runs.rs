//! Features run against a service that keeps its promises, and against one that does not.

use std::cell::RefCell;
use std::rc::Rc;

use bdd::native::{self, Progress, Tags};
use bdd::report::{Outcome, Report, Scenario};
use tokio::task::LocalSet;

use crate::shop::{Fault, USE_CASE, plans, target};

async fn run(use_case: &str, fault: Fault, tags: Option<&str>) -> Report {
    let tags: Option<Tags> = tags.map(|tags| tags.parse().unwrap());
    let plans = plans(use_case);
    let running = async { native::run(&plans, &target(fault), tags, 4, |_| {}).await.unwrap() };
    LocalSet::new().run_until(running).await
}

fn scenario<'r>(report: &'r Report, title: &str) -> &'r Scenario {
    report.scenarios().find(|scenario| scenario.title == title).unwrap_or_else(|| panic!("no {title} in {report:?}"))
}

#[tokio::test]
async fn a_kept_promise_passes_with_every_step_and_every_case() {
    let report = run(USE_CASE, Fault::None, None).await;

    assert!(report.passed(), "{report:?}");
    let titles: Vec<&str> = report.scenarios().map(|scenario| scenario.title.as_str()).collect();
    let cases = ["What is not sold: No apples at all", "What is not sold: By a token | of nobody's"];
    assert_eq!(titles, [&["Asha sells apples"], &cases[..]].concat());
    let steps: Vec<&str> =
        scenario(&report, "Asha sells apples").steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(steps, ["Asha logs in", "Asha notes an order", "The order is kept"]);
}

#[tokio::test]
async fn a_broken_promise_fails_where_it_is_broken_and_what_stands_on_it_is_skipped() {
    let report = run(USE_CASE, Fault::Lost, None).await;

    assert!(!report.passed());
    let outcomes: Vec<&Outcome> =
        scenario(&report, "Asha sells apples").steps.iter().map(|step| &step.outcome).collect();
    let [Outcome::Passed, Outcome::Failed(why), Outcome::Skipped] = outcomes.as_slice() else {
        panic!("{outcomes:?}");
    };
    assert!(why[0].contains("/body/data/status") && why[0].contains("lost"), "{why:?}");
    let case = scenario(&report, "What is not sold: No apples at all");
    assert_eq!(case.outcome(), Outcome::Skipped);
}

#[tokio::test]
async fn whoever_is_told_to_come_again_does_and_whoever_is_told_to_stay_away_has_failed() {
    assert!(run(USE_CASE, Fault::Busy, None).await.passed());

    let closed = run(USE_CASE, Fault::Closed, None).await;
    let outcome = scenario(&closed, "Asha sells apples").outcome();
    assert!(matches!(&outcome, Outcome::Failed(why) if why[0].contains("429")), "{outcome:?}");
}

#[tokio::test]
async fn a_case_that_is_not_refused_fails_alone() {
    let report = run(USE_CASE, Fault::TakesAll, None).await;

    let failed: Vec<&str> = report
        .scenarios()
        .filter(|scenario| matches!(scenario.outcome(), Outcome::Failed(_)))
        .map(|scenario| scenario.title.as_str())
        .collect();
    assert_eq!(failed, ["What is not sold: No apples at all"]);
}

#[tokio::test]
async fn tags_choose_scenarios_and_cases_alone_bring_their_flow_about() {
    let without = run(USE_CASE, Fault::None, Some("@UC1 and not @cases")).await;
    assert_eq!(without.scenarios().count(), 1);
    let cases = run(USE_CASE, Fault::None, Some("@cases")).await;
    assert!(cases.passed() && cases.scenarios().count() == 2, "{cases:?}");
    let nothing = run(USE_CASE, Fault::None, Some("@UC9")).await;
    assert!(!nothing.passed(), "a run of nothing proves nothing");
}

#[tokio::test]
async fn progress_is_told_as_scenarios_end() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let into = Rc::clone(&told);
    let plans = plans(USE_CASE);
    let target = target(Fault::TakesAll);
    let running = native::run(&plans, &target, None, 1, move |progress| into.borrow_mut().push(progress));
    LocalSet::new().run_until(running).await.unwrap();

    let told = told.borrow();
    assert_eq!(told[0], Progress::Feature("UC1 A clerk sells".to_owned()));
    assert!(told.contains(&Progress::Scenario("Asha sells apples".to_owned(), None)), "{told:?}");
    let failed = |progress: &&Progress| matches!(progress, Progress::Scenario(_, Some(why)) if why.contains("/status"));
    assert_eq!(told.iter().filter(failed).count(), 1, "{told:?}");
    let case = "What is not sold: No apples at all";
    assert!(told.iter().any(|told| matches!(told, Progress::Scenario(name, Some(_)) if name == case)), "{told:?}");
}
