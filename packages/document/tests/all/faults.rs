//! Documents whose text can be read and whose content is wrong: everything about them is told; what is only sloppy loads.

use document::{Api, Document};

use crate::broken::refused;
use crate::read;

/// Each line that is told begins as it is expected to.
fn assert_told(document: &str, expected: &[&str]) {
    let said = refused(document);
    let told: Vec<&str> = said.lines().filter(|line| !line.ends_with(" faults:")).collect();
    assert_eq!(told.len(), expected.len(), "{document}\n{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{document}\n{told}\n{expected}");
    }
}

/// The document is taken, and each line that is told of it begins as it is expected to.
fn assert_doubted(document: &str, expected: &[&str]) {
    let api = Document::parse(document.as_bytes(), "a").and_then(Api::of).unwrap_or_else(|why| panic!("{why}"));
    let told: Vec<String> = api.doubts.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{document}\n{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{document}\n{told}\n{expected}");
    }
}

/// A document with these paths, which begin at the third line.
fn with_paths(paths: &str) -> String {
    format!("openapi: 3.0.3\npaths:\n{paths}\n")
}

/// A document with this schema, which begins at the fifth line and the seventh column.
fn with_schema(schema: &str) -> String {
    let schema = schema.replace('\n', "\n      ");
    format!("openapi: 3.1.0\ncomponents:\n  schemas:\n    It:\n      {schema}\n")
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_places() {
    let said = refused(
        "openapi: 3.0.3\npaths:\n  /a:\n    gett: {}\n    get:\n      parameters: [{ name: q, in: query }]\ncomponents:\n  \
         schemas:\n    A: { type: strin, required: id, properties: { b: { minLength: -1 } } }\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    let places = ["a has 6 faults:", "a:4:5: ", "a:5:5: ", "a:6:20: ", "a:9:10: ", "a:9:23: ", "a:9:56: "];
    assert_eq!(lines.len(), places.len(), "{said}");
    for (line, begins) in lines.iter().zip(places) {
        assert!(line.starts_with(begins), "{said}");
    }
    assert!(lines[1].ends_with("did you mean `get`?") && lines[4].ends_with("did you mean `string`?"), "{said}");
}

#[test]
fn references_that_lead_nowhere_are_told_among_the_others() {
    let paths =
        "  /a: { $ref: '#/nowhere' }\n  /b: { $ref: '#/nowhere' }\n  /c: { gett: {} }\n  /d: { $ref: 'other.yaml' }";
    let nowhere = |line: u8| format!("a:{line}:9: `#/nowhere` leads to nothing");
    let expected =
        [&nowhere(3), &nowhere(4), "a:5:9: `gett` is no field", "a:6:9: `other.yaml` leads out of the document"];
    assert_told(&with_paths(paths), &expected);
}

#[test]
fn of_very_many_faults_the_first_are_told_and_the_others_counted() {
    let schemas: String = (0..1_000).map(|n| format!("    A{n}: {{ type: strin }}\n")).collect();
    let said = refused(&format!("openapi: 3.1.0\ncomponents:\n  schemas:\n{schemas}"));
    assert!(said.starts_with("a has 1000 faults:\na:4:11: "), "{said}");
    assert!(said.ends_with("\nand 800 more, which are told when some of these are mended"), "{said}");
}

#[test]
fn names_of_any_length_are_told_in_a_few_words() {
    let long = "x".repeat(1_000_000);
    let schemas: String = (0..100).map(|n| format!("        A{n}: {{ type: {long}{n} }}\n")).collect();
    let said = refused(&format!(
        "openapi: 3.1.0\ncomponents:\n  schemas:\n    It:\n      properties:\n{}",
        &schemas[..5_000_000]
    ));
    assert!(said.len() < 10_000, "{}", said.len());
}

#[test]
fn what_many_refer_to_is_told_once_where_it_stands() {
    let refers = "{ description: it, content: { a/b: { schema: { $ref: '#/x-here/~1It' } } } }";
    let paths = format!("  /a: {{ get: {{ responses: {{ '200': {refers}, '201': {refers} }} }} }}");
    let document =
        format!("openapi: 3.0.3\npaths:\n{paths}\nx-here:\n  /It:\n    properties: {{ a: {{ type: strin }} }}\n");
    assert_told(&document, &["a:6:24: there is no type `strin`"]);
}

#[test]
fn a_schema_says_only_what_schemas_can_say() {
    for (schema, expected) in [
        ("type: strin", &["a:5:7: there is no type `strin`"][..]),
        ("type: [string, nul]", &["a:5:7: there is no type `nul`"]),
        ("type: { a: 1 }", &["a:5:7: `type` is not the name of a type but an object"]),
        ("properties: [a]", &["a:5:7: `properties` is not an object but a list"]),
        ("properties: { a: text }", &["a:5:21: the schema under `a` is not an object but a text"]),
        ("required: id", &["a:5:7: `required` is not a list of names but a text"]),
        ("required: [1]", &["a:5:7: `required` is not a list of names but a list of something else"]),
        ("enum: a", &["a:5:7: `enum` is not a list but a text"]),
        ("items: text", &["a:5:7: the schema under `items` is not an object but a text"]),
        ("oneOf: { a: {} }", &["a:5:7: `oneOf` is not a list but an object"]),
        ("allOf: [5]", &["a:5:15: the schema is not an object but a number"]),
        (
            "minLength: -1\nmaxItems: 1.5",
            &["a:5:7: `minLength` is not a whole number from 0 on but -1", "a:6:7: `maxItems` is not a whole number"],
        ),
        ("minimum: 'a'", &["a:5:7: `minimum` is not a number but a text"]),
        ("multipleOf: 0", &["a:5:7: `multipleOf` is not a number above 0"]),
        ("pattern: 5\nuniqueItems: 'yes'", &["a:5:7: `pattern` is not a text", "a:6:7: `uniqueItems` is not true"]),
        ("discriminator: kind", &["a:5:7: `discriminator` is not an object but a text"]),
    ] {
        assert_told(&with_schema(schema), expected);
    }
}

#[test]
fn operations_and_parameters_have_the_fields_of_openapi() {
    let parameter = |text: &str| format!("  /a: {{ get: {{ responses: {{}}, parameters: [{{ {text} }}] }} }}");
    for (paths, expected) in [
        ("  /a: { gett: {} }".to_owned(), &["a:3:9: `gett` is no field of a path"][..]),
        ("  /a: { get: {} }".to_owned(), &["a:3:9: the operation has no `responses`"]),
        (
            "  /a: { get: { responses: { '999': {}, abc: {}, x-a: 1 } } }".to_owned(),
            &["a:3:29: `999` is no status", "a:3:40: `abc` is no status"],
        ),
        (
            "  /a: { get: { responses: { '200': { headers: { x-a: { schema: { type: strin } }, 'a b': { schema: {} } } } } } }"
                .to_owned(),
            &["a:3:66: there is no type `strin`", "a:3:83: `a b` cannot be the name of a header field"],
        ),
        (parameter("name: q, in: qery, schema: {}"), &["a:3:44: the parameter `q` is in qery; it can be in path,"]),
        (parameter("name: q, in: body, schema: {}"), &["a:3:44: the parameter `q` is in body"]),
        (parameter("name: q, in: query, style: spaced, schema: {}"), &["a:3:66: `spaced` is no style here"]),
        (
            parameter("name: q, in: query, schema: {} }, { name: q, in: query, schema: {}"),
            &["a:3:80: there is another parameter `q` in query before it"],
        ),
    ] {
        assert_told(&with_paths(&paths), expected);
    }
}

#[test]
fn a_path_has_the_parameters_that_are_declared_for_it() {
    let get = "get: { responses: {} }";
    for (paths, expected) in [
        (format!("  '/a/{{x': {{ {get} }}"), &["a:3:3: the path `/a/{x` has a `{` without its `}`"][..]),
        (format!("  '/a/x}}': {{ {get} }}"), &["a:3:3: the path `/a/x}` has a `}` without its `{`"]),
        (format!("  '/a/{{}}': {{ {get} }}"), &["a:3:3: the path `/a/{}` has a parameter without a name"]),
    ] {
        assert_told(&with_paths(&paths), expected);
    }
}

#[test]
fn what_published_documents_have_wrong_is_told_and_taken_as_far_as_it_means_something() {
    for (schema, expected) in [
        ("minimum: 5\nmaximum: 4.5", "a:5:7: `minimum` 5 is more than `maximum` 4.5"),
        ("minLength: 2\nmaxLength: 1", "a:5:7: `minLength` 2 is more than `maxLength` 1"),
        ("minItems: 2\nmaxItems: 1", "a:5:7: `minItems` 2 is more than `maxItems` 1"),
        ("properties: { a: { required: true } }", "a:5:26: `required` is no list of names, and so nothing is"),
    ] {
        assert_doubted(&with_schema(schema), &[expected]);
    }
    let get = "get: { operationId: one, responses: {} }";
    let with = |name: &str| format!("parameters: [{{ name: {name}, in: path, required: true, schema: {{}} }}]");
    let formed = "parameters: [{ name: q, in: header, style: form, schema: {} }]";
    for (paths, expected) in [
        (format!("  /a: {{ {get} }}\n  /b: {{ {get} }}"), &["a:4:16: `one` is the `operationId` of get /a too"][..]),
        (
            format!("  '/a/{{x}}': {{ {get} }}"),
            &["a:3:15: `{x}` of /a/{x} is not among the parameters; add `{ name: x,"],
        ),
        (
            format!(
                "  '/a/{{x}}': {{ {get}, {} }}\n  '/a/{{y}}': {{ get: {{ responses: {{}} }}, {} }}",
                with("x"),
                with("y")
            ),
            &["a:4:15: get /a/{y} is get /a/{x} again"],
        ),
        (format!("  /a: {{ {get}, {formed} }}"), &["a:3:"]),
        (format!("  /a: {{ {get}, {} }}", with("x")), &["a:3:64: the parameter `x` is in the path, but /a has no"]),
        (
            "  /a: { get: { responses: {}, parameters: [{ name: q, in: query }] } }".to_owned(),
            &["a:3:44: the parameter `q` has neither `schema` nor `content`"],
        ),
        (format!("  /a: {{ tags: [b], {get} }}"), &["a:3:9: `tags` is no field of a path"]),
    ] {
        assert_doubted(&with_paths(&paths), expected);
    }
    for (channels, expected) in [
        ("  'a/{b}': { publish: {} }", "a:3:3: `{b}` of the channel `a/{b}` is not among its `parameters`"),
        ("  a: { parameters: { b: { schema: {} } } }", "a:3:22: the channel `a` has no `{b}`"),
    ] {
        assert_doubted(&format!("asyncapi: 2.6.0\nchannels:\n{channels}\n"), &[expected]);
    }
}

#[test]
fn a_long_chain_of_references_is_called_that() {
    let chain: String =
        (0..100).map(|n| format!("    A{n}: {{ $ref: '#/components/schemas/A{}' }}\n", n + 1)).collect();
    let said = refused(&format!("openapi: 3.1.0\ncomponents:\n  schemas:\n{chain}    A100: {{}}\n"));
    assert!(said.contains("`#/components/schemas/A1` leads on and on: at most 64"), "{said}");
}

#[test]
fn a_name_is_known_wherever_a_schema_can_stand() {
    let schema = "properties: { default: { $anchor: mine, type: integer }, it: { $ref: '#mine' } }";
    let api = read(with_schema(schema).as_bytes());
    let schema = document::Schema::new(&api.document, "/components/schemas/It", document::View::Whole);
    assert!(schema.accepts(&serde_json::json!({ "it": 5 })) && !schema.accepts(&serde_json::json!({ "it": "five" })));
}

#[test]
fn names_under_very_long_keys_cost_no_more_than_the_document() {
    let long = "k".repeat(100_000);
    let anchors: String = (0..2_000).map(|n| format!("\"a{n}\":{{\"$anchor\":\"n{n}\"}},")).collect();
    let refers: String = (0..2_000).map(|n| format!("\"r{n}\":{{\"$ref\":\"#n{n}\"}},")).collect();
    let said = refused(&format!(
        r#"{{"openapi":"3.1.0","components":{{"schemas":{{{refers}"{long}":{{"properties":{{{anchors}"z":{{}}}}}}}}}}}}"#
    ));
    assert!(said.contains("leads to nothing") && said.len() < 100_000, "{}", said.len());
}

#[test]
fn a_style_that_belongs_elsewhere_is_the_usual_one() {
    let paths = "  /a: { get: { responses: {}, parameters: [{ name: q, in: query, style: simple, schema: {} }] } }";
    let api = read(with_paths(paths).as_bytes());
    assert_eq!(api.operations[0].parameters[0].encode(&5.into()), "q=5");
}

#[test]
fn of_operations_with_one_id_each_can_be_named() {
    let get = "get: { operationId: one, responses: {} }";
    let api = read(with_paths(&format!("  /a: {{ {get} }}\n  /b: {{ {get} }}")).as_bytes());
    let ids: Vec<&str> = api.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids, ["one", "GET /b"]);
}

#[test]
fn what_is_doubtful_is_told_among_what_is_wrong() {
    assert_told(
        &with_schema("minimum: 5\nmaximum: 4\ntype: strin"),
        &["a:5:7: `minimum` 5", "a:7:7: there is no type"],
    );
}

#[test]
fn channels_and_messages_have_the_fields_of_asyncapi() {
    for (channels, expected) in [
        ("  a: { publsh: {} }", &["a:3:8: `publsh` is no field of a channel"][..]),
        ("  a: { publish: text }", &["a:3:8: the operation is not an object but a text"]),
        ("  a: { publish: { message: { payload: { type: strin } } } }", &["a:3:41: there is no type `strin`"]),
        (
            "  a: { publish: { message: { oneOf: [{ headers: { required: a } }] } } }",
            &["a:3:51: `required` is not a list of names but a text"],
        ),
        ("  'a/{b': {}", &["a:3:3: the channel `a/{b` has a `{` without its `}`"]),
    ] {
        assert_told(&format!("asyncapi: 2.6.0\nchannels:\n{channels}\n"), expected);
    }
}

#[test]
fn what_published_documents_write_and_means_the_same_anyway_is_taken() {
    for text in [
        // Bounds as OpenAPI 3.0 has them, tuples as draft 7, keys with nothing behind them, types in a list of 3.0.
        &with_schema("minimum: 0\nexclusiveMinimum: true"),
        &with_schema("items: [{ type: string }]"),
        &with_schema("properties:\nrequired:"),
        "openapi: 3.0.3\npaths: {}\ncomponents: { schemas: { A: { type: [string, 'null'] } } }",
        // OpenAPI 3.1 demands no answers, and every document writes extensions.
        "openapi: 3.1.0\npaths: { /a: { get: {}, x-a: 5 } }",
        // Other methods of a path under another name, and fragments that tell paths apart.
        &with_paths(
            "  '/a/{x}': { get: { responses: {} }, parameters: [{ name: x, in: path, schema: {} }] }\n  '/a/{y}': { put: { \
             responses: {} }, parameters: [{ name: y, in: path, schema: {} }] }\n  /b#c: { get: { responses: {} } }\n  \
             /b#d: { get: { responses: {} } }",
        ),
        // All of an object by one reference.
        "openapi: 3.1.0\npaths: { /a: { get: { responses: { 2xx: { content: { $ref: '#/x-all' } } } } } }\nx-all: { a/b: {} }",
        // Payloads in another language than JSON Schema.
        "asyncapi: 2.6.0\nchannels: { a: { publish: { message: { schemaFormat: application/vnd.apache.avro;version=1.9.0, \
         payload: { type: record } } } } }",
    ] {
        read(text.as_bytes());
    }
}

#[test]
fn a_bound_that_is_said_to_be_exclusive_is_exclusive_in_every_version() {
    let api = read(with_schema("type: integer\nminimum: 0\nexclusiveMinimum: true").as_bytes());
    let schema = document::Schema::new(&api.document, "/components/schemas/It", document::View::Whole);
    assert!(schema.accepts(&1.into()) && !schema.accepts(&0.into()));
}
