//! What a matcher accepts.

use dataset::{Dataset, Node, Scope, Setting, differences, example};
use serde_json::{Map, Value, json};

/// What differs between an expectation, as YAML, and a value.
fn differing(expected: &str, found: &Value) -> Vec<String> {
    asked(expected, |node, scope| {
        let differing = differences(node, false, found, scope).expect("references that resolve");
        differing.iter().map(ToString::to_string).collect()
    })
}

fn asked<T>(expected: &str, ask: impl FnOnce(&Node, &Scope<'_>) -> T) -> T {
    let node = Node::read("here", expected, &mut Vec::new()).expect("YAML");
    let (dataset, saved) = (Dataset::default(), Map::new());
    let setting = Setting { run: "r1".to_owned(), enver: "dev".to_owned(), platform: None };
    ask(&node, &Scope { entities: &dataset.entities, saved: &saved, setting: &setting, began: 0, now: 0 })
}

#[test]
fn a_mapping_may_have_more_and_must_have_what_is_named() {
    assert_eq!(differing("{ a: 1 }", &json!({ "a": 1, "b": 2 })), [""; 0]);
    assert_eq!(
        differing("{ a: 1, c: { d: x } }", &json!({ "a": 2, "c": {} })),
        ["/a: expected 1, found 2", "/c/d: expected \"x\", found nothing"]
    );
}

#[test]
fn numbers_are_compared_by_value() {
    assert_eq!(differing("{ a: 1 }", &json!({ "a": 1.0 })), [""; 0]);
}

#[test]
fn each_matcher_accepts_what_it_says_and_nothing_else() {
    for (matcher, accepted, refused) in [
        ("{ $type: integer }", json!(3), json!(3.5)),
        ("{ $type: string }", json!("x"), json!(1)),
        ("{ $pattern: '^BK-[0-9A-F]{16}$' }", json!("BK-00000000000000C1"), json!("BK-1")),
        ("{ $contains: [{ a: 1 }] }", json!([{ "a": 2 }, { "a": 1, "b": 1 }]), json!([{ "a": 2 }])),
        ("{ $each: { $type: number } }", json!([1, 2]), json!([1, "x"])),
        ("{ $length: 2 }", json!(["a", "b"]), json!("abc")),
        ("{ $atLeast: 2, $atMost: 4 }", json!(3), json!(5)),
        (
            "{ $near: '2026-01-05T06:00:00Z', $within: 5 }",
            json!("2026-01-05T06:00:04.5Z"),
            json!("2026-01-05T06:00:06Z"),
        ),
        ("{ $oneOf: [a, b] }", json!("b"), json!("c")),
        ("{ $not: a }", json!("b"), json!("a")),
        ("{ $like: { a: 1, b: [x] } }", json!({ "a": 7, "b": [], "c": 1 }), json!({ "a": "7", "b": ["y"] })),
        ("{ a: { $absent: true } }", json!({}), json!({ "a": null })),
        ("{ a: { $any: true } }", json!({ "a": null }), json!({})),
    ] {
        assert_eq!(differing(matcher, &accepted), [""; 0], "{matcher}");
        assert!(!differing(matcher, &refused).is_empty(), "{matcher} accepts {refused}");
    }
}

#[test]
fn beside_like_what_is_named_must_be_so() {
    let expected = "{ $like: { id: x, status: created }, status: done }";
    assert_eq!(differing(expected, &json!({ "id": "7", "status": "done" })), [""; 0]);
    assert_eq!(differing(expected, &json!({ "id": "7", "status": "created" })).len(), 1);
}

#[test]
fn a_matcher_that_is_none_is_told() {
    let told = asked("{ $lik: x }", |node, scope| differences(node, false, &json!("x"), scope).unwrap_err());
    assert!(told.what.contains("there is no matcher $lik"), "{}", told.what);
}

#[test]
fn an_example_is_accepted_by_what_it_is_an_example_of() {
    for expected in [
        "{ a: { $like: { b: 1 }, c: 2 }, d: { $pattern: '^x', $example: xy } }",
        "{ a: { $contains: [{ b: 1 }], $length: 1 }, t: { $near: '2026-01-05T06:00:00Z', $within: 5 } }",
        "{ a: { $oneOf: [1, 2] }, b: { $absent: true }, c: { $type: integer, $atLeast: 3 } }",
    ] {
        let shown = asked(expected, |node, scope| example(node, scope).unwrap_or_else(|why| panic!("{}", why.what)));
        assert_eq!(differing(expected, &shown), [""; 0], "{expected} {shown}");
    }
}
