//! Use cases of the master dataset in documents: every step of a service, one to one.

use std::fs;

use context::Flow;
use context::documents::{USE_CASES, enver_document, step_headings};
use contracts::Stage;

use crate::house::House;

const BOOKS: &str = r#"
id: UC3
title: A shipper gets a quote and books
as: shipper
want: to book
so that: it leaves
privacy: A booking is its shipper's.
flows:
  - id: books
    title: Ravi books
    steps:
      - id: quote
        title: Ravi asks what coal costs
        actor: ravi
        credentials: none
        service: booking
        operation: quotePrice
        body: { tonnes: 10 }
        expect: { status: 201 }
      - id: rules
        title: He reads the rules
        actor: ravi
        credentials: none
        service: config
        operation: getDocument
        path: { document: "services.booking.${enver}.business.rules" }
        expect: { status: 200 }
        then:
          - { id: again, title: And the quote, actor: ravi, credentials: none, service: booking, operation: quotePrice, body: {}, expect: { status: 201 } }
      - id: book
        title: He books
        actor: ravi
        credentials: none
        service: booking
        operation: createBooking
        body: { freight: "${freights.coal}" }
        expect: { status: 201 }
        emits: [booking.created]
        consumes: [{ service: booking, operation: updateShipperSummary }]
    cases:
      - { id: refused, title: What is not booked, base: book, rows: [{ id: nothing, title: Nothing, body: {}, status: 400, code: VALIDATION_ERROR }] }
"#;

const FREIGHTS: &str = "about: What is carried.\nitems:\n  coal: { about: Coal., value: { tonnes: 10 } }\n";

fn flows(files: &[(&str, &str)]) -> Result<Vec<Flow>, String> {
    let folder = tempfile::tempdir().unwrap();
    for part in ["entities", "use-cases"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    fs::write(folder.path().join("entities/freights.yaml"), FREIGHTS).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("use-cases").join(name), text).unwrap();
    }
    Flow::read_all(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn every_step_of_a_service_stands_once_in_each_of_its_envers_in_order_and_every_refusal_in_the_table() {
    let house = House { flows: flows(&[("uc3.yaml", BOOKS)]).unwrap(), ..House::bare() };

    let wanted = step_headings(&house.flows, "booking");
    assert_eq!(
        wanted,
        [
            "#### UC3.books.quote: `quotePrice`",
            "#### UC3.books.again: `quotePrice`",
            "#### UC3.books.book: `createBooking`"
        ]
    );
    for stage in Stage::ALL {
        let text = house.document(&format!("booking/{}", enver_document(stage)));
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("#### UC")).collect();
        assert_eq!(found, wanted, "{stage}");
        assert!(text.contains("### Use Case: UC3: A shipper gets a quote and books"));
        let row = "| UC3.books.refused/nothing | ravi | booking | `createBooking` | Nothing | 400 VALIDATION_ERROR |";
        assert!(text.contains(row), "{stage}");
        assert!(!text.contains("holds no step that comes to"));
    }
    let text = house.document("auth/MOCK_ENVER_CONTEXT.md");
    assert!(text.contains("holds no step that comes to auth yet"));
}

#[test]
fn a_name_that_holds_the_enver_is_that_of_the_documents_own() {
    let house = House { flows: flows(&[("uc3.yaml", BOOKS)]).unwrap(), ..House::bare() };

    for stage in Stage::ALL {
        let text = house.document(&format!("config/{}", enver_document(stage)));
        assert!(text.contains(&format!("\"services.booking.{stage}.business.rules\"")), "{stage}");
        assert!(!text.contains("<enver>"));
    }
}

#[test]
fn the_matrix_says_of_a_use_case_what_it_stands_on_who_takes_part_and_who_sees_what() {
    let house = House { flows: flows(&[("uc3.yaml", BOOKS)]).unwrap(), ..House::bare() };

    let matrix = house.documents().into_iter().find(|document| document.path == USE_CASES).unwrap().text;

    assert!(
        matrix.contains(
            "| **UC3: A shipper gets a quote and books** | freights: coal | booking → config; \
             booking —`booking.created`→ booking (`updateShipperSummary`) | A booking is its shipper's. |"
        ),
        "{matrix}"
    );
    assert!(matrix.contains("| `books` | Ravi books | 4 | 1 |"));
    assert!(matrix.contains("| booking | `createBooking` | UC3 | 201, 400 VALIDATION_ERROR |"));
}

#[test]
fn the_matrix_of_this_repository_is_complete() {
    let house = House::bare();
    let flows = Flow::read_all(&house.root.join("mock-data")).unwrap();
    let house = House { flows, ..house };

    let matrix = house.documents().into_iter().find(|document| document.path == USE_CASES).unwrap().text;

    let ids: Vec<&str> = house.flows.iter().map(|flow| flow.id.as_str()).collect();
    assert_eq!(ids, ["UC1", "UC2", "UC3", "UC4", "UC5", "UC6"]);
    for line in matrix.lines().filter(|line| line.starts_with("| ")) {
        let empty = line.split(" | ").any(|cell| cell.trim_matches('|').trim().is_empty());
        assert!(!empty, "nothing is said in a cell of: {line}");
    }
    for contract in &house.contracts {
        for operation in &contract.operations {
            let row = format!("| {} | `{}` | UC", contract.service, operation.declaration.id);
            assert!(matrix.contains(&row), "no use case calls {} {}", contract.service, operation.declaration.id);
        }
    }
}

#[test]
fn a_step_to_an_operation_that_is_not_there_is_refused() {
    let flows = flows(&[("uc3.yaml", &BOOKS.replace("quotePrice", "askPrice"))]).unwrap();
    let house = House { flows, ..House::bare() };

    let refused = context::documents::all(&house.source()).unwrap_err().to_string();

    assert!(refused.starts_with("step UC3.books.quote of mock-data/use-cases goes to booking askPrice"), "{refused}");
    assert!(refused.contains("quotePrice"));
}

#[test]
fn everything_that_is_wrong_with_the_dataset_is_told_at_once() {
    let twice = BOOKS.replace("id: book\n", "id: quote\n").replace("privacy:", "secrecy:");

    let refused = flows(&[("a.yaml", &twice), ("b.yaml", "steps: [")]).unwrap_err();

    for said in ["use-cases/a.yaml:30: twice: step quote", "a use case has no field secrecy", "use-cases/b.yaml:"] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
}

#[test]
fn where_there_is_no_dataset_there_are_no_flows() {
    assert_eq!(Flow::read_all(std::path::Path::new("no/such/folder")).unwrap(), []);
}
