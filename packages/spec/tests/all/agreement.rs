//! The verdicts against brute force: random schemas, changed at random, and many values held against both.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use spec::compatibility::{Options, Verdict};

use crate::planted::{around, compare_values};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_break_without_a_witness_and_no_counter_example_to_what_is_compatible(
        (old, new) in schemas(), values in prop::collection::vec(any::<u64>(), 40)
    ) {
        let documents = [&old, &new].map(|schema| around(schema, &Value::Null, "3.1.0", true));
        let report = compare_values(&documents[0], &documents[1], &Options::default());
        let (sends, receives) = (validator(&old), validator(&new));
        for change in report.breaking() {
            let witness = change.witness.as_ref().expect("a witness");
            prop_assert!(sends.is_valid(&witness.value), "{old} does not accept {}", witness.value);
            prop_assert!(!receives.is_valid(&witness.value), "{new} accepts {}", witness.value);
        }
        let undecided = report.changes.iter().any(|change| change.verdict != Verdict::Compatible);
        for value in values.into_iter().map(|seed| instance(&old, &new, &mut Seed(seed), 0)) {
            let counter_example = sends.is_valid(&value) && !receives.is_valid(&value);
            prop_assert!(!counter_example || undecided, "{value} is a counter-example: {old} -> {new}");
        }
    }

    #[test]
    fn a_schema_in_other_words_is_silent(schema in schema(3)) {
        let documents = [&schema, &reworded(&schema)].map(|schema| around(schema, &Value::Null, "3.1.0", true));
        for (old, new) in [(0, 1), (1, 0)] {
            let report = compare_values(&documents[old], &documents[new], &Options::default());
            prop_assert!(report.changes.is_empty(), "{:?}", report.changes);
        }
    }
}

#[test]
fn most_random_changes_are_decided() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut changed, mut unproven) = (0, 0);
    for _ in 0..300 {
        let (old, new) = schemas().new_tree(&mut runner).unwrap().current();
        let documents = [&old, &new].map(|schema| around(schema, &Value::Null, "3.1.0", true));
        let report = compare_values(&documents[0], &documents[1], &Options::default());
        changed += usize::from(!report.changes.is_empty());
        unproven += usize::from(report.is_compatible() && report.with(Verdict::Unproven).next().is_some());
    }
    assert!(changed > 100, "{changed}");
    assert!(unproven * 10 <= changed, "{unproven} of {changed} are neither proven nor shown");
}

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema")
}

/// A schema, and one that grew from it by a few changes.
fn schemas() -> impl Strategy<Value = (Value, Value)> {
    (schema(3), prop::collection::vec((any::<u64>(), schema(1)), 1..3)).prop_map(|(old, changes)| {
        let mut new = old.clone();
        for (seed, part) in changes {
            change(&mut new, &mut Seed(seed), &part);
        }
        (old, new)
    })
}

fn schema(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        2 => (0..4_u64, 0..6_u64).prop_map(|(min, more)| json!({ "type": "string", "minLength": min, "maxLength": min + more })),
        1 => prop::sample::select(vec!["^[a-z]+$", "^A", "[0-9]$", "^x?y*$"]).prop_map(|pattern| json!({ "type": "string", "pattern": pattern })),
        1 => prop::sample::select(vec!["uuid", "date", "ipv4"]).prop_map(|format| json!({ "type": "string", "format": format })),
        1 => Just(json!({ "type": "string" })),
        2 => (-5..5_i64, 0..9_i64).prop_map(|(low, more)| json!({ "type": "integer", "minimum": low, "maximum": low + more })),
        1 => (1..5_i64).prop_map(|step| json!({ "type": "integer", "multipleOf": step })),
        1 => Just(json!({ "type": "number", "exclusiveMinimum": 0 })),
        1 => prop::sample::subsequence(vec![json!("a"), json!("b"), json!(1), json!(null), json!(true)], 1..4).prop_map(|values| json!({ "enum": values })),
        1 => Just(json!({ "type": ["string", "null"] })),
        1 => Just(json!({ "type": "boolean" })),
        1 => Just(json!({})),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        let properties = prop::collection::btree_map(prop::sample::select(vec!["a", "b", "c"]), inner.clone(), 1..4);
        let extra = prop_oneof![3 => Just(None), 1 => Just(Some(json!(false))), 1 => inner.clone().prop_map(Some)];
        let object = (properties, any::<u8>(), extra).prop_map(|(properties, required, extra)| {
            let named: Vec<&str> =
                properties.keys().enumerate().filter(|(n, _)| required >> n & 1 == 1).map(|(_, name)| *name).collect();
            let mut schema = json!({ "type": "object", "properties": properties, "required": named });
            if let Some(extra) = extra {
                schema["additionalProperties"] = extra;
            }
            schema
        });
        let array = (inner.clone(), 0..3_u64, prop::option::of(0..3_u64), any::<bool>()).prop_map(
            |(items, min, more, unique)| {
                let mut schema = json!({ "type": "array", "items": items, "minItems": min });
                if let Some(more) = more {
                    schema["maxItems"] = json!(min + more);
                }
                if unique {
                    schema["uniqueItems"] = json!(true);
                }
                schema
            },
        );
        let several = prop::collection::vec(inner, 1..4);
        prop_oneof![
            4 => object,
            2 => array,
            1 => several.clone().prop_map(|all| json!({ "anyOf": all })),
            1 => several.clone().prop_map(|all| json!({ "oneOf": all })),
            1 => several.clone().prop_map(|all| json!({ "allOf": all.iter().take(2).collect::<Vec<_>>() })),
            1 => several.prop_map(|all| json!({ "not": all[0] })),
        ]
    })
}

/// Random numbers from one.
struct Seed(u64);

impl Seed {
    fn below(&mut self, most: usize) -> usize {
        // xorshift, after a step that keeps it from 0
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 >> 33) ^ self.0;
        usize::try_from(mixed % (most.max(1) as u64)).expect("small")
    }
}

/// Changes something somewhere in a schema.
fn change(schema: &mut Value, seed: &mut Seed, part: &Value) {
    let Value::Object(map) = schema else { return };
    let keys: Vec<String> = map.keys().cloned().collect();
    if seed.below(4) == 0 || keys.is_empty() {
        *schema = part.clone();
        return;
    }
    let key = &keys[seed.below(keys.len())];
    let value = map.get_mut(key).expect("a key");
    match (key.as_str(), &mut *value) {
        ("properties", Value::Object(properties)) => {
            let names: Vec<String> = properties.keys().cloned().collect();
            match seed.below(4) {
                _ if names.is_empty() => drop(properties.insert("d".to_owned(), part.clone())),
                0 => drop(properties.insert("d".to_owned(), part.clone())),
                1 => drop(properties.remove(&names[seed.below(names.len())])),
                _ => change(properties.get_mut(&names[seed.below(names.len())]).expect("a name"), seed, part),
            }
        }
        ("required", Value::Array(names)) => match seed.below(2) {
            0 => drop(names.pop()),
            _ => names.push(json!(["a", "b", "c"][seed.below(3)])),
        },
        ("anyOf" | "oneOf" | "allOf", Value::Array(all)) => match seed.below(4) {
            0 => all.push(part.clone()),
            1 if all.len() > 1 => drop(all.pop()),
            2 => all.reverse(),
            _ => {
                let at = seed.below(all.len());
                change(&mut all[at], seed, part);
            }
        },
        ("enum", Value::Array(values)) => match seed.below(2) {
            0 if values.len() > 1 => drop(values.pop()),
            _ => values.push(json!("z")),
        },
        ("items" | "not" | "additionalProperties", value) => change(value, seed, part),
        (_, Value::Number(number)) => {
            let more = i64::try_from(seed.below(3)).expect("small") - 1;
            *value = json!((number.as_i64().unwrap_or(0) + more).max(i64::from(key == "multipleOf")).max(
                if key.starts_with('m') && (key.ends_with("Length") || key.ends_with("Items")) { 0 } else { i64::MIN }
            ));
        }
        _ => drop(map.remove(key)),
    }
    if let Some(Value::Array(names)) = schema.get_mut("required") {
        names.sort_by_key(Value::to_string);
        names.dedup();
    }
}

/// A value that may satisfy either schema, by its names and bounds; objects keep to names that the first declares, and one
/// that neither does.
fn instance(old: &Value, new: &Value, seed: &mut Seed, depth: usize) -> Value {
    let schema = if seed.below(3) == 0 { new } else { old };
    if let Some(Value::Array(all)) = ["anyOf", "oneOf", "allOf"].into_iter().find_map(|key| schema.get(key))
        && !all.is_empty()
    {
        let part = &all[seed.below(all.len())];
        return instance(part, part, seed, depth);
    }
    if let Some(Value::Array(values)) = schema.get("enum")
        && seed.below(4) > 0
    {
        return values[seed.below(values.len())].clone();
    }
    let number = |key: &str| [old, new][0].get(key).or(new.get(key)).and_then(Value::as_i64);
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let kinds = ["string", "integer", "number", "boolean", "null", "object", "array"];
    let kind = if kind.is_empty() || seed.below(8) == 0 { kinds[seed.below(7)].to_owned() } else { kind };
    match kind.as_str() {
        "string" => {
            let texts = [
                "",
                "a",
                "A",
                "0",
                "b",
                "ab",
                "A0",
                "xyy",
                "abcd",
                "z",
                "aaaaaaaa",
                "192.0.2.1",
                "2024-01-31",
                "é",
                "00000000-0000-4000-8000-000000000000",
            ];
            let length = number("maxLength").or(number("minLength")).unwrap_or(1)
                + i64::try_from(seed.below(3)).expect("small")
                - 1;
            if seed.below(3) == 0 {
                json!("a".repeat(usize::try_from(length.max(0)).expect("small")))
            } else {
                json!(texts[seed.below(texts.len())])
            }
        }
        "integer" | "number" => {
            let base = [number("minimum"), number("maximum"), number("multipleOf")][seed.below(3)].unwrap_or(0);
            let value = base + i64::try_from(seed.below(5)).expect("small") - 2;
            if kind == "number" && seed.below(2) == 0 { json!(value as f64 + 0.5) } else { json!(value) }
        }
        "boolean" => json!(seed.below(2) == 0),
        "null" => Value::Null,
        "array" => {
            let count =
                usize::try_from(number("minItems").or(number("maxItems")).unwrap_or(1)).expect("small") + seed.below(3);
            let (one, other) = (part(old, "items"), part(new, "items"));
            let count = if depth > 3 { 0 } else { count.saturating_sub(seed.below(2)) };
            (0..count).map(|_| instance(one, other, seed, depth + 1)).collect()
        }
        _ => {
            let mut map = Map::new();
            let declared: Vec<String> = names(old);
            for name in declared.into_iter().chain(["w".to_owned()]).filter(|_| depth <= 3) {
                let likely =
                    old.get("required").and_then(Value::as_array).is_some_and(|all| all.contains(&json!(name)));
                if seed.below(4) < if likely { 4 } else { 2 } {
                    let inner = |schema: &Value| {
                        let own = schema.get("properties").and_then(|all| all.get(&name)).cloned();
                        own.or_else(|| schema.get("additionalProperties").cloned()).unwrap_or(json!({}))
                    };
                    if name == "w" && seed.below(3) > 0 {
                        continue;
                    }
                    map.insert(name.clone(), instance(&inner(old), &inner(new), seed, depth + 1));
                }
            }
            Value::Object(map)
        }
    }
}

fn part<'s>(schema: &'s Value, key: &str) -> &'s Value {
    schema.get(key).unwrap_or(&Value::Null)
}

/// The names that a schema declares for the value itself, in any branch.
fn names(schema: &Value) -> Vec<String> {
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys().cloned());
    let branches = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    let mut all: Vec<String> = own.chain(branches.flat_map(names)).collect();
    all.sort();
    all.dedup();
    all
}

/// The same schema, written differently.
fn reworded(schema: &Value) -> Value {
    let Value::Object(map) = schema else { return schema.clone() };
    let mut parts = Vec::new();
    let mut rest = Map::new();
    for (key, value) in map {
        match (key.as_str(), value) {
            ("properties", Value::Object(all)) => {
                let all: Map<String, Value> = all.iter().map(|(name, value)| (name.clone(), reworded(value))).collect();
                rest.insert(key.clone(), Value::Object(all));
            }
            ("anyOf", Value::Array(all)) => {
                let all: Vec<Value> = all.iter().rev().map(reworded).collect();
                rest.insert(key.clone(), Value::Array(all));
            }
            ("enum", Value::Array(values)) => {
                let values: Vec<Value> = values.iter().rev().cloned().collect();
                rest.insert(key.clone(), Value::Array(values));
            }
            ("type", Value::String(name)) if name == "string" => {
                rest.insert(key.clone(), json!([name]));
            }
            // What does not look at its neighbours may stand alone.
            ("minLength" | "maximum" | "required" | "maxItems" | "pattern", value) => parts.push(json!({ key: value })),
            _ => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    rest.insert("description".to_owned(), json!("in other words"));
    if parts.is_empty() {
        return Value::Object(rest);
    }
    parts.push(Value::Object(rest));
    json!({ "allOf": parts })
}
