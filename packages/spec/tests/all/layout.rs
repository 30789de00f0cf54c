//! The text of a published file.

use serde_json::{Value, json};
use spec::json::{digest, text};

/// What is easily torn: quotes and brackets within strings, nothing within brackets, one within the other.
fn awkward() -> Value {
    json!({
        "a \"quoted\" name": "a \\ \" { [ , : ] } \u{1} ü 🚚",
        "ends in a backslash\\": ["\\", "\\\\", "\""],
        "nothing": [{}, [], "", null, [[]], [{ "a": {} }]],
        "numbers": [0, -1, 1.5, 1e300, true],
    })
}

#[test]
fn a_text_is_laid_out_as_serde_json_lays_it_out() {
    for value in [awkward(), json!([]), json!({}), json!("{"), json!(1), json!([awkward(), awkward()])] {
        assert_eq!(text(&value), format!("{}\n", serde_json::to_string_pretty(&value).unwrap()));
    }
}

#[test]
fn a_text_and_a_digest_do_not_depend_on_the_order_of_keys() {
    let (one, other): (Value, Value) =
        (serde_json::from_str(r#"{"b":{"d":1,"c":2},"a":3}"#).unwrap(), json!({ "a": 3, "b": { "c": 2, "d": 1 } }));

    assert_eq!(text(&one), text(&other));
    assert_eq!(digest(&one), digest(&other));
    assert_ne!(digest(&one), digest(&json!({ "a": 3, "b": { "c": 2, "d": 2 } })));
}
