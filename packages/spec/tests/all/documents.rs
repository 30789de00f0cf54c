//! What is published for the services of this house.

use std::collections::BTreeSet;

use serde_json::Value;
use spec::{Contract, openapi};

/// The contracts of all services.
pub fn contracts() -> Vec<Contract> {
    vec![Contract::of(&auth::service()), Contract::of(&booking::service()), Contract::of(&config::service())]
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
