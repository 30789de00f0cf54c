//! What is published for the services of this house.

use std::collections::BTreeSet;
use std::path::Path;

use operation::Environment;
use serde_json::Value;
use spec::artifact::{Artifacts, OPENAPI, OPENAPI_3_0};
use spec::{Contract, Examples, openapi};

/// The contracts of all services.
pub fn contracts() -> Vec<Contract> {
    let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/examples.json");
    let shown = std::fs::read_to_string(shown).expect("`enver dataset examples` writes it");
    let shown: Examples = serde_json::from_str(&shown).unwrap();
    let mut contracts =
        vec![Contract::of(&auth::service()), Contract::of(&booking::service()), Contract::of(&config::service())];
    for contract in &mut contracts {
        shown.give(contract);
        assert!(!contract.examples.is_empty(), "no operation of {} has examples", contract.service);
    }
    contracts
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    for contract in contracts() {
        let document = openapi::document(&contract);
        let mut targets = BTreeSet::new();
        references(&document, &mut targets);
        for target in &targets {
            let pointer = target.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{}: {target} leads nowhere", contract.service);
        }
        for section in ["responses", "schemas"] {
            for name in document["components"][section].as_object().expect("components").keys() {
                let pointer = format!("#/components/{section}/{name}");
                assert!(targets.contains(&pointer), "{}: nothing refers to {pointer}", contract.service);
            }
        }
    }
}

#[test]
fn documents_of_both_versions_show_the_examples_as_they_are() {
    for contract in contracts() {
        let files = Artifacts::of(&contract).files(Environment::Dev);
        for name in [OPENAPI, OPENAPI_3_0] {
            let file = files.iter().find(|file| file.name == name).unwrap();
            let document: Value = serde_json::from_str(&file.text).unwrap();
            for operation in &contract.operations {
                let facts = operation.declaration;
                let published = &document["paths"][facts.path][facts.method.name().to_ascii_lowercase()];
                let body = &published["requestBody"]["content"][facts.dialect.media_type()];
                for example in contract.examples.get(facts.id).into_iter().flatten() {
                    let answer = &published["responses"][example.status.to_string()]["content"]["application/json"];
                    for (media, value) in [(body, &example.request), (answer, &example.answer)] {
                        assert_eq!(&media["examples"][&example.name]["value"], value, "{name}: {}", facts.id);
                    }
                }
            }
        }
    }
}

#[test]
fn a_type_that_reads_differently_than_it_is_written_has_a_schema_for_each() {
    let contract = Contract::of(&booking::service());
    let document = openapi::document(&contract);
    let create = &document["paths"]["/booking/v1/bookings"]["post"];

    let body = &create["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let answer = &create["responses"]["201"]["content"]["application/json"]["schema"]["$ref"];

    assert_eq!(body, "#/components/schemas/NewBooking");
    assert_eq!(answer, "#/components/schemas/CreateBookingAnswer");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let alike: Vec<_> = schemas.keys().filter(|name| name.ends_with(|c: char| c.is_ascii_digit())).collect();
    assert!(alike.is_empty(), "types of one name: {alike:?}");
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
