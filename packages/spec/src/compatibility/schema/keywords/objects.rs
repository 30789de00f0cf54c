//! Objects: which properties there must be, may be, and must not be.

use serde_json::{Map, Value};

use super::{Narrowing, bound, or_none};
use crate::compatibility::schema::flat::Flat;
use crate::compatibility::schema::proof::is_closed;
use crate::compatibility::schema::witness::{fill, fresh, object, samples};

/// What the receiver says more about properties.
pub fn narrowed<'f, 'a>(sender: &'f Flat<'a>, receiver: &'f Flat<'a>, all: &mut Vec<Narrowing<'f, 'a>>) {
    let smallest = move || object(sender, Some(receiver), 0);
    let one = |map: Option<Map<String, Value>>| map.map(Value::Object).into_iter().collect::<Vec<_>>();
    let declared = sender.declared();
    for name in receiver.required.iter().copied().filter(|name| !sender.required.contains(name)) {
        let known = declared.contains(name);
        let (rules, said, keys) = if known {
            let said =
                (format!("the property `{name}` became required"), format!("the property `{name}` became optional"));
            (("property-became-required", "property-became-optional"), said, &["required"])
        } else {
            let said = (
                format!("the required property `{name}` was added"),
                format!("the required property `{name}` went away"),
            );
            (("required-property-added", "required-property-removed"), said, &["required"])
        };
        let without = move || {
            let mut all = Vec::new();
            for map in [smallest(), object(sender, None, 0)] {
                all.extend(map.map(|mut map| {
                    map.remove(name);
                    Value::Object(map)
                }));
            }
            all
        };
        let (name, values) = (Some(name), Box::new(without));
        all.push(Narrowing { rules, said, keys, name, at_property: true, harmless: false, values });
    }
    let others = receiver.others();
    for name in declared.iter().copied().filter(|name| !receiver.declares(name)) {
        let refused = others.iter().any(|node| node.value == &Value::Bool(false));
        let said = (format!("the property `{name}` went away"), format!("the property `{name}` was added"));
        let with = move || {
            let value = samples(&sender.property(name), &Vec::new(), 1).into_iter().next();
            one(smallest().zip(value).map(|(mut map, value)| {
                map.insert(name.to_owned(), value);
                map
            }))
        };
        let rules = ("property-removed", "property-added");
        // A required one that went away is told by what else it is: nobody loses it twice.
        all.push(Narrowing {
            rules,
            said,
            keys: &[],
            name: Some(name),
            at_property: true,
            harmless: !refused,
            values: Box::new(with),
        });
    }
    if is_closed(receiver) && !is_closed(sender) {
        let said = (
            "properties that are not declared are refused".to_owned(),
            "properties that are not declared are allowed".to_owned(),
        );
        let with = move || {
            one(smallest().zip(fresh(sender, Some(receiver), 0)).and_then(|(mut map, name)| {
                let value = samples(&sender.property(&name), &Vec::new(), 1).into_iter().next()?;
                map.insert(name, value);
                Some(map)
            }))
        };
        all.push(Narrowing {
            rules: ("additional-properties-forbidden", "additional-properties-allowed"),
            said,
            keys: &["additionalProperties"],
            name: None,
            at_property: false,
            harmless: false,
            values: Box::new(with),
        });
    }
    for (least, rules, keys) in [
        (true, ("min-properties-tightened", "min-properties-loosened"), &["minProperties"]),
        (false, ("max-properties-tightened", "max-properties-loosened"), &["maxProperties"]),
    ] {
        let most = |flat: &Flat<'_>| flat.max_properties.unwrap_or(u64::MAX);
        let tighter =
            if least { receiver.min_properties > sender.min_properties } else { most(receiver) < most(sender) };
        if tighter {
            let said =
                |flat: &Flat<'_>| if least { flat.min_properties.to_string() } else { or_none(flat.max_properties) };
            let count = if least { sender.min_properties } else { most(receiver).saturating_add(1) };
            let so_many = move || {
                let mut map = object(sender, None, 0);
                if let Some(map) = &mut map {
                    fill(map, sender, None, count.min(1_000), 0);
                }
                one(map)
            };
            all.push(bound(rules, keys, (said(sender), said(receiver)), so_many));
        }
    }
    for (name, wanted) in &receiver.needs {
        let met = sender.needs.iter().any(|(given, has)| given == name && wanted.is_subset(has));
        if met || wanted.is_subset(&sender.required) {
            continue;
        }
        let said =
            (format!("`{name}` demands another property"), format!("`{name}` no longer demands another property"));
        let alone = move || {
            one(smallest().and_then(|mut map| {
                let value = samples(&sender.property(name), &receiver.property(name), 1).into_iter().next()?;
                wanted.iter().filter(|other| !sender.required.contains(*other)).for_each(|other| {
                    map.remove(*other);
                });
                map.insert((*name).to_owned(), value);
                Some(map)
            }))
        };
        all.push(Narrowing {
            rules: ("dependent-required-tightened", "dependent-required-loosened"),
            said,
            keys: &["dependentRequired", "dependencies"],
            name: None,
            at_property: false,
            harmless: false,
            values: Box::new(alone),
        });
    }
    if receiver.names.iter().any(|wanted| !sender.names.iter().any(|given| given.value == wanted.value)) {
        let said = ("other names".to_owned(), "these names".to_owned());
        let named = move || {
            let texts = ["a", "A", "0", "aaaaaaaaaaaaaaaaaaaa", "-", "é", ""];
            let names = texts.map(str::to_owned).into_iter().chain(sender.declared().into_iter().map(str::to_owned));
            names
                .filter_map(|name| {
                    let (mut map, value) =
                        smallest().zip(samples(&sender.property(&name), &Vec::new(), 1).into_iter().next())?;
                    map.insert(name, value);
                    Some(Value::Object(map))
                })
                .collect()
        };
        all.push(bound(("property-names-tightened", "property-names-loosened"), &["propertyNames"], said, named));
    }
}
