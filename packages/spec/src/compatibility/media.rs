//! Bodies and answers: media types, statuses and headers.

use std::collections::{BTreeMap, BTreeSet};

use super::openapi::Reversed;
use super::parameters;
use super::report::{Flow, Side};
use super::sides::{Breaks, Form, Sides, Spot};

/// The bodies of requests.
pub fn bodies<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, reversed: Reversed) {
    let flow = reversed.request();
    match sides.pair(old, new, "requestBody") {
        (None, None) => {}
        (Some(old), None) => {
            let breaks = if old.is("required") { Breaks::Both } else { Breaks::Backward };
            let message = "the request's body went away".to_owned();
            sides.note("body-removed", flow, Side::Old, &old.pointer, breaks, message);
        }
        (None, Some(new)) => {
            let (id, breaks, word) = if new.is("required") {
                ("required-body-added", Breaks::Backward, "required")
            } else {
                ("body-added", Breaks::Never, "optional")
            };
            sides.note(id, flow, Side::New, &new.pointer, breaks, format!("the request has a body, which is {word}"));
        }
        (Some(old), Some(new)) => {
            for (id, was, breaks, word) in [
                ("body-became-required", false, Breaks::Backward, "required"),
                ("body-became-optional", true, Breaks::Forward, "optional"),
            ] {
                if (old.is("required"), new.is("required")) == (was, !was) {
                    let message = format!("the request's body became {word}");
                    sides.note(id, flow, Side::New, &new.pointer, breaks, message);
                }
            }
            content(sides, &old, &new, flow);
        }
    }
}

/// What is said in each media type.
fn content<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, flow: Flow) {
    let (olds, news) = sides.pair(old, new, "content");
    let what = if flow == Flow::Request || flow == Flow::Published { "the request" } else { "the answer" };
    for (name, old) in types(olds.as_ref()) {
        let exact = types(news.as_ref()).into_iter().find(|(other, _)| *other == name);
        // `application/*` takes what `application/json` brought.
        let found = exact.or_else(|| types(news.as_ref()).into_iter().find(|(other, _)| covers(other, &name)));
        let Some((_, new)) = found else {
            let message = format!("{what} is no longer in `{name}`");
            sides.note("media-type-removed", flow, Side::Old, &old.pointer, Breaks::Backward, message);
            continue;
        };
        let json = name.contains("json") || name.contains('*') || !name.contains('/');
        sides.described(&old, &new, flow, if json { Form::Json } else { Form::Text });
    }
    for (name, new) in types(news.as_ref()) {
        if !types(olds.as_ref()).iter().any(|(other, _)| *other == name || covers(other, &name)) {
            let message = format!("{what} may be in `{name}`");
            sides.note("media-type-added", flow, Side::New, &new.pointer, Breaks::Forward, message);
        }
    }
}

/// Media types without their parameters, which say nothing about the schema.
fn types<'a>(content: Option<&Spot<'a>>) -> Vec<(String, Spot<'a>)> {
    let bare = |key: &str| key.split(';').next().unwrap_or_default().trim().to_lowercase();
    content
        .into_iter()
        .flat_map(|content| content.keys().filter_map(move |key| Some((bare(key), content.raw(key)?))))
        .collect()
}

fn covers(range: &str, name: &str) -> bool {
    range == "*/*" || range.strip_suffix("/*").is_some_and(|kind| name.split('/').next() == Some(kind))
}

/// The answers.
pub fn responses<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, reversed: Reversed) {
    let flow = reversed.response();
    let (olds, news) = sides.pair(old, new, "responses");
    for (status, old, new) in sides.pairs(olds.as_ref(), news.as_ref()) {
        if status.starts_with("x-") {
            continue;
        }
        match (old, new) {
            (Some(old), Some(new)) => response(sides, &old, &new, reversed),
            (Some(old), None) => match answered_by(sides, news.as_ref(), Side::New, status) {
                Some(new) => response(sides, &old, &new, reversed),
                None => {
                    let message = format!("the answer {status} went away");
                    sides.note("status-removed", flow, Side::Old, &old.pointer, Breaks::Backward, message);
                }
            },
            (None, Some(new)) => match answered_by(sides, olds.as_ref(), Side::Old, status) {
                Some(old) => response(sides, &old, &new, reversed),
                None => {
                    let (breaks, why) = added(status);
                    let message = format!("the answer {status} was added; {why}");
                    sides.note("status-added", flow, Side::New, &new.pointer, breaks, message);
                }
            },
            (None, None) => {}
        }
    }
}

/// RFC 9110, section 15: a client takes a status it does not know for the first of its class.
fn added(status: &str) -> (Breaks, &'static str) {
    if status.starts_with(['4', '5']) || status == "default" {
        (Breaks::Forward, "a client takes an error it does not know for one of its class")
    } else {
        (Breaks::Perhaps, "a client that does not know it reads it as the first of its class")
    }
}

/// What answers for a status that is not listed: its class (`4XX`), or `default`.
fn answered_by<'a>(sides: &Sides<'a>, all: Option<&Spot<'a>>, side: Side, status: &str) -> Option<Spot<'a>> {
    let (all, document) = (all?, if side == Side::Old { sides.old } else { sides.new });
    if status == "default" {
        return None;
    }
    let class = status.get(..1).map(|digit| format!("{digit}XX"))?;
    [class.clone(), class.to_lowercase(), "default".to_owned()]
        .into_iter()
        .filter(|key| key != status)
        .find_map(|key| all.get(document, &key))
}

fn response<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, reversed: Reversed) {
    let flow = reversed.response();
    content(sides, old, new, flow);
    let (old, new) = sides.pair(old, new, "headers");
    let (olds, news) = (headers(sides, old.as_ref(), Side::Old), headers(sides, new.as_ref(), Side::New));
    let names: BTreeSet<&String> = olds.keys().chain(news.keys()).collect();
    for name in names {
        let (old, new) = (olds.get(name), news.get(name));
        let name = old.or(new).map_or("", |(written, _)| written);
        match (old.map(|(_, spot)| spot), new.map(|(_, spot)| spot)) {
            (Some(old), None) => {
                let breaks = if old.is("required") { Breaks::Backward } else { Breaks::Never };
                sides.note(
                    "header-removed",
                    flow,
                    Side::Old,
                    &old.pointer,
                    breaks,
                    format!("the header `{name}` went away"),
                );
            }
            (None, Some(new)) => {
                let breaks = if new.is("required") { Breaks::Forward } else { Breaks::Never };
                sides.note(
                    "header-added",
                    flow,
                    Side::New,
                    &new.pointer,
                    breaks,
                    format!("the header `{name}` was added"),
                );
            }
            (Some(old), Some(new)) => {
                for (id, was, breaks, word) in [
                    ("header-became-optional", true, Breaks::Backward, "optional"),
                    ("header-became-required", false, Breaks::Forward, "required"),
                ] {
                    if (old.is("required"), new.is("required")) == (was, !was) {
                        let message = format!("the header `{name}` became {word}");
                        sides.note(id, flow, Side::New, &new.pointer, breaks, message);
                    }
                }
                parameters::described(sides, old, new, flow);
            }
            (None, None) => {}
        }
    }
}

/// The header fields of an answer, by their names in lower case: on the wire any case is the same. OpenAPI describes
/// `Content-Type` elsewhere.
fn headers<'a>(sides: &Sides<'a>, all: Option<&Spot<'a>>, side: Side) -> BTreeMap<String, (&'a str, Spot<'a>)> {
    let document = if side == Side::Old { sides.old } else { sides.new };
    let names = all.into_iter().flat_map(Spot::keys).filter(|name| !name.eq_ignore_ascii_case("content-type"));
    names.filter_map(|name| Some((name.to_lowercase(), (name, all?.get(document, name)?)))).collect()
}
