//! What the schema of a document must be: JSON Schema 2020-12 that refers to nothing outside itself and to nothing
//! that leads back to itself. A configuration document is a tree; a schema in a circle is a mistake or an attack.

use std::collections::BTreeMap;

use serde_json::Value;
use validation::{Issue, Json};

use crate::document::issue;

/// How many references a schema may have.
const MOST_REFERENCES: usize = 1000;

/// A schema that a request gives is an object; everything else about it is said by [`faults`].
pub fn is_object(schema: &Option<Json>, (): &()) -> garde::Result {
    match schema {
        Some(Json(schema)) if !schema.is_object() => Err(garde::Error::new("is not an object")),
        _ => Ok(()),
    }
}

/// Everything that is wrong with a schema, pointing into the request's `schema`. Empty when nothing is.
pub fn faults(schema: &Value) -> Vec<Issue> {
    let mut found = Vec::new();
    for error in jsonschema::draft202012::meta::validator().iter_errors(schema) {
        let pointer = format!("/schema{}", error.instance_path());
        found.push(issue(pointer, error.kind().keyword(), error.masked_with("the value").to_string()));
    }
    let mut references = Vec::new();
    collect(schema, String::new(), &mut references);
    if references.len() > MOST_REFERENCES {
        found.push(issue("/schema", "$ref", format!("has more than {MOST_REFERENCES} references")));
        return found;
    }
    for reference in &references {
        let target = reference.target.and_then(|target| schema.pointer(target));
        if target.is_none() {
            let message = "must refer to a place within this schema, as #/$defs/name";
            found.push(issue(format!("/schema{}", reference.at), "$ref", message));
        }
    }
    for at in circular(&references) {
        found.push(issue(format!("/schema{at}"), "$ref", "leads back to itself"));
    }
    if found.is_empty()
        && let Err(error) = jsonschema::draft202012::options().should_validate_formats(true).build(schema)
    {
        found.push(issue("/schema", "schema", format!("cannot be compiled: {}", error.masked_with("the value"))));
    }
    found
}

struct Reference<'a> {
    /// Where the keyword stands.
    at: String,
    /// The pointer it holds; `None` when it leads outside.
    target: Option<&'a str>,
}

fn collect<'a>(schema: &'a Value, at: String, found: &mut Vec<Reference<'a>>) {
    match schema {
        Value::Object(fields) => {
            for (key, field) in fields {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (key.as_str(), field.as_str()) {
                    ("$ref", Some(target)) => found.push(Reference { at, target: target.strip_prefix('#') }),
                    ("$dynamicRef", Some(_)) => found.push(Reference { at, target: None }),
                    _ => collect(field, at, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Where the references stand that lie on a circle or lead into one. What leads nowhere is taken away until nothing
/// more can be: the rest goes round.
fn circular<'a>(references: &'a [Reference<'_>]) -> Vec<&'a str> {
    let inside = |target: &str, at: &str| at.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'));
    let mut leads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in references.iter().filter_map(|reference| reference.target) {
        leads.entry(target).or_insert_with(|| {
            references.iter().filter(|next| inside(target, &next.at)).filter_map(|next| next.target).collect()
        });
    }
    loop {
        let before = leads.len();
        let ends: Vec<&str> = leads
            .iter()
            .filter(|(_, next)| next.iter().all(|next| !leads.contains_key(next)))
            .map(|(target, _)| *target)
            .collect();
        ends.iter().for_each(|target| drop(leads.remove(target)));
        if leads.len() == before {
            break;
        }
    }
    let round = references.iter().filter(|reference| reference.target.is_some_and(|target| leads.contains_key(target)));
    round.map(|reference| reference.at.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(schema: &Value) -> Vec<String> {
        faults(schema).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_schema_that_shares_definitions_is_fine() {
        let schema = json!({
            "properties": { "a": { "$ref": "#/$defs/x" }, "b": { "$ref": "#/$defs/x" } },
            "$defs": { "x": { "$ref": "#/$defs/y" }, "y": { "type": "integer" } },
        });

        assert_eq!(places(&schema), [""; 0]);
    }

    #[test]
    fn every_circle_is_found() {
        for (schema, place) in [
            (json!({ "$ref": "#" }), "/schema/$ref"),
            (json!({ "$defs": { "x": { "$ref": "#/$defs/x" } } }), "/schema/$defs/x/$ref"),
            (
                json!({ "properties": { "a": { "items": { "$ref": "#/properties/a" } } } }),
                "/schema/properties/a/items/$ref",
            ),
            (
                json!({ "$defs": { "x": { "$ref": "#/$defs/y" }, "y": { "items": { "$ref": "#/$defs/x" } } } }),
                "/schema/$defs/x/$ref",
            ),
        ] {
            assert_eq!(places(&schema).first().map(String::as_str), Some(place), "{schema}");
        }
    }

    #[test]
    fn what_is_no_schema_or_leads_outside_is_named() {
        assert!(is_object(&Some(Json(json!(true))), &()).is_err());
        assert_eq!(places(&json!({ "type": "texts" })).first().map(String::as_str), Some("/schema/type"));
        for target in ["https://schemas.example/x", "other.json", "#/$defs/nothing", "#anchor"] {
            assert_eq!(places(&json!({ "properties": { "a": { "$ref": target } } })), ["/schema/properties/a/$ref"]);
        }
    }

    #[test]
    fn a_thousand_definitions_in_a_row_are_followed_to_the_end() {
        let next = |index: usize| json!({ "$ref": format!("#/$defs/d{}", index + 1) });
        let mut definitions: serde_json::Map<String, Value> = (0..900).map(|i| (format!("d{i}"), next(i))).collect();
        definitions.insert("d900".into(), json!({ "type": "integer" }));

        assert_eq!(places(&json!({ "$defs": definitions.clone() })), [""; 0]);
        definitions.insert("d900".into(), next(42));
        assert!(!places(&json!({ "$defs": definitions })).is_empty());
    }
}
