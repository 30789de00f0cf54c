//! Parameters of an operation: in its path, query, headers and cookies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::openapi::{Operation, Reversed};
use super::report::{Flow, Side};
use super::sides::{Breaks, Form, Sides, Spot};

/// What a parameter is told apart by: where it stands, and its name there (its number in a path, any case in a header).
type Key = (String, String);

pub fn compare<'a>(sides: &mut Sides<'a>, old: &Operation<'a>, new: &Operation<'a>, reversed: Reversed) {
    let olds = parameters(sides, old, Side::Old);
    let news = parameters(sides, new, Side::New);
    let flow = reversed.request();
    for (key, old) in &olds {
        let Some(new) = news.get(key) else {
            let message = format!("the {} went away", called(old));
            // A new client does not send it; an old server that requires it refuses.
            let breaks = if old.is("required") { Breaks::Both } else { Breaks::Backward };
            sides.note("parameter-removed", flow, Side::Old, &old.pointer, breaks, message);
            continue;
        };
        parameter(sides, old, new, reversed);
    }
    for (_, new) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
        let (id, breaks, what) = if new.is("required") {
            ("required-parameter-added", Breaks::Backward, "was added and is required")
        } else {
            ("parameter-added", Breaks::Never, "was added")
        };
        let message = format!("the {} {what}", called(new));
        sides.note(id, flow, Side::New, &new.pointer, breaks, message);
    }
}

fn parameters<'a>(sides: &Sides<'a>, operation: &Operation<'a>, side: Side) -> BTreeMap<Key, Spot<'a>> {
    let document = if side == Side::Old { sides.old } else { sides.new };
    let mut all = BTreeMap::new();
    // The operation's own come last and win.
    for around in [&operation.around, &operation.spot] {
        let Some(list) = around.raw("parameters") else { continue };
        for index in 0..list.value.as_array().map_or(0, Vec::len) {
            let Some(parameter) = list.get(document, &index.to_string()) else { continue };
            let (Some(name), Some(place)) = (parameter.text("name"), parameter.text("in")) else { continue };
            let name = match place {
                "path" => position(operation.path, name),
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            // OpenAPI: these three are described elsewhere, and ignored here.
            if place == "header" && matches!(name.as_str(), "accept" | "content-type" | "authorization") {
                continue;
            }
            all.insert((place.to_owned(), name), parameter);
        }
    }
    all
}

/// The number of a parameter in its path, because its name is not on the wire.
fn position(path: &str, name: &str) -> String {
    let found = path.split('{').skip(1).position(|part| part.split('}').next() == Some(name));
    found.map_or_else(|| name.to_owned(), |number| number.to_string())
}

fn called(parameter: &Spot<'_>) -> String {
    let text = |key| parameter.text(key).unwrap_or_default();
    let kind = match text("in") {
        "path" => "path parameter",
        "query" => "query parameter",
        "header" => "header",
        "cookie" => "cookie",
        _ => "parameter",
    };
    format!("{kind} `{}`", text("name"))
}

fn parameter<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, reversed: Reversed) {
    let flow = reversed.request();
    if old.text("in") == Some("path") && old.text("name") != new.text("name") {
        let names = [old, new].map(|spot| spot.text("name").unwrap_or_default());
        let message = format!("the path parameter `{}` is now called `{}`", names[0], names[1]);
        sides.note("path-parameter-renamed", flow, Side::New, &new.pointer, Breaks::Never, message);
    }
    let required = |spot: &Spot<'_>| spot.is("required") || spot.text("in") == Some("path");
    for (id, was, breaks, word) in [
        ("parameter-became-required", false, Breaks::Backward, "required"),
        ("parameter-became-optional", true, Breaks::Forward, "optional"),
    ] {
        if (required(old), required(new)) == (was, !was) {
            let message = format!("the {} became {word}", called(new));
            sides.note(id, flow, Side::New, &new.pointer, breaks, message);
        }
    }
    let (was, is) = (style(old), style(new));
    if was != is && complex(sides, old, new) {
        let message = format!("the {} was written as {was} and is written as {is}", called(new));
        sides.note("parameter-style-changed", flow, Side::New, &new.pointer, Breaks::Both, message);
    }
    described(sides, old, new, flow);
}

/// Style and explode matter only where there is more than one value to write.
fn complex(sides: &Sides<'_>, old: &Spot<'_>, new: &Spot<'_>) -> bool {
    let plain = |spot: &Spot<'_>, document: &document::Document| {
        let style = spot.text("style");
        let schema = spot.value.get("schema").map(|schema| document.resolve(schema).0);
        let kind = schema.and_then(|schema| schema.get("type")).and_then(Value::as_str);
        // `matrix`, `label` and so on prefix even a single value.
        matches!(style, None | Some("simple" | "form"))
            && kind.is_some_and(|kind| matches!(kind, "string" | "integer" | "number" | "boolean"))
    };
    !(plain(old, sides.old) && plain(new, sides.new))
}

fn style(parameter: &Spot<'_>) -> String {
    if let Some(content) = parameter.raw("content") {
        return format!("a document in `{}`", content.keys().next().unwrap_or_default());
    }
    let place = parameter.text("in").unwrap_or_default();
    let usual = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
    let style = parameter.text("style").unwrap_or(usual);
    let explode = parameter.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    format!("`{style}`{}", if explode { ", exploded" } else { "" })
}

/// What a parameter or header holds: a schema, or a document of one media type.
pub fn described<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, flow: Flow) {
    match (old.raw("content"), new.raw("content")) {
        (None, None) => sides.described(old, new, flow, Form::Text),
        (Some(old), Some(new)) => {
            for (_, old, new) in sides.pairs(Some(&old), Some(&new)) {
                let (Some(old), Some(new)) = (old, new) else { continue };
                sides.described(&old, &new, flow, Form::Json);
            }
        }
        // From a text to a document: that it is written in another way is told already.
        _ => {}
    }
}
