//! What the answer of a list says: its entries, and where the list goes on.

use http::header;
use serde_json::Value;

use crate::client::Exchange;
use crate::life::plain;
use crate::playing::Made;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nowhere that the answer speaks of.
    Nowhere,
    /// Behind this cursor, which stands at a pointer.
    Cursor(String, String),
    /// Somewhere, in a way that only its own callers know.
    Somehow,
}

/// How deep a list and its cursor may stand in an answer.
const DEEPEST: usize = 2;

/// The entries of a list, each an object with an id under one of these names; `None` where it is not sure which list of
/// an answer is meant.
pub(crate) fn entries<'a>(body: &'a Value, keys: &[String]) -> Option<&'a Vec<Value>> {
    let mut lists = Vec::new();
    arrays(body, 0, &mut lists);
    let has_id = |entry: &Value| keys.iter().any(|key| entry.get(key).is_some());
    let mut of_things = lists.iter().copied().filter(|list| !list.is_empty() && list.iter().all(has_id));
    match (of_things.next(), of_things.next(), lists.as_slice()) {
        (Some(list), None, _) => Some(list),
        (None, _, [list]) if list.is_empty() => Some(list),
        _ => None,
    }
}

fn arrays<'a>(value: &'a Value, depth: usize, to: &mut Vec<&'a Vec<Value>>) {
    match value {
        Value::Array(list) => to.push(list),
        Value::Object(fields) if depth < DEEPEST => fields.values().for_each(|field| arrays(field, depth + 1, to)),
        _ => {}
    }
}

/// The entry of what was made. An id may be a number here and a text there.
pub(crate) fn entry<'a>(entries: &'a [Value], made: &Made) -> Option<&'a Value> {
    let text = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let id = text(&made.id);
    entries.iter().find(|entry| made.keys.iter().any(|key| entry.get(key).is_some_and(|known| text(known) == id)))
}

/// The answer of a list as if nothing but what was made stood in it; `None` where it does not.
pub(crate) fn alone(body: &Value, made: &Made) -> Option<Value> {
    let own = entry(entries(body, &made.keys)?, made)?.clone();
    let mut alone = body.clone();
    leave(&mut alone, &own, 0);
    Some(alone)
}

fn leave(value: &mut Value, own: &Value, depth: usize) {
    match value {
        Value::Array(list) if list.contains(own) => *list = vec![own.clone()],
        Value::Object(fields) if depth < DEEPEST => fields.values_mut().for_each(|field| leave(field, own, depth + 1)),
        _ => {}
    }
}

/// Where the list of an answer goes on.
pub(crate) fn next(exchange: &Exchange, body: &Value) -> Next {
    let mut links = exchange.response.headers().get_all(header::LINK).iter();
    if links.any(|link| String::from_utf8_lossy(link.as_bytes()).contains("next")) {
        return Next::Somehow;
    }
    let mut found = Next::Nowhere;
    follow(body, "", 0, &mut found);
    found
}

fn follow(value: &Value, pointer: &str, depth: usize, found: &mut Next) {
    const CURSORS: [&str; 9] = [
        "next",
        "nextcursor",
        "nexttoken",
        "nextpagetoken",
        "nextmarker",
        "nextpage",
        "continuationtoken",
        "cursor",
        "endcursor",
    ];
    const MORE: [&str; 6] = ["hasmore", "hasnext", "hasnextpage", "more", "istruncated", "truncated"];
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        let at = format!("{pointer}/{}", document::escaped(name));
        let said = plain(name);
        match field {
            Value::Bool(true) if MORE.contains(&said.as_str()) && *found == Next::Nowhere => *found = Next::Somehow,
            Value::String(text) if CURSORS.contains(&said.as_str()) && !text.is_empty() => {
                let address = text.contains("://") || text.starts_with(['/', '?']);
                *found = if address { Next::Somehow } else { Next::Cursor(at, text.clone()) };
            }
            Value::Number(_) if CURSORS.contains(&said.as_str()) => *found = Next::Somehow,
            Value::Object(_) if depth < DEEPEST => follow(field, &at, depth + 1, found),
            _ => {}
        }
    }
}
