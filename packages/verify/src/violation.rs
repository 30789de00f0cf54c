//! Values that break one rule of a schema: candidates, made from the keywords that hold at each place of a value that
//! keeps all of them. Nothing here decides anything: whoever asks holds them against the contract.

use std::collections::BTreeSet;
use std::sync::Arc;

use document::{Document, Schema, View};
use serde_json::{Map, Number, Value, json};

/// A value that most likely breaks one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The keyword of JSON Schema that is meant to be broken.
    pub rule: &'static str,
    /// Where, as a JSON pointer into the value.
    pub pointer: String,
    /// The whole value.
    pub value: Value,
}

/// How many candidates are made of one value, and how deep places are looked at.
const MOST: usize = 400;
const DEEPEST: usize = 12;
/// The longest text that is made to be too long.
const LONGEST: usize = 70_000;

/// Candidates for a value that `schema` accepts; `schema` stands alone, its references lead into itself.
pub fn candidates(schema: &Value, value: &Value) -> Vec<Candidate> {
    let mut made = Made { root: schema, whole: value, all: Vec::new(), seen: BTreeSet::new() };
    made.place(&[schema], value, "", "", 0);
    made.all
}

struct Made<'a> {
    root: &'a Value,
    whole: &'a Value,
    all: Vec<Candidate>,
    /// What was made already: entries of a list are alike, so one of them is enough.
    seen: BTreeSet<(String, String)>,
}

impl<'a> Made<'a> {
    /// Breaks each rule of these schemas here, and below.
    fn place(&mut self, schemas: &[&'a Value], value: &Value, pointer: &str, kind: &str, depth: usize) {
        if depth > DEEPEST || self.all.len() >= MOST {
            return;
        }
        let mut rules = Vec::new();
        for schema in schemas {
            self.flatten(schema, &mut rules, 0);
        }
        for rules in &rules {
            self.broken(rules, value, pointer, kind);
        }
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    let below: Vec<&Value> = rules.iter().filter_map(|rules| below(rules, name)).collect();
                    let step = document::escaped(name);
                    self.place(&below, field, &format!("{pointer}/{step}"), &format!("{kind}/{step}"), depth + 1);
                }
            }
            Value::Array(items) => {
                let below: Vec<&Value> = rules.iter().filter_map(|rules| rules.get("items")).collect();
                for (index, item) in items.iter().enumerate() {
                    self.place(&below, item, &format!("{pointer}/{index}"), &format!("{kind}/*"), depth + 1);
                }
            }
            _ => {}
        }
    }

    /// A schema and what it is made of, each as the map of its keywords.
    fn flatten(&self, schema: &'a Value, to: &mut Vec<&'a Map<String, Value>>, depth: usize) {
        const CHAIN: usize = 32;
        let Value::Object(rules) = schema else { return };
        if depth > CHAIN || to.iter().any(|known| std::ptr::eq(*known, rules)) {
            return;
        }
        to.push(rules);
        let reference = rules.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        if let Some(target) = reference.and_then(|pointer| self.root.pointer(pointer)) {
            self.flatten(target, to, depth + 1);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for part in rules.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.flatten(part, to, depth + 1);
            }
        }
        for keyword in ["then", "else"] {
            rules.get(keyword).into_iter().for_each(|part| self.flatten(part, to, depth + 1));
        }
    }

    fn broken(&mut self, rules: &Map<String, Value>, value: &Value, pointer: &str, kind: &str) {
        for (keyword, rule) in rules {
            match keyword.as_str() {
                "required" => {
                    for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                        let Value::Object(fields) = value else { continue };
                        let mut fields = fields.clone();
                        if fields.remove(name).is_some() {
                            self.add("required", pointer, &format!("{kind}/{name}"), fields.into());
                        }
                    }
                }
                "additionalProperties" | "unevaluatedProperties" if rule == &Value::Bool(false) => {
                    if let Value::Object(fields) = value {
                        let mut fields = fields.clone();
                        fields.insert("surprise".to_owned(), json!(1));
                        self.add("additionalProperties", pointer, kind, fields.into());
                    }
                }
                "maxItems" if rules.get("uniqueItems") == Some(&Value::Bool(true)) => {
                    if let Some(broken) = value.as_array().and_then(|_| self.distinct(rules, rule.as_u64()?)) {
                        self.add("maxItems", pointer, kind, broken);
                    }
                }
                _ => {
                    for (rule, broken) in of_keyword(keyword, rule, value) {
                        self.add(rule, pointer, kind, broken);
                    }
                }
            }
        }
    }

    /// A list with one entry too many, each of them another one.
    fn distinct(&self, rules: &Map<String, Value>, most: u64) -> Option<Value> {
        const LARGEST: u64 = 200;
        let mut longer = rules.clone();
        longer.remove("maxItems");
        longer.insert("minItems".to_owned(), Value::from(most.checked_add(1).filter(|least| *least <= LARGEST)?));
        // What the schema refers to is at the same place below the top of this document.
        let text = json!({
            "openapi": "3.1.0", "$defs": self.root.get("$defs"), "components": { "schemas": { "longer": longer } },
        });
        let document = Document::parse(text.to_string().as_bytes(), "schema").ok()?;
        let schema = Schema::new(&Arc::new(document), "/components/schemas/longer", View::Whole);
        schema.generate(1)?.as_array()?.get(..=usize::try_from(most).ok()?).map(Value::from)
    }

    fn add(&mut self, rule: &'static str, pointer: &str, kind: &str, broken: Value) {
        let shown = match rule {
            "type" => format!("{rule} {}", name_of(&broken)),
            "minimum" => format!("{rule} {broken}"),
            _ => rule.to_owned(),
        };
        if self.all.len() >= MOST || !self.seen.insert((kind.to_owned(), shown)) {
            return;
        }
        let mut value = self.whole.clone();
        if let Some(place) = value.pointer_mut(pointer) {
            *place = broken;
            self.all.push(Candidate { rule, pointer: pointer.to_owned(), value });
        }
    }
}

/// The schema of a property.
fn below<'a>(rules: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    rules.get("properties").and_then(|properties| properties.get(name)).or_else(|| rules.get("additionalProperties"))
}

/// What breaks one keyword at a place where `value` stands.
fn of_keyword(keyword: &str, rule: &Value, value: &Value) -> Vec<(&'static str, Value)> {
    let count = |rule: &Value| rule.as_u64().and_then(|count| usize::try_from(count).ok());
    match (keyword, value) {
        ("type", _) => wrong_types(rule).map(|broken| ("type", broken)).collect(),
        ("enum", _) => match value {
            Value::String(_) => vec![("enum", json!("no-such-value"))],
            Value::Number(_) => vec![("enum", json!(987_654_321))],
            _ => Vec::new(),
        },
        ("const", Value::String(text)) => vec![("const", json!(format!("{text}-other")))],
        ("minimum" | "exclusiveMinimum", Value::Number(_)) => {
            // Who looks for zero may still take what is below it.
            let exclusive = keyword == "exclusiveMinimum";
            let negative = rule.as_f64().filter(|least| *least > 0.0 || exclusive && *least == 0.0).map(|_| json!(-1));
            let beyond = beyond(rule, -1.0, exclusive);
            beyond.into_iter().chain(negative).map(|broken| ("minimum", broken)).collect()
        }
        ("maximum" | "exclusiveMaximum", Value::Number(_)) => {
            beyond(rule, 1.0, keyword == "exclusiveMaximum").map(|broken| ("maximum", broken)).into_iter().collect()
        }
        ("multipleOf", Value::Number(number)) => number
            .as_f64()
            .zip(rule.as_f64())
            .and_then(|(number, step)| Number::from_f64(number + step / 2.0))
            .map(|broken| ("multipleOf", broken.into()))
            .into_iter()
            .collect(),
        ("minLength", Value::String(text)) => count(rule)
            .and_then(|least| least.checked_sub(1))
            .map(|length| ("minLength", json!(text.chars().take(length).collect::<String>())))
            .into_iter()
            .collect(),
        ("maxLength", Value::String(text)) => count(rule)
            .filter(|most| *most < LONGEST)
            .map(|most| {
                let last = text.chars().last().unwrap_or('a');
                let missing = (most + 1).saturating_sub(text.chars().count());
                ("maxLength", json!(text.chars().chain(std::iter::repeat_n(last, missing)).collect::<String>()))
            })
            .into_iter()
            .collect(),
        ("pattern", Value::String(text)) => {
            // The second has another length, the first most likely keeps it.
            let first = text.chars().skip(1).fold("\u{7f}".to_owned(), |all, c| all + c.encode_utf8(&mut [0; 4]));
            vec![("pattern", json!(first)), ("pattern", json!(format!("{text}\u{7f}")))]
        }
        ("format", Value::String(text)) => vec![("format", json!(format!("{text}~")))],
        ("minItems", Value::Array(items)) => count(rule)
            .and_then(|least| least.checked_sub(1))
            .map(|length| ("minItems", items.iter().take(length).cloned().collect()))
            .into_iter()
            .collect(),
        ("maxItems", Value::Array(items)) => match (items.first(), count(rule)) {
            (Some(first), Some(most)) if most < LONGEST / 10 => {
                vec![("maxItems", items.iter().chain(std::iter::repeat(first)).take(most + 1).cloned().collect())]
            }
            _ => Vec::new(),
        },
        ("uniqueItems", Value::Array(items)) if rule == &Value::Bool(true) => {
            items.first().map(|first| ("uniqueItems", json!([first, first]))).into_iter().collect()
        }
        ("minProperties", Value::Object(fields)) => count(rule)
            .and_then(|least| least.checked_sub(1))
            .map(|length| {
                let fewer: Map<String, Value> = fields.clone().into_iter().take(length).collect();
                ("minProperties", fewer.into())
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Values of other types; `null` is one, and so is a number that is no integer.
fn wrong_types(rule: &Value) -> impl Iterator<Item = Value> {
    let named: Vec<String> = match rule {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let strangers = [Value::Null, json!("text"), json!(7.5), json!({ "unexpected": true }), json!(["unexpected"])];
    strangers
        .into_iter()
        .filter(move |stranger| !named.is_empty() && !named.iter().any(|name| name == name_of(stranger)))
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The nearest number on the other side of a limit.
fn beyond(limit: &Value, step: f64, exclusive: bool) -> Option<Value> {
    if exclusive {
        return Some(limit.clone());
    }
    if let Some(limit) = limit.as_i64() {
        return limit.checked_add(step as i64).map(Value::from);
    }
    let limit = limit.as_f64()?;
    // A limit so large that one more is the same number has nothing beyond it that is near.
    let beyond = if (limit + step) == limit { limit * 2.0 * step * limit.signum() } else { limit + step };
    Number::from_f64(beyond).map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_different_entries_gets_one_entry_too_many_that_is_another() {
        let colour = json!({ "enum": ["red", "green", "blue"] });
        let id = json!({ "type": "string", "format": "uuid" });
        let thing =
            json!({ "type": "object", "required": ["id"], "properties": { "id": id }, "additionalProperties": false });
        for (items, first) in [
            (colour, json!("red")),
            (json!({ "$ref": "#/$defs/0" }), json!("00000000-0000-4000-8000-000000000000")),
            (thing, json!({ "id": "00000000-0000-4000-8000-000000000000" })),
        ] {
            let schema =
                json!({ "type": "array", "items": items, "maxItems": 2, "uniqueItems": true, "$defs": { "0": id } });
            let made = candidates(&schema, &json!([first]));
            let longer = made.iter().find(|candidate| candidate.rule == "maxItems").unwrap();
            let entries = longer.value.as_array().unwrap();
            let different: BTreeSet<String> = entries.iter().map(Value::to_string).collect();

            assert_eq!((entries.len(), different.len()), (3, 3), "{}", longer.value);
        }
        let few = json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 2, "uniqueItems": true });
        assert!(candidates(&few, &json!([true])).iter().all(|candidate| candidate.rule != "maxItems"));
    }
}
