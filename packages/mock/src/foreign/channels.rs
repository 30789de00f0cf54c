//! The messages of an AsyncAPI document's channels: those that were posted and those that were emitted, in order.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use document::{Api, Channel, Issue, Message};
use serde_json::{Value, json};

/// How many messages of a channel are kept; the oldest go first.
const MOST_KEPT: usize = 1_000;
/// How many channels have messages at once: the names of those with parameters are the callers'.
const MOST_CHANNELS: usize = 10_000;

/// Messages by channel, as it was addressed.
#[derive(Default)]
pub struct Log {
    kept: Mutex<HashMap<String, VecDeque<Value>>>,
}

impl Log {
    pub fn add(&self, channel: &str, message: Value) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_CHANNELS && !kept.contains_key(channel) {
            return;
        }
        let messages = kept.entry(channel.to_owned()).or_default();
        messages.push_back(message);
        if messages.len() > MOST_KEPT {
            messages.pop_front();
        }
    }

    pub fn of(&self, channel: &str) -> Vec<Value> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(channel).map(|messages| messages.iter().cloned().collect()).unwrap_or_default()
    }

    pub fn clear(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The channel of that name; one with parameters has every name that fits.
pub fn find<'a>(api: &'a Api, name: &str) -> Option<&'a Channel> {
    let exact = api.channels.iter().find(|channel| channel.name.as_str() == name);
    exact.or_else(|| api.channels.iter().find(|channel| channel.is_named(name)))
}

/// What a channel is, for readers.
pub fn describe(channel: &Channel) -> Value {
    let names = |messages: &[Message]| messages.iter().map(|message| message.name.clone()).collect::<Vec<_>>();
    json!({
        "channel": channel.name.as_str(),
        "description": channel.description,
        "publish": names(&channel.publish),
        "subscribe": names(&channel.subscribe),
    })
}

/// The messages that clients post: those they publish, or all there are where the document says nothing of that.
pub fn taken(channel: &Channel) -> &[Message] {
    if channel.publish.is_empty() { &channel.subscribe } else { &channel.publish }
}

/// The messages that are emitted to clients.
pub fn emitted(channel: &Channel) -> &[Message] {
    if channel.subscribe.is_empty() { &channel.publish } else { &channel.subscribe }
}

/// The message that this is: the named one, or the first that accepts it. Otherwise the issues, those of the message that
/// it is nearest to.
pub fn accepted<'a>(
    messages: &'a [Message],
    name: Option<&str>,
    headers: Option<&Value>,
    payload: &Value,
) -> Result<&'a Message, (Option<&'a Message>, Vec<Issue>)> {
    let mut nearest: Option<(&Message, Vec<Issue>)> = None;
    for message in messages.iter().filter(|message| name.is_none_or(|name| message.name == name)) {
        let issues = message.check(headers, payload);
        if issues.is_empty() {
            return Ok(message);
        }
        if nearest.as_ref().is_none_or(|(_, before)| issues.len() < before.len()) {
            nearest = Some((message, issues));
        }
    }
    Err(nearest.map_or((None, Vec::new()), |(message, issues)| (Some(message), issues)))
}

/// A message as it is posted and read.
pub fn written(message: &str, headers: Option<&Value>, payload: &Value) -> Value {
    let mut written = json!({ "message": message, "payload": payload });
    if let (Some(map), Some(headers)) = (written.as_object_mut(), headers) {
        map.insert("headers".to_owned(), headers.clone());
    }
    written
}
