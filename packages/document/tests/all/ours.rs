//! What our own services published: every operation has good examples, and they pass their own checks.

use std::path::Path;

use document::{Api, Document};
use serde_json::json;

fn artifacts(name: &str) -> Vec<(String, Api)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/published/dev");
    let mut all = Vec::new();
    for service in std::fs::read_dir(root).expect("the published artifacts") {
        let file = service.expect("a folder").path().join(name);
        let bytes = std::fs::read(&file).expect("an artifact");
        let document = Document::parse(&bytes, &file.to_string_lossy()).expect("a document");
        all.push((file.to_string_lossy().into_owned(), Api::of(document).expect("an api")));
    }
    assert!(all.len() >= 3, "auth, booking and config at least");
    all
}

#[test]
fn every_body_and_answer_has_an_example_that_passes() {
    for (file, api) in artifacts("openapi.json") {
        assert!(!api.operations.is_empty(), "{file}");
        for operation in &api.operations {
            let bodies = operation.body.iter().flat_map(|body| &body.content);
            for media in bodies.chain(operation.responses.iter().flat_map(|response| &response.content)) {
                let Some(schema) = &media.schema else { continue };
                schema.compiles().expect("a schema that compiles");
                for value in [schema.example(), schema.generate(1), schema.generate(2)] {
                    let value = value.unwrap_or_else(|| panic!("{file}: nothing for {}", schema.pointer()));
                    assert_eq!(media.check(&media.sent(), &media.write(&value)), [], "{file}: {}", schema.pointer());
                }
            }
            for parameter in &operation.parameters {
                assert!(parameter.schema.example().is_some(), "{file}: {}", parameter.pointer);
            }
        }
    }
}

#[test]
fn a_body_gets_the_verdict_of_the_value_that_it_says() {
    for (file, api) in artifacts("openapi.json") {
        for media in api.operations.iter().flat_map(|operation| &operation.body).flat_map(|body| &body.content) {
            let Some(schema) = media.schema.as_ref().filter(|_| media.name == "application/json") else { continue };
            let example = schema.example().expect("an example");
            let names: Vec<String> = example.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
            let mut values = vec![example.clone(), json!(null), json!([example.clone()])];
            for (name, wrong) in
                names.iter().flat_map(|name| [json!(null), json!(-1), json!("\u{e9}\n")].map(|wrong| (name, wrong)))
            {
                let mut value = example.clone();
                value[name] = wrong;
                values.push(value);
            }
            values.extend(names.iter().filter_map(|name| {
                let mut value = example.clone();
                value.as_object_mut()?.remove(name);
                Some(value)
            }));
            for value in values {
                let taken = media.check("application/json", value.to_string().as_bytes()).is_empty();
                assert_eq!(taken, schema.accepts(&value), "{file}: {} {value}", schema.pointer());
            }
        }
    }
}

#[test]
fn every_message_can_be_made_and_passes() {
    for (file, api) in artifacts("asyncapi.json") {
        for message in api.channels.iter().flat_map(|channel| channel.publish.iter().chain(&channel.subscribe)) {
            for seed in 0..5 {
                let (headers, payload) = message.generate(seed).unwrap_or_else(|| panic!("{file}: {}", message.name));
                assert_eq!(message.check(headers.as_ref(), &payload), [], "{file}: {} {payload}", message.name);
            }
        }
    }
}
