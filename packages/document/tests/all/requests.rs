//! Requests and answers against what an operation declares.

use document::{Answer, Location};
use serde_json::{Value, json};

use crate::{fields, issues, nasty, operation, rules};

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[test]
fn parameters_of_every_style_are_read() {
    let api = nasty();
    let good = "/trees/7?depth=3&kinds=a&kinds=b&flat=1,2.5&spaced=x%20y&piped=1|2&filter[color]=red&filter[size][min]=3\
                &filter[tags][]=a&filter[tags][]=b&where=%7B%22a%22%3A1%7D&either=all";
    let headers = [("x-trace", "1, 2,3"), ("cookie", "other=1; session=abcd")];
    assert_eq!(issues(&api, "readTree", good, &headers, ""), []);
    assert_eq!(issues(&api, "readTree", "/trees/7?either=5&flat=1&kinds=a&piped=1%7C2", &[], ""), []);
    assert_eq!(issues(&api, "styles", "/styles/1,2/.r=1.g=2/;matrix=a;matrix=b/;object=r,1", &[], ""), []);
}

#[test]
fn every_issue_is_listed_at_once_with_its_place() {
    let api = nasty();
    let bad = "/trees/0?depth=10&kinds=a&kinds=c&flat=1,x&piped=1&filter[shape]=round&where=%7B%7D&either=some";
    let found = rules(&issues(&api, "readTree", bad, &[("x-trace", "1,2,3,4"), ("cookie", "session=abc")], ""));
    for expected in [
        "path /id minimum",
        "header /X-Trace maxItems",
        "query /depth maximum",
        "query /kinds/1 enum",
        "query /flat/1 type",
        "query /piped minItems",
        "query /filter additionalProperties",
        "query /where/a required",
        "cookie /session minLength",
        "query /either oneOf",
    ] {
        assert!(found.iter().any(|rule| rule == expected), "{expected} is not in {found:#?}");
    }
    let found = rules(&issues(&api, "styles", "/styles/1,a/.g=2/;matrix=a/;object=r,x", &[], ""));
    assert_eq!(found, ["path /simple/1 type", "path /label/r required", "path /object/r type"]);
}

#[test]
fn a_path_parameter_is_written_in_its_style() {
    let api = nasty();
    for (path, expected) in [
        ("/styles/1/r=1/;matrix=a/;object=r,1", "path /label syntax"),
        ("/styles/1/.r=1/matrix=a/;object=r,1", "path /matrix syntax"),
        ("/styles/1/.r=1/;other=a/;object=r,1", "path /matrix syntax"),
        ("/styles/1/.r=1/;matrix=a/r,1", "path /object syntax"),
    ] {
        assert_eq!(rules(&issues(&api, "styles", path, &[], "")), [expected], "{path}");
    }
}

#[test]
fn what_does_not_go_into_a_request_is_not_demanded_of_it() {
    let api = nasty();
    let put = |body: &str| rules(&issues(&api, "replaceTree", "/trees/7", &[JSON], body));
    assert_eq!(put(r#"{"name": "oak", "left": {}}"#), Vec::<String>::new());
    assert_eq!(
        put(r#"{"name": "oak", "left": {"tree": {"name": "x", "left": {}}}}"#),
        ["body /left/tree/name pattern"]
    );
    assert_eq!(put(r#"{"name": "oak", "left": {"weight": 1}}"#), ["body /left/weight exclusiveMaximum"]);
}

#[test]
fn forms_and_parts_are_held_against_their_schemas() {
    let api = nasty();
    let post = |kind: &str, body: &str| rules(&issues(&api, "addPet", "/pets", &[("content-type", kind)], body));
    let none: Vec<String> = Vec::new();
    assert_eq!(post(FORM.1, "name=Tom&age=3&address[zip]=123&tags=a&tags=b"), none);
    assert_eq!(
        post(FORM.1, "name=tom&age=0&address[zip]=x&tags=a&tags=a"),
        ["body /address/zip type", "body /age exclusiveMinimum", "body /name pattern", "body /tags uniqueItems"]
    );
    let parts = "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\
                 \u{1}\u{2}\r\n--x\r\nContent-Disposition: form-data; name=\"about\"\r\n\r\n{\"name\": \"Tom\"}\r\n--x--\r\n";
    assert_eq!(post("multipart/form-data; boundary=x", parts), none);
    assert_eq!(
        post("multipart/form-data; boundary=x", &parts.replace("name\": \"Tom\"", "age\": 1")),
        ["body /about/name required"]
    );
    assert_eq!(post("multipart/form-data; boundary=y", parts), ["body  syntax"]);
    assert_eq!(post("text/plain; charset=utf-8", "short"), none);
    assert_eq!(post("text/plain", "longer"), ["body  maxLength"]);
    assert_eq!(post("image/png", "x"), ["header /Content-Type contentType"]);
    assert_eq!(post(JSON.1, "{\"kind\":"), ["body  syntax"]);
}

#[test]
fn a_discriminator_chooses_what_a_value_is_held_against() {
    let api = nasty();
    let post = |body| rules(&issues(&api, "addPet", "/pets", &[JSON], body));
    // Both alternatives accept this one; only the discriminator tells them apart.
    assert_eq!(post(r#"{"kind": "cat", "name": "Tom", "lives": 9}"#), Vec::<String>::new());
    assert_eq!(post(r#"{"kind": "cat", "name": "Tom", "lives": 10}"#), ["body /lives maximum"]);
    assert_eq!(post(r#"{"kind": "dog", "name": "Rex", "good": 1}"#), ["body /good type"]);
    assert_eq!(post(r#"{"kind": "cow", "name": "Elsa"}"#), ["body /kind enum"]);
    assert_eq!(post(r#"{"name": "Elsa"}"#), ["body /kind required"]);
}

#[test]
fn a_required_body_and_required_parameters_are_missed() {
    let api = nasty();
    assert_eq!(rules(&issues(&api, "replaceTree", "/trees/7", &[], "")), ["body  required"]);
    assert_eq!(issues(&api, "addPet", "/pets", &[], ""), []);
}

#[test]
fn credentials_that_are_demanded_are_missed() {
    let api = nasty();
    let tree = operation(&api, "readTree");
    assert_eq!(tree.missing_credentials("", &fields(&[])).map(<[_]>::len), Some(2));
    assert!(tree.missing_credentials("", &fields(&[("authorization", "Basic eA==")])).is_some());
    assert!(tree.missing_credentials("", &fields(&[("authorization", "bearer t")])).is_none());
    assert!(tree.missing_credentials("", &fields(&[("x-key", "k")])).is_none());
    assert!(operation(&api, "addPet").missing_credentials("", &fields(&[])).is_none());
}

#[test]
fn an_answer_is_held_against_its_declaration() {
    let api = nasty();
    let check = |status: u16, headers: &[(&str, &str)], body: &str| {
        let headers = fields(headers);
        let status = http::StatusCode::from_u16(status).expect("a status");
        rules(&operation(&api, "readTree").check_response(&Answer { status, headers: &headers, body: body.as_bytes() }))
    };
    let good = r#"{"id": 1, "name": "oak", "left": {}}"#;
    assert_eq!(check(200, &[JSON, ("x-left", "3")], good), Vec::<String>::new());
    assert_eq!(
        check(200, &[JSON, ("x-left", "some")], r#"{"name": "oak", "left": {}}"#),
        ["header /X-Left type", "body /id required"]
    );
    assert_eq!(check(200, &[JSON], good), ["header /X-Left required"]);
    assert_eq!(check(404, &[("content-type", "application/problem+json")], "{}"), ["body /title required"]);
    assert_eq!(check(404, &[JSON], "{}"), ["header /Content-Type contentType"]);
    assert_eq!(check(500, &[JSON], "anything"), Vec::<String>::new());
    let put = operation(&api, "replaceTree");
    let headers = fields(&[]);
    let answer = Answer { status: http::StatusCode::OK, headers: &headers, body: b"" };
    assert_eq!(rules(&put.check_response(&answer)), ["status  status"]);
}

#[test]
fn what_is_written_is_read_back() {
    let api = nasty();
    let tree = operation(&api, "readTree");
    let values = [
        ("kinds", json!(["a", "b"])),
        ("flat", json!([1.5, 2])),
        ("spaced", json!(["x&y", "é"])),
        ("piped", json!([1, 2])),
        ("filter", json!({ "color": "a b", "size": { "min": 1 }, "tags": ["x", "y"] })),
        ("where", json!({ "a": 1 })),
        ("either", json!(5)),
    ];
    let query: Vec<String> = values
        .iter()
        .map(|(name, value)| tree.parameter(Location::Query, name).expect("a parameter").encode(value))
        .collect();
    assert_eq!(issues(&api, "readTree", &format!("/trees/7?{}", query.join("&")), &[], ""), []);

    let styles = operation(&api, "styles");
    let path = styles.template.render(|name| {
        let value = match name {
            "simple" => json!([1, 2]),
            "matrix" => json!(["a/b", "c"]),
            _ => json!({ "r": 1 }),
        };
        styles.parameter(Location::Path, name).expect("a parameter").encode(&value)
    });
    assert_eq!(path, "/styles/1,2/.r=1/;matrix=a%2Fb;matrix=c/;object=r,1");
    assert_eq!(issues(&api, "styles", &path, &[], ""), []);

    for media in &operation(&api, "addPet").body.as_ref().expect("a body").content {
        let value = media.example().expect("an example");
        assert_eq!(media.check(&media.sent(), &media.write(&value)), [], "{}: {value}", media.name);
    }
}

#[test]
fn a_text_is_held_against_every_keyword_as_its_value_is() {
    let schema = json!({
        "type": ["object", "array", "null"],
        "properties": {
            "word": { "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[^x]" },
            "one": { "enum": ["a\"b", 1, null, { "deep": [1, { "x": 2.0 }] }] },
            "same": { "const": [1, "b"] },
            "set": { "type": "array", "uniqueItems": true, "contains": { "type": "integer" }, "maxContains": 2 },
            "step": { "type": "number", "multipleOf": 0.5, "exclusiveMaximum": 10 },
            "flag": { "type": "boolean" },
            "inner": { "$ref": "#/components/schemas/It" },
        },
        "patternProperties": { "^x-": { "type": "integer" } },
        "propertyNames": { "maxLength": 5 },
        "dependentRequired": { "flag": ["step"] },
        "unevaluatedProperties": false,
        "maxItems": 2,
        "items": { "type": "integer" },
        "oneOf": [{ "type": "object", "minProperties": 1, "maxProperties": 3 }, { "type": ["array", "null"] }],
    });
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/It" } } });
    let api = crate::read(
        json!({
            "openapi": "3.1.0",
            "paths": { "/it": { "post": {
                "operationId": "it", "requestBody": { "content": content }, "responses": {},
            } } },
            "components": { "schemas": { "It": schema } },
        })
        .to_string()
        .as_bytes(),
    );
    let media = &operation(&api, "it").body.as_ref().expect("a body").content[0];
    let judge = media.schema.as_ref().expect("a schema");
    let texts = [
        r#"{"word":"ab"}"#,
        r#"{"word":"\u00e9\ud83d\ude00"}"#,
        r#"{"word":"é😀😀😀"}"#,
        r#"{"word":"xa"}"#,
        r#"{"word":"a"}"#,
        r#"{"wo\u0072d":"ab"}"#,
        r#"{"word":"x","word":"ab"}"#,
        r#"{"word":"ab","word":"x"}"#,
        r#"{"one":"a\"b"}"#,
        r#"{"one":1.0}"#,
        r#"{"one":"1"}"#,
        r#"{"one":null}"#,
        r#"{"one":{"deep":[1.0,{"x":2}]}}"#,
        r#"{"one":{"deep":[1,{"x":3}]}}"#,
        r#"{"same":[1,"b"]}"#,
        r#"{"same":["b",1]}"#,
        r#"{"set":[1,"a",{"a":1}]}"#,
        r#"{"set":[1,1.0]}"#,
        r#"{"set":["a"]}"#,
        r#"{"set":[1,2,3]}"#,
        r#"{"set":[1,{"a":1,"b":2},{"b":2,"a":1}]}"#,
        r#"{"step":9.5,"flag":true}"#,
        r#"{"flag":true}"#,
        r#"{"step":10}"#,
        r#"{"step":0.3}"#,
        r#"{"step":-1e3}"#,
        r#"{"x-1":18446744073709551615}"#,
        r#"{"x-1":1.5}"#,
        r#"{"x-long":1}"#,
        r#"{"other":1}"#,
        r#"{"inner":{"inner":[1]}}"#,
        r#"{"inner":{"inner":["1"]}}"#,
        r#"{"word":"ab","step":1,"flag":false,"x-1":1}"#,
        "{}",
        "[]",
        " [1, 2] ",
        "[1,2,3]",
        "[1.5]",
        "null",
        "true",
        "\"text\"",
    ];
    let taken = |text: &&str| media.check("application/json", text.as_bytes()).is_empty();
    for text in texts {
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(taken(&text), judge.accepts(&value), "{text}");
    }
    assert_eq!(texts.iter().filter(|text| taken(text)).count(), 17);
    for broken in ["", "{", "[1] 2", "{\"word\":}", "{1:2}", "\"\u{1}\"", "1e999", "\"\\ud800\""] {
        assert_eq!(rules(&media.check("application/json", broken.as_bytes())), ["body  syntax"], "{broken}");
    }
    let deep = "[".repeat(500);
    assert_eq!(rules(&media.check("application/json", deep.as_bytes())), ["body  syntax"]);
}
