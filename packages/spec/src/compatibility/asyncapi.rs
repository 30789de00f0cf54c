//! AsyncAPI 2 documents: their channels, and the messages in them.

use serde_json::Value;

use super::report::{Flow, Side};
use super::sides::{Breaks, Form, Sides, Spot};

pub fn compare(sides: &mut Sides<'_>) {
    let (old, new) = sides.tops();
    let (old, new) = sides.pair(&old, &new, "channels");
    for (name, old, new) in sides.pairs(old.as_ref(), new.as_ref()) {
        for (operation, flow) in [("publish", Flow::Consumed), ("subscribe", Flow::Published)] {
            let get = |spot: Option<&Spot<'_>>| spot.and_then(|spot| spot.value.get(operation)).is_some();
            let has = (get(old.as_ref()), get(new.as_ref()));
            let id = |spot: Option<&Spot<'_>>| -> Option<String> {
                Some(spot?.value.get(operation)?.get("operationId")?.as_str()?.to_owned())
            };
            let ids = (id(old.as_ref()), id(new.as_ref()));
            if has == (false, false)
                || !sides.enter(format!("{operation} {name}"), [ids.0.as_deref(), ids.1.as_deref()])
            {
                continue;
            }
            match (&old, &new, has) {
                (Some(old), Some(new), (true, true)) => channel(sides, old, new, operation, flow),
                (_, Some(new), (false, true)) => {
                    let message = format!("messages are {} on `{name}` now", flow.name());
                    sides.note("channel-added", flow, Side::New, &new.pointer, Breaks::Forward, message);
                }
                (Some(old), _, (true, false)) => {
                    let message = format!("no messages are {} on `{name}` any more", flow.name());
                    sides.note("channel-removed", flow, Side::Old, &old.pointer, Breaks::Backward, message);
                }
                _ => {}
            }
            sides.leave();
        }
    }
}

fn channel<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, operation: &str, flow: Flow) {
    bindings(sides, old, new, flow);
    let (Some(old), Some(new)) = sides.pair(old, new, operation) else { return };
    bindings(sides, &old, &new, flow);
    let ids = [&old, &new].map(|spot| spot.text("operationId"));
    if ids[0] != ids[1] {
        let said = |id: Option<&str>| id.map_or_else(|| "none".to_owned(), |id| format!("`{id}`"));
        let message = format!("the operation's id was {} and is {}", said(ids[0]), said(ids[1]));
        sides.note("operation-id-changed", flow, Side::New, &new.pointer, Breaks::Never, message);
    }
    let (olds, news) = (messages(sides, &old, Side::Old), messages(sides, &new, Side::New));
    if let ([(_, old)], [(_, new)]) = (olds.as_slice(), news.as_slice()) {
        // The only message of a channel is the same one, whatever its name.
        return message(sides, old, new, flow);
    }
    // Who receives must know every message that is sent; the other way round nothing is lost.
    let (added, removed) = match flow {
        Flow::Published => (Breaks::Backward, Breaks::Forward),
        _ => (Breaks::Forward, Breaks::Backward),
    };
    for (name, old) in &olds {
        match news.iter().find(|(other, _)| other == name) {
            Some((_, new)) => message(sides, old, new, flow),
            None => {
                let text = format!("the message `{name}` went away");
                // A reader that waits for it is never told; the issue is the same as with a channel.
                let breaks = if removed == Breaks::Forward { Breaks::Both } else { removed };
                sides.note("message-removed", flow, Side::Old, &old.pointer, breaks, text);
            }
        }
    }
    for (name, new) in news.iter().filter(|(name, _)| !olds.iter().any(|(other, _)| other == name)) {
        let text = format!("the message `{name}` was added");
        sides.note("message-added", flow, Side::New, &new.pointer, added, text);
    }
}

/// The messages of an operation by name; one may be a list of alternatives.
fn messages<'a>(sides: &Sides<'a>, operation: &Spot<'a>, side: Side) -> Vec<(String, Spot<'a>)> {
    let document = if side == Side::Old { sides.old } else { sides.new };
    let Some(message) = operation.get(document, "message") else { return Vec::new() };
    let named = |spot: Spot<'a>| {
        let last = || spot.pointer.rsplit('/').next().unwrap_or_default().to_owned();
        let name = ["name", "messageId", "title"].into_iter().find_map(|key| spot.text(key));
        (name.map_or_else(last, str::to_owned), spot)
    };
    match message.raw("oneOf") {
        Some(list) => {
            let count = list.value.as_array().map_or(0, Vec::len);
            (0..count).filter_map(|index| list.get(document, &index.to_string())).map(named).collect()
        }
        None => vec![named(message)],
    }
}

fn message<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, flow: Flow) {
    let (top_old, top_new) = sides.tops();
    let content_type =
        |message: &Spot<'a>, top: &Spot<'a>| message.text("contentType").or(top.text("defaultContentType"));
    let types = (content_type(old, &top_old), content_type(new, &top_new));
    if let (Some(was), Some(is)) = types
        && was != is
    {
        let text = format!("the content type was `{was}` and is `{is}`");
        sides.note("content-type-changed", flow, Side::New, &new.pointer, Breaks::Both, text);
    }
    let formats = [old, new].map(|message| message.text("schemaFormat"));
    if formats.iter().all(|format| format.is_none_or(is_json_schema)) {
        schema(sides, old, new, "payload", flow);
    } else if formats[0] != formats[1] || old.value.get("payload") != new.value.get("payload") {
        let text = "the payload changed and is described in a language that is not compared".to_owned();
        sides.note("payload-format-changed", flow, Side::New, &new.pointer, Breaks::Perhaps, text);
    }
    schema(sides, old, new, "headers", flow);
    bindings(sides, old, new, flow);
}

fn is_json_schema(format: &str) -> bool {
    ["application/vnd.aai.asyncapi", "application/schema+json", "application/schema+yaml"]
        .into_iter()
        .any(|known| format.starts_with(known))
}

fn schema<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, key: &str, flow: Flow) {
    const ANYTHING: &Value = &Value::Bool(true);
    let (was, is) = (old.raw(key), new.raw(key));
    if was.is_some() || is.is_some() {
        let absent = |spot: &Spot<'a>| Spot { value: ANYTHING, pointer: spot.pointer.clone() };
        let (was, is) = (was.unwrap_or_else(|| absent(old)), is.unwrap_or_else(|| absent(new)));
        sides.schemas(&was, &is, flow, Form::Json);
    }
}

/// What a queue is, beyond how it is tuned.
fn bindings<'a>(sides: &mut Sides<'a>, old: &Spot<'a>, new: &Spot<'a>, flow: Flow) {
    let (old, new) = sides.pair(old, new, "bindings");
    let (old, new) = (old.as_ref(), new.as_ref());
    for (protocol, old, new) in sides.pairs(old, new) {
        let (Some(old), Some(new)) = (&old, &new) else {
            let (side, spot) = if old.is_some() { (Side::Old, &old) } else { (Side::New, &new) };
            let pointer = spot.as_ref().map(|spot| spot.pointer.clone()).unwrap_or_default();
            let text = format!("the binding to `{protocol}` {}", if old.is_some() { "went away" } else { "was added" });
            let breaks = if old.is_some() { Breaks::Backward } else { Breaks::Never };
            sides.note("binding-changed", flow, side, &pointer, breaks, text);
            continue;
        };
        // SQS: another queue, or one that asks for a group id; other protocols: where messages go, and by what key.
        let keys = [
            "/queue/name",
            "/queue/fifoQueue",
            "/queues/0/name",
            "/queues/0/fifoQueue",
            "/topic",
            "/exchange/name",
            "/exchange/type",
            "/key",
            "/is",
            "/method",
        ];
        for key in keys {
            let (was, is) = (old.value.pointer(key), new.value.pointer(key));
            if was != is {
                let said =
                    |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"));
                let text = format!("`{protocol}`: `{}` was {} and is {}", &key[1..], said(was), said(is));
                let pointer = format!("{}{key}", new.pointer);
                sides.note("binding-changed", flow, Side::New, &pointer, Breaks::Both, text);
            }
        }
    }
}
