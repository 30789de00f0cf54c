//! Use cases of the master dataset in documents: every step of a service, one to one.

use std::fs;

use context::Flow;
use context::documents::{enver_document, step_headings};
use contracts::Stage;

use crate::house::House;

const BOOKS: &str = r#"
id: UC3
title: A shipper gets a quote and books
steps:
  - id: quote
    by: Shipper
    service: booking
    operation: quotePrice
    action: Asks what ten tonnes of coal cost.
    request: { body: { tonnes: 10 } }
    expect: { status: 201 }
  - id: rules
    service: config
    operation: getDocument
  - id: book
    by: Shipper
    service: booking
    operation: createBooking
    request: { body: { quoteId: QT-0000000000000001 } }
    expect: { status: 201 }
    emits: [booking.created]
  - id: count
    service: booking
    operation: updateShipperSummary
"#;

fn flows(files: &[(&str, &str)]) -> Result<Vec<Flow>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    Flow::read_all(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn every_step_of_a_service_stands_once_in_each_of_its_envers_in_order() {
    let house = House { flows: flows(&[("uc3.yaml", BOOKS)]).unwrap(), ..House::bare() };

    let wanted = step_headings(&house.flows, "booking");
    assert_eq!(
        wanted,
        ["#### UC3.quote: `quotePrice`", "#### UC3.book: `createBooking`", "#### UC3.count: `updateShipperSummary`"]
    );
    for stage in Stage::ALL {
        let text = house.document(&format!("booking/{}", enver_document(stage)));
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("#### UC")).collect();
        assert_eq!(found, wanted, "{stage}");
        assert!(text.contains("### Use Case: UC3: A shipper gets a quote and books"));
        assert!(!text.contains("holds no step that comes to"));
    }
    let text = house.document("auth/MOCK_ENVER_CONTEXT.md");
    assert!(text.contains("holds no step that comes to auth yet"));
}

#[test]
fn a_step_to_an_operation_that_is_not_there_is_refused() {
    let flows = flows(&[("uc3.yaml", &BOOKS.replace("quotePrice", "askPrice"))]).unwrap();
    let house = House { flows, ..House::bare() };

    let refused = context::documents::all(&house.source()).unwrap_err().to_string();

    assert!(refused.starts_with("step UC3.quote of mock-data/use-cases goes to booking askPrice"), "{refused}");
    assert!(refused.contains("quotePrice"));
}

#[test]
fn a_file_that_is_no_use_case_is_named() {
    for (text, says) in [
        ("id: UC1", "title"),
        ("steps: [", "line"),
        (&*BOOKS.replace("id: book", "id: quote"), "two steps are called quote"),
    ] {
        let refused = flows(&[("a.yaml", text)]).unwrap_err();
        assert!(refused.contains("a.yaml is no use case") && refused.contains(says), "{refused}");
    }
    assert!(flows(&[("a.yaml", BOOKS), ("b.yaml", BOOKS)]).unwrap_err().contains("another file is UC3 already"));
}

#[test]
fn where_there_is_no_dataset_there_are_no_flows() {
    assert_eq!(Flow::read_all(std::path::Path::new("no/such/folder")).unwrap(), []);
}
