//! Documents that are wrong: where, and what about them.

use document::{Api, Document};

pub fn refused(text: &str) -> String {
    let read = Document::parse(text.as_bytes(), "a").and_then(Api::of);
    read.expect_err("it is refused").to_string()
}

#[test]
fn line_and_column_of_what_is_wrong_are_named() {
    let paths = |text: &str| refused(&format!("openapi: 3.1.0\npaths:\n{text}\n"));
    for (text, expected) in [
        ("  notes: {}", "a:3:3: the path `notes` does not begin with `/`"),
        ("  /notes: 5", "a:3:3: the path item is not an object but a number"),
        ("  /notes:\n    get: x", "a:4:5: the operation is not an object but a text"),
        ("  /notes:\n    get:\n      parameters: {}", "a:5:7: `parameters` is not a list but an object"),
        ("  /notes:\n    get:\n      parameters:\n        - { in: query }", "a:6:11: the parameter has no `name`"),
        ("  /notes:\n    get:\n      responses:\n        ok: {}", "a:6:9: `ok` is no status"),
        ("  /notes:\n    get:\n      security: [{ key: [] }]", "a:5:20: the security scheme `key` is not in"),
        ("  /notes: { $ref: '#/nowhere' }", "a:3:13: `#/nowhere` leads to nothing"),
    ] {
        let said = paths(text);
        assert!(said.starts_with(expected), "{text}\n{said}");
    }
    assert!(refused("{\"openapi\": \"3.1.0\",\n \"paths\": {,}}").starts_with("a:2:12: it is not JSON"));
    assert!(refused("openapi: 3.1.0\npaths:\n  - : [").starts_with("a:3:"));
    assert!(refused("asyncapi: 2.6.0\nchannels:\n  a: 5\n").starts_with("a:3:3: the channel `a` is not an object"));
}

#[test]
fn patterns_that_cannot_be_read_are_told_with_their_place() {
    let text = "openapi: 3.1.0\ncomponents:\n  schemas:\n    A:\n      pattern: '(a'\n      examples: [{ pattern: '(b' }]\n    \
                B:\n      properties:\n        pattern: { pattern: '^[\\w-.]+$' }\n      patternProperties:\n        '[z-a]': {}\n";
    let document = Document::parse(text.as_bytes(), "a").expect("a document");
    let told: Vec<String> = document.unread_patterns().iter().map(ToString::to_string).collect();

    let [first, second] = told.as_slice() else { panic!("{told:#?}") };
    assert!(first.starts_with("a:5:7: the pattern `(a` cannot be read and is not held: unclosed group"), "{first}");
    assert!(second.starts_with("a:11:9: the pattern `[z-a]` cannot be read"), "{second}");
}

#[test]
fn hostile_documents_end_in_a_refusal() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refused(&deep).starts_with("a:"));
    // The first is refused by how many values it comes to, the second by their length.
    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}, *a{m}]\n", m = n - 1)).collect();
    let long = "x".repeat(100_000);
    let uses = "*a, ".repeat(100);
    for bomb in [format!("a: &a0 [x]\n{bomb}"), format!("a: &a {long}\nb: [{uses}]\n")] {
        let said = refused(&bomb);
        let (place, why) = said.split_once(": ").expect("a place");
        assert!(why.starts_with("its aliases expand to more than 8388608 bytes or 500000 values"), "{said}");
        let [name, line, column] = place.split(':').collect::<Vec<_>>()[..] else { panic!("{said}") };
        assert!(name == "a" && line.parse::<usize>().is_ok_and(|line| line > 1) && column != "0", "{said}");
    }
}

#[test]
fn what_is_said_once_and_used_everywhere_is_an_ordinary_document() {
    let response = |status: u16| {
        format!("    '{status}': {{ description: {}, content: {{ application/json: {{}} }} }}\n", "why ".repeat(20))
    };
    let mut text = String::from("openapi: 3.1.0\nx-errors: &errors\n");
    text.extend([400, 401, 404, 500].map(response));
    text.push_str("paths:\n");
    let operation = |n: usize| format!("  /a{n}:\n    get: {{ responses: {{ <<: *errors, '200': {{}} }} }}\n");
    text.extend((0..150).map(operation));

    let api = Api::read(text.as_bytes()).expect("a document");

    let answers: Vec<usize> = api.operations.iter().map(|operation| operation.responses.len()).collect();
    assert_eq!(answers, [5; 150]);
}
