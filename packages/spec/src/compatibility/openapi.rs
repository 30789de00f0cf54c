//! OpenAPI documents: their operations, one by one, and what stands around them.

use std::collections::BTreeMap;

use super::report::{Flow, Side};
use super::sides::{Breaks, Sides, Spot};
use super::{media, parameters, security};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A path with the names of its parameters left out, which is what a server tells paths apart by.
type Shape = String;

/// One operation of one side, with the path around it.
#[derive(Clone)]
pub struct Operation<'a> {
    pub path: &'a str,
    pub around: Spot<'a>,
    pub spot: Spot<'a>,
}

pub fn compare(sides: &mut Sides<'_>) {
    let (old, new) = sides.tops();
    servers(sides, &old, &new);
    security::schemes(sides, &old, &new);
    routes(sides, &old, &new, "paths", Reversed(false));
    routes(sides, &old, &new, "webhooks", Reversed(true));
    if sides.promises_source() {
        named_schemas(sides, &old, &new);
    }
}

/// Whether the service that publishes the document calls, instead of being called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reversed(pub bool);

impl Reversed {
    pub fn request(self) -> Flow {
        if self.0 { Flow::Published } else { Flow::Request }
    }

    pub fn response(self) -> Flow {
        if self.0 { Flow::Consumed } else { Flow::Response }
    }
}

fn routes<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, key: &str, reversed: Reversed) {
    let (old, new) = sides.pair(old, new, key);
    let olds = operations(sides, old.as_ref(), Side::Old);
    let news = operations(sides, new.as_ref(), Side::New);
    for (key, old) in &olds {
        match news.get(key) {
            Some(new) => operation(sides, key, old, new, reversed),
            None => removed(sides, key, old, reversed),
        }
    }
    for (key, new) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
        let name = format!("{} {}", key.1.to_uppercase(), new.path);
        if sides.enter(name.clone(), [new.spot.text("operationId"), None]) {
            let message = format!("{name} was added");
            // A webhook that nobody listens to yet does no harm: it comes to those who subscribe.
            let breaks = if reversed.0 { Breaks::Never } else { Breaks::Forward };
            sides.note("operation-added", reversed.request(), Side::New, &new.spot.pointer, breaks, message);
            sides.leave();
        }
    }
}

fn operations<'a>(
    sides: &Sides<'a>,
    paths: Option<&Spot<'a>>,
    side: Side,
) -> BTreeMap<(Shape, &'static str), Operation<'a>> {
    let document = if side == Side::Old { sides.old } else { sides.new };
    let mut all = BTreeMap::new();
    for path in paths.into_iter().flat_map(Spot::keys).filter(|path| !path.starts_with("x-")) {
        let Some(around) = paths.and_then(|paths| paths.get(document, path)) else { continue };
        for method in METHODS {
            let Some(spot) = around.get(document, method) else { continue };
            all.insert((shape(path), method), Operation { path, around: around.clone(), spot });
        }
    }
    all
}

fn shape(path: &str) -> Shape {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        shape.push_str(before);
        shape.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    shape + rest
}

fn removed(sides: &mut Sides<'_>, key: &(Shape, &'static str), old: &Operation<'_>, reversed: Reversed) {
    let name = format!("{} {}", key.1.to_uppercase(), old.path);
    if !sides.enter(name.clone(), [old.spot.text("operationId"), None]) {
        return;
    }
    let sunset = ["x-sunset", "sunset"].into_iter().find_map(|key| old.spot.text(key));
    let over = old.spot.is("deprecated")
        && sunset.zip(sides.options.today.as_deref()).is_some_and(|(sunset, today)| {
            // Dates of one form compare as texts; the time of day does not matter.
            sunset.len() >= 10 && sunset.get(..10).is_some_and(|sunset| sunset <= today)
        });
    let (id, breaks, message) = if over {
        let sunset = sunset.unwrap_or_default();
        ("operation-sunset", Breaks::Never, format!("{name} went away; its sunset was {sunset}"))
    } else {
        let yet = sunset.map_or_else(String::new, |sunset| format!(" before its sunset, {sunset}"));
        ("operation-removed", Breaks::Backward, format!("{name} went away{yet}"))
    };
    sides.note(id, reversed.request(), Side::Old, &old.spot.pointer, breaks, message);
    sides.leave();
}

fn operation<'a>(
    sides: &mut Sides<'a>,
    key: &(Shape, &'static str),
    old: &Operation<'a>,
    new: &Operation<'a>,
    reversed: Reversed,
) {
    let name = format!("{} {}", key.1.to_uppercase(), new.path);
    let ids = [old.spot.text("operationId"), new.spot.text("operationId")];
    if !sides.enter(name.clone(), ids) {
        return;
    }
    if ids[0] != ids[1] {
        let said = |id: Option<&str>| id.map_or_else(|| "none".to_owned(), |id| format!("`{id}`"));
        let message = format!("the operation's id was {} and is {}", said(ids[0]), said(ids[1]));
        let spot =
            if ids[1].is_some() { format!("{}/operationId", new.spot.pointer) } else { new.spot.pointer.clone() };
        sides.note("operation-id-changed", reversed.request(), Side::New, &spot, Breaks::Never, message);
    }
    for (id, was, is) in [("operation-deprecated", false, true), ("operation-undeprecated", true, false)] {
        if (old.spot.is("deprecated"), new.spot.is("deprecated")) == (was, is) {
            let message = format!("{name} {}", if is { "was deprecated" } else { "is no longer deprecated" });
            sides.note(id, reversed.request(), Side::New, &new.spot.pointer, Breaks::Never, message);
        }
    }
    parameters::compare(sides, old, new, reversed);
    media::bodies(sides, &old.spot, &new.spot, reversed);
    media::responses(sides, &old.spot, &new.spot, reversed);
    if !reversed.0 {
        security::alternatives(sides, old, new);
        callbacks(sides, &old.spot, &new.spot);
    }
    sides.leave();
}

fn callbacks<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>) {
    let (old, new) = sides.pair(old, new, "callbacks");
    for (_, old, new) in sides.pairs(old.as_ref(), new.as_ref()) {
        let (Some(old), Some(new)) = (old, new) else { continue };
        for (expression, old, new) in sides.pairs(Some(&old), Some(&new)) {
            let (Some(around), Some(now)) = (old, new) else { continue };
            for method in METHODS {
                let (Some(old), Some(new)) = sides.pair(&around, &now, method) else { continue };
                let old = Operation { path: expression, around: around.clone(), spot: old };
                let new = Operation { path: expression, around: now.clone(), spot: new };
                parameters::compare(sides, &old, &new, Reversed(true));
                media::bodies(sides, &old.spot, &new.spot, Reversed(true));
                media::responses(sides, &old.spot, &new.spot, Reversed(true));
            }
        }
    }
}

fn servers(sides: &mut Sides<'_>, old: &Spot<'_>, new: &Spot<'_>) {
    let all = |spot: &Spot<'_>| -> Vec<String> {
        let list = spot.value.get("servers").and_then(|servers| servers.as_array());
        list.into_iter().flatten().filter_map(|server| server.get("url")?.as_str()).map(str::to_owned).collect()
    };
    let (olds, news) = (all(old), all(new));
    for url in olds.iter().filter(|url| !news.contains(url)) {
        let message = format!("the server `{url}` went away; whoever calls it by this address must know another");
        sides.note("server-removed", Flow::Request, Side::Old, "/servers", Breaks::Perhaps, message);
    }
    for url in news.iter().filter(|url| !olds.contains(url)) {
        let message = format!("the server `{url}` was added");
        sides.note("server-added", Flow::Request, Side::New, "/servers", Breaks::Never, message);
    }
}

fn named_schemas<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>) {
    let under = |spot: &Spot<'a>| spot.raw("components").and_then(|components| components.raw("schemas"));
    let (Some(old), new) = (under(old), under(new)) else { return };
    for name in old.keys() {
        if new.as_ref().and_then(|new| new.raw(name)).is_none() {
            let pointer = old.raw(name).map(|spot| spot.pointer).unwrap_or_default();
            let message = format!("the schema `{name}` went away, and with it the type that code was generated for");
            sides.note("schema-removed", Flow::Response, Side::Old, &pointer, Breaks::Never, message);
        }
    }
}
