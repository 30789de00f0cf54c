//! Messages of an upstream as its AsyncAPI document tells them, cut down to what a consumer reads.

use super::declaration::Message;
use super::document::{Document, Place};
use super::shapes::{Parts, Shaper, Shapes, Type, pascal_case, sentence};

/// A message to be taken.
pub(crate) struct Event {
    /// The operation of the upstream that emits it.
    pub operation: String,
    /// `config.changed`.
    pub name: String,
    pub summary: String,
    /// What is read of its data.
    pub data: Type,
}

/// The message of that type of event, with the types it needs put among `shapes`.
pub(crate) fn event(document: &Document, name: &str, used: &Message, shapes: &mut Shapes) -> Result<Event, String> {
    let within = |why: String| format!("{name}: {why}");
    let mut known = Vec::new();
    for (operation, message) in messages(document).map_err(within)? {
        let Some((kind, data)) = envelope(&message).map_err(within)? else { continue };
        if kind != name {
            known.push(kind);
            continue;
        }
        let summary = [message.text("summary"), message.text("title"), message.text("description")];
        let summary = summary.into_iter().find(|text| !text.is_empty()).unwrap_or(name);
        let parts = Parts::of(&used.reads).map_err(within)?;
        let data = Shaper { shapes, sent: false }.shape(&data, &parts, &pascal_case(name)).map_err(within)?.0;
        return Ok(Event { operation, name: name.to_owned(), summary: sentence(summary), data });
    }
    known.sort();
    known.dedup();
    Err(format!("the upstream emits no {name}; it emits {}", known.join(", ")))
}

/// Every message that the upstream emits, with the id of the operation that does. In AsyncAPI 2 that is `subscribe`: what
/// others may subscribe to.
fn messages(document: &Document) -> Result<Vec<(String, Place<'_>)>, String> {
    let mut found = Vec::new();
    for (_, channel) in document.root().get("channels").map(|channels| channels.each()).unwrap_or_default() {
        let Some(operation) = channel.get("subscribe") else { continue };
        let Some(message) = operation.get("message") else { continue };
        let several = message.get("oneOf").map(|several| several.each().into_iter().map(|(_, one)| one).collect());
        for message in several.unwrap_or_else(|| vec![message]) {
            found.push((operation.text("operationId").to_owned(), message.resolved()?.0));
        }
    }
    Ok(found)
}

/// The type of event and the schema of its data, if this is an event in the envelope of CloudEvents.
fn envelope<'a>(message: &Place<'a>) -> Result<Option<(String, Place<'a>)>, String> {
    let Some(payload) = message.get("payload") else { return Ok(None) };
    let (payload, _) = payload.resolved()?;
    let mut parts = vec![payload.clone()];
    for (_, part) in payload.get("allOf").map(|all| all.each()).unwrap_or_default() {
        parts.push(part.resolved()?.0);
    }
    let property = |name: &str| {
        parts.iter().rev().find_map(|part| part.get("properties").and_then(|properties| properties.get(name)))
    };
    let Some(data) = property("data") else { return Ok(None) };
    let kind = match property("type") {
        Some(kind) => kind.resolved()?.0.text("const").to_owned(),
        None => String::new(),
    };
    let kind = if kind.is_empty() { message.text("name").to_owned() } else { kind };
    Ok(Some((kind, data)))
}
