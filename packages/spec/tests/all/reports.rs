//! What a report says of each change.

use serde_json::json;
use spec::compatibility::{Document, Flow, Options, RULES, Side, Verdict, compare};

use crate::planted::{around, compare_values};

const OLD: &str = "openapi: 3.0.3
paths:
  /bookings:
    post:
      operationId: createBooking
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Booking'}
      responses: {}
components:
  schemas:
    Booking:
      type: object
      required: [weight]
      properties:
        weight: {type: integer, minimum: 1, example: 20}
        note:
          type: string
          maxLength: 80
";

#[test]
fn a_change_names_its_operation_its_place_and_its_line() {
    let new = OLD.replace("maxLength: 80", "maxLength: 40");
    let document = |text: &str, name| Document::parse(text.as_bytes(), name).unwrap();
    let report = compare(&document(OLD, "old.yaml"), &document(&new, "new.yaml"), &Options::default());

    let [change] = report.changes.as_slice() else { panic!("{report:?}") };
    assert_eq!(
        (change.rule.id, change.verdict, change.flow),
        ("max-length-tightened", Verdict::Breaking, Flow::Request)
    );
    assert_eq!(change.operation.as_deref(), Some("POST /bookings"));
    assert_eq!((change.place.side, change.place.document.as_str()), (Side::New, "new.yaml"));
    assert_eq!(change.place.pointer, "/components/schemas/Booking/properties/note/maxLength");
    assert_eq!((change.place.place.line, change.place.place.column), (20, 11));
    assert_eq!(change.message, "/note: `maxLength` was 80 and is 40");
    let witness = change.witness.as_ref().unwrap();
    assert_eq!(witness.value, json!({ "weight": 1, "note": "a".repeat(41) }));
    assert_eq!((witness.at.as_str(), witness.accepted_by, witness.refused_by), ("/note", Side::Old, Side::New));
}

#[test]
fn what_is_gone_stands_in_the_old_document() {
    let new = OLD.replace("    post:", "    put:");
    let document = |text: &str, name| Document::parse(text.as_bytes(), name).unwrap();
    let report = compare(&document(OLD, "old.yaml"), &document(&new, "new.yaml"), &Options::default());

    let change = report.breaking().next().unwrap();
    assert_eq!((change.place.side, change.place.pointer.as_str()), (Side::Old, "/paths/~1bookings/post"));
    assert_eq!((change.place.place.line, change.place.place.column), (4, 5));
}

#[test]
fn a_witness_has_only_what_it_needs() {
    let old = json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "string", "format": "uuid" }, "tags": { "type": "array", "items": { "enum": ["x", "y"] } },
        "owner": { "type": "object" } } });
    let mut new = old.clone();
    new["properties"]["tags"]["items"] = json!({ "enum": ["x"] });
    let report = compare_values(
        &around(&old, &json!(null), "3.1.0", true),
        &around(&new, &json!(null), "3.1.0", true),
        &Options::default(),
    );

    let witness = report.changes[0].witness.as_ref().unwrap();
    assert_eq!(witness.value, json!({ "id": "00000000-0000-4000-8000-000000000000", "tags": ["y"] }));
}

#[test]
fn breaking_changes_come_first() {
    let old = json!({ "type": "object", "properties": { "a": { "type": "string", "maxLength": 3 }, "b": { "type": "string" } } });
    let new = json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "string", "maxLength": 3 } } });
    let report = compare_values(
        &around(&old, &json!(null), "3.1.0", true),
        &around(&new, &json!(null), "3.1.0", true),
        &Options::default(),
    );

    let verdicts: Vec<Verdict> = report.changes.iter().map(|change| change.verdict).collect();
    assert_eq!(verdicts, [Verdict::Breaking, Verdict::Compatible]);
}

#[test]
fn a_change_in_a_shared_schema_is_told_once() {
    let document = |most: u32| {
        let content = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } });
        let operation = json!({ "post": { "requestBody": content, "responses": {} } });
        json!({ "openapi": "3.1.0", "paths": { "/a": operation, "/b": operation, "/c": operation },
            "components": { "schemas": { "A": { "type": "string", "maxLength": most } } } })
    };
    assert_eq!(compare_values(&document(9), &document(8), &Options::default()).changes.len(), 1);
}

#[test]
fn every_rule_has_an_id_of_its_own() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
