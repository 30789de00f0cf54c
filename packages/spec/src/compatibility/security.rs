//! Who is let in: the alternatives an operation names, and what its schemes ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::openapi::Operation;
use super::report::{Flow, Side};
use super::sides::{Breaks, Sides, Spot};

/// One way to be let in: all these schemes, with these scopes. The empty one lets anybody in.
type Alternative = BTreeMap<String, BTreeSet<String>>;

pub fn alternatives(sides: &mut Sides<'_>, old: &Operation<'_>, new: &Operation<'_>) {
    let (old_top, new_top) = sides.tops();
    let (olds, _) = stated(&old.spot, &old_top);
    let (news, place) = stated(&new.spot, &new_top);
    // Credentials that satisfied the old alternative satisfy a new one that asks for no more.
    let satisfies = |(offer, offers): (&Alternative, &Spot<'_>), (ask, asks): (&Alternative, &Spot<'_>)| {
        ask.iter().all(|(scheme, scopes)| {
            let same = |name: &String| {
                name == scheme
                    || credentials(offers, name).is_some_and(|known| credentials(asks, scheme) == Some(known))
            };
            offer.iter().any(|(name, has)| same(name) && scopes.is_subset(has))
        })
    };
    for alternative in olds.iter().filter(|offer| !news.iter().any(|ask| satisfies((offer, &old_top), (ask, &new_top))))
    {
        let message = format!("{} no longer lets in", written(alternative));
        let id = "security-alternative-removed";
        sides.note(id, Flow::Request, Side::New, &place, Breaks::Backward, message);
    }
    for alternative in news.iter().filter(|offer| !olds.iter().any(|ask| satisfies((offer, &new_top), (ask, &old_top))))
    {
        let message = format!("{} lets in now", written(alternative));
        sides.note("security-alternative-added", Flow::Request, Side::New, &place, Breaks::Forward, message);
    }
}

/// What a scheme asks for, whatever its name: its definition without words for readers.
fn credentials(top: &Spot<'_>, scheme: &str) -> Option<Map<String, Value>> {
    let scheme = top.value.get("components")?.get("securitySchemes")?.get(scheme)?.as_object()?;
    let said = |key: &str| !(matches!(key, "description" | "bearerFormat" | "summary") || key.starts_with("x-"));
    Some(scheme.iter().filter(|(key, _)| said(key)).map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What an operation says, or else the document.
fn stated(operation: &Spot<'_>, top: &Spot<'_>) -> (Vec<Alternative>, String) {
    let own = operation.raw("security");
    let place = own.as_ref().map_or_else(|| operation.pointer.clone(), |own| own.pointer.clone());
    let list = own.or_else(|| top.raw("security")).and_then(|spot| spot.value.as_array());
    let mut all: Vec<Alternative> = list.into_iter().flatten().filter_map(alternative).collect();
    if all.is_empty() {
        all.push(Alternative::new());
    }
    (all, place)
}

fn alternative(value: &Value) -> Option<Alternative> {
    let scopes =
        |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(value.as_object()?.iter().map(|(scheme, value)| (scheme.clone(), scopes(value))).collect())
}

fn written(alternative: &Alternative) -> String {
    if alternative.is_empty() {
        return "no credentials at all".to_owned();
    }
    let one = |(scheme, scopes): (&String, &BTreeSet<String>)| {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        if scopes.is_empty() { format!("`{scheme}`") } else { format!("`{scheme}` with {}", scopes.join(", ")) }
    };
    alternative.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// How credentials are given.
pub fn schemes<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>) {
    let (old, new) = sides.pair(old, new, "components");
    let get = |spot: Option<Spot<'a>>, document| spot.and_then(|spot| spot.get(document, "securitySchemes"));
    let (old, new) = (get(old, sides.old), get(new, sides.new));
    for (name, old, new) in sides.pairs(old.as_ref(), new.as_ref()) {
        // A scheme that is gone shows in the operations that named it.
        let (Some(old), Some(new)) = (old, new) else { continue };
        for key in ["type", "scheme", "in", "name", "openIdConnectUrl"] {
            let (was, is) = (old.text(key), new.text(key));
            let same =
                if key == "scheme" { was.map(str::to_lowercase) == is.map(str::to_lowercase) } else { was == is };
            if !same {
                let said = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
                let message = format!("the security scheme `{name}`: `{key}` was {} and is {}", said(was), said(is));
                let id = "security-scheme-changed";
                sides.note(id, Flow::Request, Side::New, &new.pointer, Breaks::Both, message);
            }
        }
    }
}
