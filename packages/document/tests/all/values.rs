//! Values that are made of schemas.

use std::collections::BTreeSet;
use std::sync::Arc;

use document::{Document, Schema, View};
use serde_json::{Value, json};

use crate::{nasty, operation};

/// A schema by itself.
fn schema(value: &Value) -> Schema {
    let text = json!({ "openapi": "3.1.0", "components": { "schemas": {
        "It": value,
        "Node": { "type": "object", "required": ["next"], "properties": {
            "next": { "anyOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "null" }] } } },
    } } });
    let document = Document::parse(text.to_string().as_bytes(), "it").expect("a document");
    Schema::new(&Arc::new(document), "/components/schemas/It", View::Whole)
}

#[test]
fn values_satisfy_their_schema_whatever_the_seed() {
    for value in [
        json!({ "type": "string", "pattern": "^bkg_[0-9a-f]{16}$" }),
        json!({ "type": "string", "minLength": 40, "maxLength": 41 }),
        json!({ "type": "string", "format": "email" }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "minLength": 12, "maxLength": 30 }),
        json!({ "type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7 }),
        json!({ "type": "integer", "multipleOf": 7, "minimum": 50 }),
        json!({ "type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1 }),
        json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 0.001 }),
        json!({ "type": "array", "uniqueItems": true, "minItems": 4, "items": { "enum": ["a", "b", "c", "d"] } }),
        json!({ "type": "array", "prefixItems": [{ "const": 1 }, { "type": "string" }], "items": false }),
        json!({ "type": "object", "minProperties": 3, "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "minProperties": 1, "maxProperties": 2, "properties": { "a": true, "b": true, "c": true } }),
        json!({ "type": "object", "patternProperties": { "^x-": { "type": "integer" } }, "additionalProperties": false, "minProperties": 2 }),
        json!({ "type": "object", "properties": { "a": { "type": "integer" } }, "dependentRequired": { "a": ["b"] } }),
        json!({ "allOf": [{ "type": "object", "required": ["a"] }, { "properties": { "a": { "maxLength": 2, "type": "string" } } }] }),
        json!({ "oneOf": [{ "type": "integer", "minimum": 5 }, { "type": "integer", "maximum": 3 }] }),
        json!({ "type": "object", "oneOf": [{ "required": ["a"], "properties": { "b": false } }, { "required": ["b"], "properties": { "a": false } }] }),
        json!({ "oneOf": [{ "type": "object", "properties": { "a": { "type": "string" } } }, { "type": "object", "properties": { "b": { "type": "string" } } }] }),
        json!({ "type": "object", "required": ["undeclared"] }),
        json!({ "type": ["null", "string"], "const": "only" }),
        json!({ "$ref": "#/components/schemas/Node" }),
        json!(true),
        json!({}),
    ] {
        assert_made(&value);
    }
}

/// There is an example, and a value for every seed.
fn assert_made(value: &Value) {
    let schema = schema(value);
    let example = schema.example().unwrap_or_else(|| panic!("no example of {value}"));
    assert!(schema.accepts(&example), "{value} refuses its example {example}");
    for seed in 1..40 {
        let made = schema.generate(seed).unwrap_or_else(|| panic!("nothing of seed {seed} for {value}"));
        assert!(schema.accepts(&made), "{value} refuses {made}");
    }
}

#[test]
fn a_text_is_found_for_patterns_that_look_around() {
    for pattern in [
        r"^(?=.*\d)(?=.*[a-z]).{8,}$",
        r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[!@#$%^&*])[A-Za-z\d!@#$%^&*]{8,16}$",
        r"^(?=\S{8,}$)(?=.*?[A-Z])(?=.*?[0-9]).+$",
        r"^(?=.{8,20}$)(?![_.])(?!.*[_.]{2})[a-zA-Z0-9._]+(?<![_.])$",
        r"^(?=(?:.*\d){3})[a-z\d]{6}$",
        r"^(?=[A-Z]{2})(?=.*\d{3}$).+$",
        r"^(?!admin)\w+$",
        r"^(?!(?:true|false)$)[a-z]+$",
        r"^(?!000|666|9\d{2})\d{3}-(?!00)\d{2}-(?!0000)\d{4}$",
        r"^(?!.*(.)\1)[a-z]{4}$",
        r"^(?:(?!\d)\w)+$",
        r"(?<=\$)\d+",
        r"^.*(?<=\.)com$",
        r"(?<!un)happy",
        r"foo(?=bar)",
        r"\bcat\b.*\bdog\b",
        r#"^(['"])[a-z]+\1$"#,
    ] {
        assert_made(&json!({ "type": "string", "pattern": pattern }));
    }
    assert_made(&json!({ "type": "string", "pattern": "^(?=.*[A-Z])", "minLength": 10 }));
    assert_made(
        &json!({ "type": "string", "allOf": [{ "pattern": "[A-Z]" }, { "pattern": "[0-9]" }], "minLength": 8 }),
    );
}

#[test]
fn a_text_keeps_its_format_its_pattern_and_its_length() {
    for (format, pattern) in [
        ("email", r"@example\.org$"),
        ("email", r"^(?!admin)[^@]+@(?!gmail)[^@]+$"),
        ("uri", r"^https://api\.acme\.com/"),
        ("uri", r"\.pdf$"),
        ("date", "^2023-"),
        ("date-time", r"\+02:00$"),
        ("date-time", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"),
        ("ipv4", r"^10\."),
        ("uuid", "^[0-9A-F-]+$"),
        ("hostname", r"^[a-z]+\.internal$"),
    ] {
        assert_made(&json!({ "type": "string", "format": format, "pattern": pattern }));
    }
    for (format, least, most) in
        [("email", 30, 64), ("email", 1, 10), ("hostname", 80, 90), ("uri", 40, 50), ("uri", 1, 12)]
    {
        assert_made(&json!({ "type": "string", "format": format, "minLength": least, "maxLength": most }));
    }
}

#[test]
fn a_list_contains_what_it_must_and_no_more_than_it_may() {
    for value in [
        json!({ "type": "array", "contains": { "type": "integer", "minimum": 5 }, "minContains": 3 }),
        json!({ "type": "array", "contains": { "type": "string" }, "minContains": 0, "maxItems": 0 }),
        json!({ "type": "array", "contains": { "type": "integer" }, "maxContains": 1, "minItems": 3 }),
        json!({ "type": "array", "items": { "type": "integer" }, "contains": { "minimum": 100 }, "minContains": 2, "maxContains": 2, "minItems": 4 }),
        json!({ "type": "array", "uniqueItems": true, "contains": { "enum": ["a", "b", "c"] }, "minContains": 2, "items": { "type": "string" } }),
    ] {
        assert_made(&value);
    }
}

#[test]
fn a_value_keeps_conditions_dependencies_and_negations() {
    let kind = |name: &str| json!({ "required": ["kind"], "properties": { "kind": { "const": name } } });
    let iban = json!({ "required": ["iban"], "properties": { "iban": { "type": "string", "minLength": 5 } } });
    for value in [
        json!({ "type": "object", "required": ["kind"], "properties": { "kind": { "enum": ["card", "bank"] } }, "if": kind("card"), "then": { "required": ["number"] }, "else": iban }),
        json!({ "type": "object", "required": ["kind"], "properties": { "kind": { "enum": ["a", "b", "c"] } }, "allOf": [
            { "if": kind("a"), "then": { "required": ["x"] } }, { "if": kind("b"), "then": { "required": ["y"] } }, { "if": kind("c"), "then": { "required": ["z"] } }] }),
        json!({ "type": "integer", "if": { "minimum": 10 }, "then": { "multipleOf": 10 }, "else": { "maximum": 3 } }),
        json!({ "type": "object", "required": ["a"], "dependentRequired": { "b": ["c"], "a": ["b"] } }),
        json!({ "type": "object", "required": ["a"], "dependentSchemas": { "a": { "required": ["b"], "properties": { "b": { "type": "integer", "minimum": 7 } } } } }),
        json!({ "type": "object", "propertyNames": { "pattern": "^(?!x-)[a-z-]+$" }, "minProperties": 3 }),
        json!({ "type": "integer", "minimum": 1, "maximum": 3, "not": { "enum": [1, 2] } }),
        json!({ "type": "object", "required": ["a"], "properties": { "a": true, "b": true }, "not": { "required": ["b"] } }),
        json!({ "not": { "type": ["string", "object"] } }),
        json!({ "enum": ["a", "b"], "not": { "const": "a" } }),
    ] {
        assert_made(&value);
    }
}

#[test]
fn a_reference_by_name_leads_to_what_has_that_name() {
    let tree = json!({
        "$ref": "#tree",
        "$defs": {
            "tree": {
                "$anchor": "tree",
                "$dynamicAnchor": "node",
                "type": "object",
                "required": ["leaf"],
                "properties": { "leaf": { "$ref": "#leaf" }, "more": { "type": "array", "items": { "$dynamicRef": "#node" } } },
            },
            "leaf": { "$anchor": "leaf", "type": "integer" },
        },
    });
    assert_made(&tree);
    let tree = schema(&tree);
    assert!(tree.accepts(&json!({ "leaf": 1, "more": [{ "leaf": 2 }] })));
    assert!(!tree.accepts(&json!({ "leaf": "1" })) && !tree.accepts(&json!({ "leaf": 1, "more": [{}] })));
}

#[test]
fn the_search_for_a_text_that_cannot_be_ends() {
    for pattern in [
        "^(?=(a+)+$)(?=(b+)+$).{30,}$",
        "^(?=(.*)*x)(?=(.*)*y)(?!.*)a{20}$",
        r"^(a)(\1)(\2\2)(\3\3)(\4\4)(\5\5)(?!.*)$",
    ] {
        let value = json!({ "type": "string", "format": "email", "pattern": pattern });
        assert_eq!(schema(&value).example(), None, "{pattern}");
    }
}

#[test]
fn integers_are_written_as_integers_and_keep_their_bounds_exactly() {
    const BEYOND_FLOATS: i64 = 9_007_199_254_740_993;
    for (value, least, most) in [
        (json!({ "format": "int64" }), i64::MIN.into(), i64::MAX.into()),
        (json!({ "format": "int32" }), i32::MIN.into(), i32::MAX.into()),
        (json!({ "format": "int32", "minimum": i32::MAX }), i32::MAX.into(), i32::MAX.into()),
        (json!({ "minimum": BEYOND_FLOATS }), BEYOND_FLOATS.into(), i128::from(u64::MAX)),
        (json!({ "minimum": BEYOND_FLOATS, "maximum": BEYOND_FLOATS }), BEYOND_FLOATS.into(), BEYOND_FLOATS.into()),
        (
            json!({ "exclusiveMinimum": BEYOND_FLOATS, "maximum": BEYOND_FLOATS + 1 }),
            9_007_199_254_740_994,
            9_007_199_254_740_994,
        ),
        (json!({ "minimum": u64::MAX }), u64::MAX.into(), u64::MAX.into()),
        (json!({ "maximum": i64::MIN }), i64::MIN.into(), i64::MIN.into()),
        (json!({ "exclusiveMaximum": 7.5, "minimum": 6.5 }), 7, 7),
        (json!({ "maximum": -5, "multipleOf": 5 }), i64::MIN.into(), -5),
        (json!({ "exclusiveMinimum": -1e300, "maximum": 1e300 }), i64::MIN.into(), u64::MAX.into()),
        (json!({ "minimum": 1e3, "multipleOf": 0.5 }), 1_000, u64::MAX.into()),
    ] {
        let mut value = value;
        value["type"] = json!("integer");
        let schema = schema(&value);
        for seed in 0..30 {
            let made = if seed == 0 { schema.example() } else { schema.generate(seed) };
            let made = made.unwrap_or_else(|| panic!("nothing of seed {seed} for {value}"));
            let exact = made.as_i64().map(i128::from).or_else(|| made.as_u64().map(i128::from));
            assert!(exact.is_some_and(|exact| (least..=most).contains(&exact)), "{value} is no {made}");
            assert!(schema.accepts(&made), "{value} refuses {made}");
        }
    }
}

#[test]
fn a_pattern_that_cannot_be_read_does_not_switch_off_the_others() {
    for unread in [r"^(?<n>a)\k<n>$", "^.{0,100000}$", "(a", "[z-a]"] {
        let both = schema(&json!({
            "type": "object",
            "required": ["read", "unread"],
            "properties": {
                "read": { "type": "string", "pattern": "^[a-z]{3}$" },
                "unread": { "type": "string", "pattern": unread },
            },
            "patternProperties": { "^x-": { "type": "integer" } },
        }));
        assert!(both.accepts(&json!({ "read": "abc", "unread": "?" })), "{unread}");
        assert!(!both.accepts(&json!({ "read": "ABC", "unread": "?" })), "{unread}");
        assert!(!both.accepts(&json!({ "read": "abc", "unread": "?", "x-a": "text" })), "{unread}");
        assert!(both.generate(1).is_some(), "{unread}");
    }
    let named = schema(&json!({ "patternProperties": { "(a": true }, "additionalProperties": false }));
    assert!(named.accepts(&json!({ "anything": 1 })), "what the lost pattern names is not known");
}

#[test]
fn patterns_mean_what_they_mean_in_javascript() {
    for (pattern, yes, no) in [
        (r"^[\w-.]+$", "a-b.c", "a b"),
        (r"^[.-\w]+$", "a-b.c", "a,b"),
        (r"^[\w.-]+$", "a-b.c", "a b"),
        (r"^[a-c]$", "b", "-"),
        ("^{a}$", "{a}", "a"),
        ("^a{2}$", "aa", "a"),
        ("^a{,2}$", "a{,2}", "aa"),
        ("^[^]$", "\n", ""),
        ("^(a[]|b)$", "b", "a"),
        (r"^\0$", "\0", "0"),
        (r"^[\b]$", "\u{8}", "b"),
        (r"\u0041\x42", "AB", "ab"),
        (r"^\d{2}[{}]$", "12{", "1{"),
        (r"^(?!x)[\w-.]+$", "a-.", "x"),
    ] {
        let schema = schema(&json!({ "type": "string", "pattern": pattern }));
        assert!(schema.accepts(&json!(yes)) && !schema.accepts(&json!(no)), "{pattern}");
        assert!(document::pattern::matches(pattern, yes) && !document::pattern::matches(pattern, no), "{pattern}");
    }
    let made = schema(&json!({ "type": "string", "pattern": r"^[\w-.]{5}\0[\b]{a}$" }));
    assert!(made.generate(3).is_some_and(|made| made.as_str().is_some_and(|text| text.ends_with("\0\u{8}{a}"))));
}

#[test]
fn the_same_seed_makes_the_same_value_and_others_make_others() {
    let api = nasty();
    let media = &operation(&api, "readTree").success().expect("an answer").content[0];
    let schema = media.schema.as_ref().expect("a schema");
    assert_eq!(schema.generate(7), schema.generate(7));
    let many: BTreeSet<String> =
        (1..20).filter_map(|seed| schema.generate(seed)).map(|value| value.to_string()).collect();
    assert!(many.len() > 15, "{many:#?}");
}

#[test]
fn an_example_of_the_document_is_preferred_unless_the_schema_refuses_it() {
    let plain = schema(&json!({ "type": "object", "properties": { "a": { "type": "integer", "example": 42 } } }));
    assert_eq!(plain.example(), Some(json!({ "a": 42 })));
    let wrong = schema(&json!({ "type": "object", "properties": { "a": { "type": "integer", "example": "42" } } }));
    assert_eq!(wrong.example(), Some(json!({ "a": 1 })));
    let refused = schema(&json!({ "type": "integer", "maximum": 3, "example": 42 }));
    assert_eq!(refused.example(), Some(json!(1)));
}

#[test]
fn an_answer_leaves_out_what_does_not_go_its_way() {
    let api = nasty();
    let tree = operation(&api, "readTree").success().expect("an answer").content[0].example().expect("a tree");
    assert!(tree.get("id").is_some() && tree.get("secret").is_none(), "{tree}");
    let body = operation(&api, "replaceTree").body.as_ref().expect("a body");
    let sent = body.content[0].example().expect("a tree");
    assert!(sent.get("id").is_none() && sent.get("secret").is_some(), "{sent}");
}

#[test]
fn a_schema_that_nothing_satisfies_makes_nothing() {
    assert_eq!(schema(&json!({ "type": "string", "enum": [1] })).example(), None);
    assert_eq!(schema(&json!(false)).example(), None);
    let endless =
        json!({ "type": "object", "required": ["it"], "properties": { "it": { "$ref": "#/components/schemas/It" } } });
    assert_eq!(schema(&endless).example(), None);
}

#[test]
fn values_are_written_as_xml() {
    let api = nasty();
    let media = &operation(&api, "readTree").success().expect("an answer").content[1];
    let text = media.write(&json!({ "id": 1, "name": "a<b", "children": [{ "id": 2 }, { "id": 3 }] }));
    let text = std::str::from_utf8(&text).expect("text");
    assert!(
        text.ends_with(
            "<Tree><children><id>2</id></children><children><id>3</id></children><id>1</id><name>a&lt;b</name></Tree>"
        ) || text.ends_with(
            "<Tree><id>1</id><name>a&lt;b</name><children><id>2</id></children><children><id>3</id></children></Tree>"
        ),
        "{text}"
    );
}

#[test]
fn a_schema_that_reaches_hundreds_of_others_judges_alike() {
    let mut schemas = serde_json::Map::new();
    for number in 0..400 {
        let next = format!("#/components/schemas/S{}", (number * 7 + 1) % 400);
        let other = format!("#/components/schemas/S{}", (number * 3 + 2) % 400);
        schemas.insert(
            format!("S{number}"),
            json!({
                "type": "object", "required": ["id"], "additionalProperties": false,
                "properties": {
                    "id": { "type": "integer", "readOnly": true },
                    "name": { "type": "string", "maxLength": 3 },
                    "one": { "$ref": next },
                    "many": { "type": "array", "items": { "anyOf": [{ "$ref": other }, { "type": "string" }] } },
                },
            }),
        );
    }
    let text = json!({ "openapi": "3.1.0", "components": { "schemas": schemas } }).to_string();
    let document = Arc::new(Document::parse(text.as_bytes(), "large").expect("a document"));
    let schema = |view| Schema::new(&document, "/components/schemas/S0", view);
    let pointers = |view, value: &Value| -> Vec<String> {
        schema(view).check(value).into_iter().map(|issue| format!("{} {}", issue.pointer, issue.rule)).collect()
    };
    let good = json!({ "id": 1, "one": { "id": 2, "many": ["x", { "id": 3, "one": { "id": 4 } }] } });
    assert_eq!(pointers(View::Answer, &good), Vec::<String>::new());
    let bad = json!({ "id": 1, "x": 1, "one": { "id": "2", "many": ["x", 5], "one": { "name": "long" } } });
    assert_eq!(
        pointers(View::Answer, &bad),
        [
            " additionalProperties",
            "/one/id type",
            "/one/many/1 anyOf",
            "/one/one/id required",
            "/one/one/name maxLength"
        ]
    );
    assert_eq!(
        pointers(View::Request, &bad),
        [" additionalProperties", "/one/many/1 anyOf", "/one/one/name maxLength"]
    );
    for seed in 1..6 {
        let made = schema(View::Answer).generate(seed).expect("a value");
        assert_eq!(pointers(View::Answer, &made), Vec::<String>::new(), "{made}");
    }
}

#[test]
fn patterns_that_are_traps_end_with_a_value_or_without_one() {
    let referred = |group: usize| format!("((?={}))", format!("\\{group}").repeat(235));
    let bomb = format!("(a){}", (1..=4).map(referred).collect::<String>());
    let apart = json!({ "minLength": 100_000, "allOf": [{ "pattern": "^[a-c]+$" }, { "pattern": "^[x-z]+$" }] });
    let many: serde_json::Map<String, Value> = (0..300).map(|n| (format!("p{n}"), apart.clone())).collect();
    for schema_of in [
        json!({ "type": "string", "pattern": bomb }),
        json!({ "type": "string", "pattern": r"^(?=(a|aa|aaa)+$)(a|aa|aaa)+\1c(?!d)$", "minLength": 40 }),
        json!({ "type": "string", "pattern": r"^(?!x)(?=.*[A-Z])(?=.*\d)(?=.*[^\w])(a*)*\1b$", "minLength": 50_000 }),
        json!({ "type": "string", "format": "email", "pattern": r"^(?!a)(?=.*b)[x-z]+\.com$", "minLength": 90_000 }),
        json!({ "type": "object", "properties": many, "required": ["p0", "p299"] }),
    ] {
        let schema = schema(&schema_of);
        assert!(schema.example().is_none_or(|value| schema.accepts(&value)), "{schema_of}");
    }
}
