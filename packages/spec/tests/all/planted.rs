//! Changes that are planted, with the rules they must meet; the tables beside this file hold them.

use serde_json::{Value, json};
use spec::compatibility::{Direction, Document, Options, Promise, Report, Verdict, compare};

#[test]
fn a_narrower_schema_breaks_requests_and_a_wider_one_breaks_answers() {
    let mut wrong = Vec::new();
    for case in table(include_str!("planted/narrower.yaml")) {
        let version = case["openapi"].as_str().unwrap_or("3.1.0");
        let narrow = (&case["narrow"], &case["narrow_named"]);
        let wide = (&case["wide"], &case["wide_named"]);
        for (request, old, new, rules, verdict) in [
            (true, wide, narrow, &case["tight"], "breaking"),
            (false, wide, narrow, &case["tight"], "compatible"),
            (true, narrow, wide, &case["loose"], "compatible"),
            (false, narrow, wide, &case["loose"], "breaking"),
        ] {
            let documents = [old, new].map(|(schema, named)| around(schema, named, version, request));
            let report = compare_values(&documents[0], &documents[1], &Options::default());
            let rules = rules.as_array().cloned().unwrap_or_else(|| vec![rules.clone()]);
            let wanted = sorted(rules.iter().map(|rule| format!("{verdict} {}", rule.as_str().unwrap())));
            if said(&report) != wanted {
                let way = if request { "request" } else { "answer" };
                wrong.push(format!("{way}: {} -> {}\n  {:?} instead of {wanted:?}", old.0, new.0, said(&report)));
            }
            if version == "3.1.0" {
                wrong.extend(false_witnesses(&report, old, new, request));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn schemas_that_accept_the_same_values_are_silent() {
    let mut wrong = Vec::new();
    for case in table(include_str!("planted/silent.yaml")) {
        let same = case["same"].as_array().unwrap();
        for (old, new) in same.iter().flat_map(|old| same.iter().map(move |new| (old, new))) {
            for request in [true, false] {
                let documents = [old, new].map(|schema| around(schema, &case["named"], "3.1.0", request));
                let report = compare_values(&documents[0], &documents[1], &Options::default());
                if !report.changes.is_empty() {
                    wrong.push(format!("{}: {old} -> {new}: {:?}", case["what"], said(&report)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_worst_of_a_change_is_what_it_does_to_somebody() {
    let mut wrong = Vec::new();
    for case in table(include_str!("planted/traps.yaml")) {
        let side = |n: usize| {
            let schema = if n == 0 { &case["old"] } else { &case["new"] };
            (schema, &case["named"][n], case["openapi"][n].as_str().unwrap_or("3.1.0"))
        };
        for (key, request) in [("request", true), ("answer", false)] {
            let documents = [0, 1].map(side).map(|(schema, named, version)| around(schema, named, version, request));
            let report = compare_values(&documents[0], &documents[1], &Options::default());
            let order = [Verdict::Breaking, Verdict::Unproven, Verdict::Compatible];
            let worst = order.into_iter().find(|verdict| report.with(*verdict).next().is_some());
            let worst = worst.map_or("silent", Verdict::name);
            let may = |wanted: &Value| wanted.is_null() || wanted == worst;
            if !(may(&case[key]) || case[key].as_array().is_some_and(|all| all.iter().any(may))) {
                wrong.push(format!("{key}: {}\n  {worst}: {:?}", case["what"], said(&report)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn changes_of_operations_meet_their_rules() {
    hold(include_str!("planted/operations.yaml"), |case, content| {
        let mut document = if case["whole"] == true { content.clone() } else { json!({ "paths": content }) };
        document["openapi"] = json!(case["openapi"].as_str().unwrap_or("3.1.0"));
        document
    });
}

#[test]
fn changes_of_messages_meet_their_rules() {
    hold(include_str!("planted/messages.yaml"), |_, content| json!({ "asyncapi": "2.6.0", "channels": content }));
}

#[test]
fn what_is_planted_is_much() {
    let schemas = table(include_str!("planted/narrower.yaml")).len() * 4;
    let operations = table(include_str!("planted/operations.yaml")).len();
    let messages = table(include_str!("planted/messages.yaml")).len();
    assert!(schemas > 200 && operations > 60 && messages > 20, "{schemas}, {operations}, {messages}");
}

fn hold(text: &str, document: impl Fn(&Value, &Value) -> Value) {
    let mut wrong = Vec::new();
    for case in table(text) {
        let direction = match case["direction"].as_str() {
            Some("forward") => Direction::Forward,
            Some("full") => Direction::Full,
            _ => Direction::Backward,
        };
        let promise = match &case["promise"] {
            Value::String(_) => Promise::Source,
            Value::Null => Promise::Wire,
            usage => Promise::Consumers(serde_json::from_value(usage.clone()).unwrap()),
        };
        let options = Options { direction, promise, today: Some("2026-01-01".to_owned()) };
        let report = compare_values(&document(&case, &case["old"]), &document(&case, &case["new"]), &options);
        let wanted =
            sorted(case["changes"].as_array().unwrap().iter().map(|change| change.as_str().unwrap().to_owned()));
        if said(&report) != wanted {
            wrong.push(format!("{}\n  {:?} instead of {wanted:?}", case["what"], said(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn table(text: &str) -> Vec<Value> {
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    serde_saphyr::from_str_with_options(text, options).expect("a table")
}

/// A document with the schema in the body of a request or of an answer.
pub fn around(schema: &Value, named: &Value, version: &str, request: bool) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    let operation = if request {
        json!({ "requestBody": { "content": content }, "responses": {} })
    } else {
        json!({ "responses": { "200": { "description": "", "content": content } } })
    };
    let named = if named.is_null() { json!({}) } else { named.clone() };
    json!({ "openapi": version, "paths": { "/a": { "post": operation } }, "components": { "schemas": named } })
}

pub fn compare_values(old: &Value, new: &Value, options: &Options) -> Report {
    let document = |value: &Value| Document::parse(value.to_string().as_bytes(), "a.json").expect("a document");
    compare(&document(old), &document(new), options)
}

/// Each change in two words.
fn said(report: &Report) -> Vec<String> {
    sorted(report.changes.iter().map(|change| format!("{} {}", change.verdict.name(), change.rule.id)))
}

fn sorted(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut words: Vec<String> = words.collect();
    words.sort();
    words
}

/// Witnesses that a validator of the test's own does not confirm, and breaks without one.
fn false_witnesses(report: &Report, old: (&Value, &Value), new: (&Value, &Value), request: bool) -> Vec<String> {
    let validator = |(schema, named): (&Value, &Value)| {
        let whole = json!({ "allOf": [schema], "components": { "schemas": named } });
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("byte", |text: &str| {
                text.len().is_multiple_of(4) && text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c))
            })
            .build(&whole)
            .expect("a schema")
    };
    let (sender, receiver) = if request { (old, new) } else { (new, old) };
    let (sends, receives) = (validator(sender), validator(receiver));
    let mut wrong = Vec::new();
    for change in report.changes.iter().filter(|change| change.verdict == Verdict::Breaking) {
        let Some(witness) = &change.witness else {
            wrong.push(format!("no witness: {}", change.message));
            continue;
        };
        let whole_numbers_only = change.message.contains("2147483") || change.message.contains("9223372036854775");
        let refused = whole_numbers_only || !receives.is_valid(&witness.value);
        if !sends.is_valid(&witness.value) || !refused {
            wrong.push(format!("{} -> {}: {} proves nothing", old.0, new.0, witness.value));
        }
    }
    wrong
}
