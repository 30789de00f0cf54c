//! Shapes and examples of schemas.

use serde_json::{Value, json};

use crate::house::House;

#[test]
fn a_shape_says_what_may_stand_where() {
    let schema = json!({
        "type": "object", "required": ["id", "kind"],
        "properties": {
            "id": { "$ref": "#/$defs/Id" },
            "kind": { "enum": ["small", "large"] },
            "size": { "anyOf": [{ "$ref": "#/$defs/Size" }, { "type": "null" }] },
            "note": { "type": ["string", "null"], "maxLength": 20 },
            "parts": { "type": "array", "items": { "type": "integer", "minimum": 1, "maximum": 9 } },
        },
        "$defs": {
            "Id": { "type": "string", "pattern": "^ID-[0-9]{4}$" },
            "Size": { "oneOf": [{ "const": "s", "description": "Small." }, { "const": "l", "description": "Large." }] },
        },
    });

    assert_eq!(
        context::shape(&schema),
        json!({
            "id": "string like ^ID-[0-9]{4}$",
            "kind": "one of small, large",
            "note?": "string, at most 20 characters, or null",
            "parts?": ["integer, 1 to 9"],
            "size?": "one of s, l, or null",
        })
    );
}

#[test]
fn a_type_that_holds_itself_ends() {
    let schema = json!({
        "$ref": "#/$defs/Tree",
        "$defs": { "Tree": { "type": "object", "properties": { "left": { "$ref": "#/$defs/Tree" }, "right": { "$ref": "#/$defs/Tree" } } } },
    });

    assert!(context::shape(&schema).to_string().len() < 1_000_000);
    assert!(context::example(&schema).to_string().len() < 1_000_000);
}

#[test]
fn every_example_of_a_request_answer_and_message_is_one_that_an_independent_judge_accepts() {
    let mut judged = 0;
    for contract in House::bare().contracts {
        let parts = contract.operations.iter().flat_map(|one| {
            let id = one.declaration.id;
            [Some(&one.path), Some(&one.query), one.body.as_ref(), one.answer.as_ref()]
                .into_iter()
                .flatten()
                .map(move |part| (id, part))
        });
        let messages = contract.consumers.iter().map(|one| (one.declaration.id, &one.data));
        for (id, schema) in parts.chain(messages) {
            accepts(&format!("{} {id}", contract.service), schema);
            judged += 1;
        }
        for event in contract.emitted() {
            accepts(event.name, (event.schema)().document());
        }
    }
    assert!(judged > 200);
}

fn accepts(what: &str, schema: &Value) {
    let judge = jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
    let example = context::example(schema);
    let issues: Vec<String> =
        judge.iter_errors(&example).map(|issue| format!("{} at {}", issue, issue.instance_path())).collect();
    assert!(issues.is_empty(), "{what}: {issues:?}\n{example:#}\n{schema:#}");
}
