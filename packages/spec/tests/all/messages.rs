//! AsyncAPI: which messages a service takes and emits, and through which queues.

use operation::Environment;
use serde_json::Value;
use spec::{Contract, asyncapi};

use crate::documents::contracts;

#[test]
fn every_message_shows_an_example_that_its_payload_accepts() {
    for contract in contracts() {
        let document = asyncapi::document(&contract, Environment::Dev);
        for (name, message) in document["components"]["messages"].as_object().expect("messages") {
            let mut schema = message["payload"].clone();
            schema["components"] = document["components"].clone();
            let judge = jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap();
            let examples = message["examples"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(!examples.is_empty(), "{}: {name} shows none: no flow brings it about", contract.service);
            for example in examples {
                let wrong: Vec<_> = judge.iter_errors(&example["payload"]).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{}: {name} {}: {wrong:?}", contract.service, example["name"]);
            }
        }
    }
}

#[test]
fn a_queue_names_its_dead_letters_and_how_often_a_message_is_tried() {
    let document = asyncapi::document(&Contract::of(&booking::service()), Environment::Dev);
    let queue = &document["channels"]["booking-events"]["bindings"]["sqs"];

    assert_eq!(queue["queue"]["name"], "enver-dev-booking-events");
    assert_eq!(queue["queue"]["fifoQueue"], false);
    assert_eq!(queue["queue"]["redrivePolicy"]["maxReceiveCount"], 5);
    assert_eq!(queue["queue"]["redrivePolicy"]["deadLetterQueue"]["name"], "enver-dev-booking-events-dlq");
    assert_eq!(queue["deadLetterQueue"]["name"], "enver-dev-booking-events-dlq");
}

#[test]
fn an_event_that_is_emitted_satisfies_its_payload() {
    let document = asyncapi::document(&Contract::of(&config::service()), Environment::Main);
    let payload = &document["components"]["messages"]["ConfigChanged"]["payload"];
    let mut schema = payload.clone();
    schema["components"] = document["components"].clone();
    let judge = jsonschema::draft7::new(&schema).unwrap();
    let example = |kind: &str, tenant: Value| {
        serde_json::json!({
            "specversion": "1.0", "id": "1", "source": "/config", "type": kind, "subject": "x",
            "time": "2026-11-21T08:30:00Z", "datacontenttype": "application/json", "tenantid": tenant, "requestid": "r",
            "data": {},
        })
    };

    let data = payload["properties"]["data"]["$ref"].as_str().expect("a shared schema");
    assert!(document.pointer(data.trim_start_matches('#')).is_some(), "{data}");
    assert!(!judge.is_valid(&example("booking.created", "acme".into())));
    assert!(!judge.is_valid(&example("config.changed", Value::Null)));
}
