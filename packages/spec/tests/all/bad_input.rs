//! Documents that cannot be compared, and what is said of them.

use serde_json::json;
use spec::compatibility::{Document, LONGEST_DOCUMENT, Options, compare};

/// What is said of a text, with its place.
fn refused(text: &str) -> String {
    Document::parse(text.as_bytes(), "a").err().map_or_else(|| "accepted".to_owned(), |error| error.to_string())
}

#[test]
fn what_is_no_contract_is_refused_where_it_says_so() {
    for (text, said) in [
        ("", "a:1:1: it is no OpenAPI or AsyncAPI document"),
        ("[]", "a:1:1: it is no OpenAPI or AsyncAPI document: the top is not an object"),
        ("title: x\n", "neither `openapi` nor `asyncapi`"),
        ("info: {}\nswagger: '2.0'\n", "a:2:1: Swagger 2.0 cannot be read. Convert it"),
        ("openapi: 3.2.0\npaths: {}\n", "a:1:1: OpenAPI 3.2.0 cannot be read; 3.0 and 3.1 can"),
        ("openapi: 4\n", "OpenAPI 4 cannot be read"),
        ("asyncapi: 3.0.0\nchannels: {}\n", "a:1:1: AsyncAPI 3.0.0 cannot be read"),
        ("openapi: 3.0.3\n", "it has no `paths`"),
        ("openapi: 3.0.3\npaths: []\n", "a:2:1: `paths` is not an object"),
        ("asyncapi: 2.6.0\n", "it has no `channels`"),
    ] {
        assert!(refused(text).contains(said), "{text}: {}", refused(text));
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line_and_column() {
    for (text, said) in [
        ("{\"openapi\": \"3.1.0\",\n \"paths\": }", "a:2:11: it is not JSON"),
        ("openapi: 3.1.0\npaths: {a: [}\n", "a:2:"),
        ("openapi: 3.1.0\npaths: {}\n  x: 1\n", "a:3:"),
        ("openapi: 3.1.0\nopenapi: 3.0.0\npaths: {}\n", "a:2:"),
        ("openapi: 3.1.0\npaths: {}\0", "a:2:10: it is not text"),
    ] {
        assert!(refused(text).starts_with(said), "{text}: {}", refused(text));
    }
    let binary = Document::parse(b"openapi: 3.1.0\nx: \xff\xfe", "a").unwrap_err();
    assert_eq!(binary.to_string(), "a:2:4: it is not text in UTF-8");
}

#[test]
fn references_must_lead_somewhere_in_the_document() {
    let with = |reference: &str| {
        format!(
            "openapi: 3.1.0\npaths: {{}}\ncomponents:\n  schemas:\n    A:\n      $ref: '{reference}'\n    B: {{$ref: '#/components/schemas/C'}}\n    C: {{$ref: '#/components/schemas/B'}}\n    D: {{}}\n"
        )
    };
    assert!(refused(&with("other.yaml#/A")).contains("\na:6:7: `other.yaml#/A` leads out of the document"));
    assert!(refused(&with("https://example.com/a.json")).contains("Bundle the documents into one"));
    assert!(refused(&with("#/components/schemas/Z")).contains("\na:6:7: `#/components/schemas/Z` leads to nothing"));
    assert!(refused(&with("#A")).contains("`#A` leads to nothing"));
    assert!(refused(&with("#/components/schemas/D")).contains("leads only to itself"));
}

#[test]
fn a_reference_in_an_example_is_only_an_example() {
    let text = "openapi: 3.1.0\npaths: {}\ncomponents: {schemas: {A: {example: {$ref: nowhere}, properties: {default: {}}}}}\n";
    assert_eq!(refused(text), "accepted");
}

#[test]
fn bombs_and_depths_are_refused_and_take_no_time() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &('b'..='z').map(|name| {
            let before = char::from_u32(u32::from(name) - 1).unwrap();
            format!("{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n")
        }).collect::<String>();
    assert!(refused(&bomb).contains("its aliases expand to more than"), "{}", refused(&bomb));
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert_ne!(refused(&deep), "accepted");
    }
}

#[test]
fn a_document_beyond_the_limit_is_refused() {
    assert!(refused(&" ".repeat(LONGEST_DOCUMENT + 1)).contains("Split it by service"));
}

#[test]
fn schemas_in_circles_are_compared() {
    let document = |most: u32| {
        let text = format!(
            "openapi: 3.1.0
paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}, responses: {{}}}}}}}}
components:
  schemas:
    A: {{type: object, properties: {{b: {{$ref: '#/components/schemas/B'}}}}}}
    B: {{type: object, properties: {{a: {{$ref: '#/components/schemas/A'}}, text: {{type: string, maxLength: {most}}}}}}}
    Pet: {{oneOf: [{{$ref: '#/components/schemas/Cat'}}]}}
    Cat: {{allOf: [{{$ref: '#/components/schemas/Pet'}}, {{type: object}}]}}
"
        );
        Document::parse(text.as_bytes(), "a").unwrap()
    };
    let report = compare(&document(5), &document(4), &Options::default());
    assert_eq!(report.breaking().count(), 1, "{report:?}");
}

#[test]
fn schemas_that_lead_only_to_themselves_are_not_decided() {
    let document = |word: &str| {
        let text = format!(
            "openapi: 3.1.0
paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}}}, responses: {{}}}}}}}}
components:
  schemas:
    Pet: {{type: object, required: [{word}], oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{type: object, required: [dog]}}]}}
    Cat: {{allOf: [{{$ref: '#/components/schemas/Pet'}}, {{type: object}}]}}
"
        );
        Document::parse(text.as_bytes(), "a").unwrap()
    };
    let report = compare(&document("a"), &document("b"), &Options::default());
    assert!(report.breaking().all(|change| change.witness.is_some()));
    assert!(!report.changes.is_empty());
}

#[test]
fn http_and_messages_cannot_be_compared() {
    let http = Document::parse(b"openapi: 3.1.0\npaths: {}\n", "a").unwrap();
    let messages = Document::parse(b"asyncapi: 2.6.0\nchannels: {}\n", "b").unwrap();
    assert_eq!(compare(&http, &messages, &Options::default()).changes[0].rule.id, "documents-incomparable");
}

#[test]
fn hostile_schemas_end() {
    let long: Vec<String> = (0..20_000).map(|number| format!("v{number}")).collect();
    let mut longer = long.clone();
    longer.push("another".to_owned());
    for (old, new) in [
        (
            json!({ "pattern": "(){4000000000}((a{0}){99999}){99999}$" }),
            json!({ "pattern": "^(((x*)*)*)*y{1000000000}$" }),
        ),
        (json!({ "enum": longer }), json!({ "enum": long })),
        (json!({ "type": "array", "minItems": 1e18 }), json!({ "type": "array", "minItems": 2e18 })),
        (json!({ "type": "string", "minLength": 1e15 }), json!({ "type": "string", "minLength": 1e16 })),
        (json!({ "type": "object", "minProperties": 1e9 }), json!({ "type": "object", "minProperties": 1e10 })),
        (json!({ "multipleOf": 1e-300 }), json!({ "multipleOf": 1e300 })),
        (
            json!({ "type": 7, "enum": {}, "properties": [], "required": "a", "anyOf": {}, "items": 3 }),
            json!({ "type": "string" }),
        ),
    ] {
        let documents = [&old, &new].map(|schema| crate::planted::around(schema, &json!(null), "3.1.0", true));
        let report = crate::planted::compare_values(&documents[0], &documents[1], &Options::default());
        assert!(!report.changes.is_empty(), "{old}");
    }
}
