//! The dataset of this repository.

use std::sync::Arc;

use dataset::{Dataset, Problem};

use crate::{published, root};

fn ours() -> Dataset {
    Dataset::load(&root().join("mock-data")).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn the_dataset_keeps_every_rule_in_mock_and_in_dev() {
    let dataset = ours();
    for enver in ["mock", "dev"] {
        let report = dataset::check(&dataset, &published(enver), enver);
        assert!(report.problems.is_empty(), "{enver}:\n{}", listed(&report.problems));
        println!("{enver}: {} flows, {} steps, {} refusals", report.flows, report.steps, report.refusals);
        for (why, count) in &report.unprovoked {
            println!("  {count:4} not to be provoked: {why}");
        }
        let unprovoked: usize = report.unprovoked.values().sum();
        assert!(
            unprovoked * 3 < report.refusals,
            "a list of excuses is no dataset: {unprovoked} of {}",
            report.refusals
        );
    }
}

#[test]
fn the_use_cases_are_there_and_each_says_what_for_and_where_privacy_ends() {
    let dataset = ours();
    let ids: Vec<&str> = dataset.use_cases.iter().map(|use_case| use_case.id.as_str()).collect();
    assert!(["UC1", "UC2", "UC3", "UC4", "UC5"].iter().all(|id| ids.contains(id)), "{ids:?}");
    for use_case in &dataset.use_cases {
        assert!(use_case.privacy.len() > 20 && !use_case.benefit.is_empty(), "{}", use_case.id);
    }
}

#[test]
fn the_stable_ids_are_what_the_platform_promises() {
    let dataset = ours();
    let value = |key: &str, field: &str| {
        let entity = dataset.entities.get("identities", key).unwrap();
        entity.value.get(field).and_then(|node| node.text()).unwrap().to_owned()
    };
    assert_eq!(value("root", "identityId"), "550e8400-e29b-41d4-a716-446655440001");
    assert_eq!(value("system", "userId"), "user_12345_system");
    assert_eq!(value("test_tokens", "temporary"), "mock_temp_token_12345");
    assert_eq!(value("test_tokens", "bearer"), "mock_auth_jwt_token_for_testing");
}

#[test]
fn every_operation_has_an_example_that_is_whole() {
    let dataset = Arc::new(ours());
    let published = published("mock");
    let examples = dataset.examples(&published, "mock");
    for (service, contract) in &published.services {
        for operation in contract.operations.keys() {
            let unprovoked = |id: &str| {
                let id = format!("{service}/{id}");
                dataset.refusals.unprovoked.iter().any(|it| it.status < 400 && it.operations.contains(&id))
            };
            let shown = examples.get(&(service.clone(), operation.clone()));
            let succeeds = shown.is_some_and(|shown| shown.iter().any(|example| example.status < 400));
            assert!(succeeds || unprovoked(operation), "{service} {operation} has no example");
        }
    }
    let quoted = &examples[&("booking".to_owned(), "quotePrice".to_owned())];
    assert!(quoted.iter().any(|example| example.answer["data"]["price"]["totalAmount"] == 1_666_750));
}
