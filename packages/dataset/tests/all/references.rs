//! What `${…}` means.

use dataset::{Node, Scope, Setting, Unresolved};
use serde_json::{Map, Value, json};

use crate::load;

const TRUCKS: &str = "about: Trucks.\nitems:\n  \
    tata: { value: { plate: TS09, size: { tonnes: 12.5 }, owner: \"fleet-${run}\" } }\n  \
    big: { value: { $from: \"${trucks.tata}\", plate: TS10, $without: [owner] } }\n";

fn value(text: &str) -> Result<Value, Unresolved> {
    let dataset = load(&[("entities/trucks.yaml", TRUCKS)]).unwrap();
    let node = Node::read("here", text, &mut Vec::new()).unwrap();
    let saved: Map<String, Value> =
        [("tokens.ravi".to_owned(), json!("abc")), ("id".to_owned(), json!("BK-00FF"))].into_iter().collect();
    let setting = Setting { run: "r1".to_owned(), enver: "mock".to_owned(), platform: None };
    // 2026-01-05T06:00:00Z
    let scope =
        Scope { entities: &dataset.entities, saved: &saved, setting: &setting, began: 1_767_592_800_000, now: 0 };
    scope.value(&node)
}

#[test]
fn a_text_that_is_one_reference_keeps_the_type() {
    assert_eq!(value("${trucks.tata.size.tonnes}").unwrap(), json!(12.5));
    assert_eq!(value("${trucks.tata.size}").unwrap(), json!({ "tonnes": 12.5 }));
    assert_eq!(value("of ${trucks.tata.size.tonnes} t").unwrap(), json!("of 12.5 t"));
}

#[test]
fn entities_runs_saved_values_and_times_are_referred_to() {
    assert_eq!(value("${trucks.tata.owner}").unwrap(), json!("fleet-r1"));
    assert_eq!(value("${saved.tokens.ravi} in ${enver}").unwrap(), json!("abc in mock"));
    assert_eq!(value("${now}").unwrap(), json!("2026-01-05T06:00:00Z"));
    assert_eq!(value("${now+3d}").unwrap(), json!("2026-01-08T06:00:00Z"));
    assert_eq!(value("${now-90m}").unwrap(), json!("2026-01-05T04:30:00Z"));
    assert_eq!(value("${swapped(saved.id)} ${text('x')} ${date(now+1d)}").unwrap(), json!("BK-00FA x 2026-01-06"));
    assert_eq!(value("$${run}").unwrap(), json!("${run}"));
}

#[test]
fn a_value_is_made_from_another() {
    assert_eq!(value("${trucks.big}").unwrap(), json!({ "plate": "TS10", "size": { "tonnes": 12.5 } }));
}

#[test]
fn what_means_nothing_is_told_with_what_there_is() {
    for (text, says) in [
        ("${trucks.tato.plate}", "there is no tato among the trucks; there are big, tata"),
        ("${trucks.tata.colour}", "there is no colour; there is plate, size, owner"),
        ("${lorries.tata}", "there are no lorries; there are trucks"),
        ("${saved.nothing}", "was not saved by a step before"),
        ("${platform.email}", "the runner was given no administrator"),
        ("${now+3w}", "is no time"),
        ("${trucks", "is not closed"),
        ("${}", "has no name"),
        ("${shout('x')}", "there is no function shout()"),
        ("${filler(99999999999)}", "filler() needs a length"),
        ("${'x'}", "refers to nothing"),
    ] {
        let told = value(text).unwrap_err().what;
        assert!(told.contains(says), "{text}: {told}");
    }
}
