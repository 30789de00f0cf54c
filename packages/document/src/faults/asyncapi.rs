//! AsyncAPI documents: channels, their parameters, operations and messages.

use serde_json::Value;

use super::paths::names;
use super::words::{listed, meant};
use super::{Finder, What};
use crate::path::Path;

pub fn document(finder: &mut Finder<'_>) {
    let top = Path::At("");
    let Some(root) = finder.document.root().as_object() else { return };
    if let Some(value) = root.get("channels") {
        let at = &Path::Key(&top, "channels");
        for (name, value) in finder.object(value, at, format_args!("`channels`")).into_iter().flatten() {
            if !name.starts_with("x-") {
                channel(finder, name, value, &Path::Key(at, name));
            }
        }
    }
    let Some(components) = root.get("components") else { return };
    let at = Path::Key(&top, "components");
    let Some(components) = finder.object(components, &at, format_args!("`components`")) else { return };
    for (key, what) in [
        ("schemas", What::Schema),
        ("messages", What::Message),
        ("messageTraits", What::Message),
        ("parameters", What::ChannelParameter),
    ] {
        finder.each(what, components, key, &at);
    }
}

fn channel<'a>(finder: &mut Finder<'a>, name: &str, value: &'a Value, at: &Path<'_>) {
    const FIELDS: [&str; 7] = ["publish", "subscribe", "parameters", "description", "servers", "bindings", "$ref"];
    let (value, followed) = finder.document.resolve(value);
    let followed = followed.map(Path::At);
    let at = followed.as_ref().unwrap_or(at);
    let Value::Object(map) = value else {
        finder.tell(at, || format!("the channel `{name}` is not an object"));
        return;
    };
    for (key, value) in map {
        let at = &Path::Key(at, key);
        match key.as_str() {
            "publish" | "subscribe" => operation(finder, value, at),
            key if FIELDS.contains(&key) || key.starts_with("x-") => {}
            key => finder.tell(at, || {
                format!("`{key}` is no field of a channel: {} are{}", listed(&FIELDS), meant(key, &FIELDS))
            }),
        }
    }
    finder.each(What::ChannelParameter, map, "parameters", at);
    let declared = map.get("parameters").and_then(Value::as_object);
    let names = match names(name) {
        Ok(names) => names,
        Err(why) => return finder.tell(at, || format!("the channel `{name}` {why}")),
    };
    for parameter in names.iter().filter(|name| !declared.is_some_and(|declared| declared.contains_key(**name))) {
        finder.doubt(at, || format!("`{{{parameter}}}` of the channel `{name}` is not among its `parameters`"));
    }
    for parameter in declared.into_iter().flat_map(serde_json::Map::keys).filter(|key| !names.contains(key.as_str())) {
        let above = Path::Key(at, "parameters");
        finder.doubt(&Path::Key(&above, parameter), || format!("the channel `{name}` has no `{{{parameter}}}`"));
    }
}

fn operation<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Some(map) = finder.object(value, at, format_args!("the operation")) else { return };
    if let Some(message) = map.get("message") {
        finder.look(What::Message, message, &Path::Key(at, "message"));
    }
}

pub fn message<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Some(map) = finder.object(value, at, format_args!("the message")) else { return };
    if let Some(alternatives) = map.get("oneOf") {
        let at = &Path::Key(at, "oneOf");
        for (index, value) in finder.list(alternatives, at, format_args!("`oneOf`")).iter().enumerate() {
            finder.look(What::Message, value, &Path::Index(at, index));
        }
    }
    if let Some(traits) = map.get("traits") {
        let at = &Path::Key(at, "traits");
        for (index, value) in finder.list(traits, at, format_args!("`traits`")).iter().enumerate() {
            finder.look(What::Message, value, &Path::Index(at, index));
        }
    }
    let format = map.get("schemaFormat").and_then(Value::as_str).unwrap_or_default();
    for key in ["payload", "headers"] {
        if let Some(schema) = map.get(key).filter(|_| key == "headers" || crate::asyncapi::is_known(format)) {
            finder.look(What::Schema, schema, &Path::Key(at, key));
        }
    }
}

pub fn parameter<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let schema = finder.object(value, at, format_args!("the parameter")).and_then(|map| map.get("schema"));
    if let Some(schema) = schema {
        finder.look(What::Schema, schema, &Path::Key(at, "schema"));
    }
}
