//! What a step expects of an answer, place by place, for people.

use dataset::{Content, Entities, Node, Step};

use crate::reference::term;

/// One place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `data.status`, or `ETag (header)`.
    pub place: String,
    /// `is "created"`
    pub sentence: String,
}

/// Everything expected beside the status and the code.
pub fn expectations(step: &Step, entities: &Entities) -> Vec<Expectation> {
    let mut rows = Vec::new();
    for (name, node) in &step.expect.headers {
        rows.push(Expectation { place: format!("{} (header)", name.text), sentence: sentence(node, entities) });
    }
    if let Some(body) = &step.expect.body {
        collect(body, "", entities, &mut rows);
    }
    rows
}

fn collect(node: &Node, place: &str, entities: &Entities, rows: &mut Vec<Expectation>) {
    let is_plain = |fields: &[(dataset::Key, Node)]| !fields.iter().any(|(key, _)| key.text.starts_with('$'));
    match &node.content {
        Content::Map(fields) if is_plain(fields) && !fields.is_empty() => {
            for (key, value) in fields {
                let place = if place.is_empty() { key.text.clone() } else { format!("{place}.{}", key.text) };
                collect(value, &place, entities, rows);
            }
        }
        Content::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{place}[{index}]"), entities, rows);
            }
        }
        Content::Map(fields) => {
            rows.push(Expectation { place: named(place), sentence: matcher(fields, entities) });
            for (key, value) in fields.iter().filter(|(key, _)| !key.text.starts_with('$')) {
                collect(value, &format!("{place}.{}", key.text), entities, rows);
            }
        }
        _ => rows.push(Expectation { place: named(place), sentence: sentence(node, entities) }),
    }
}

fn named(place: &str) -> String {
    if place.is_empty() { "the body".to_owned() } else { place.to_owned() }
}

fn sentence(node: &Node, entities: &Entities) -> String {
    match &node.content {
        Content::Map(fields) if fields.iter().any(|(key, _)| key.text.starts_with('$')) => matcher(fields, entities),
        _ => format!("is {}", shown(node, entities)),
    }
}

/// Several hold together.
fn matcher(fields: &[(dataset::Key, Node)], entities: &Entities) -> String {
    let all: Vec<String> = fields.iter().filter_map(|(key, node)| one(&key.text, node, fields, entities)).collect();
    if all.is_empty() { "is there".to_owned() } else { all.join(" and ") }
}

fn one(name: &str, node: &Node, fields: &[(dataset::Key, Node)], entities: &Entities) -> Option<String> {
    let value = || shown(node, entities);
    let items = |joined: &str| match &node.content {
        Content::List(items) => items.iter().map(|item| shown(item, entities)).collect::<Vec<_>>().join(joined),
        _ => value(),
    };
    Some(match name {
        "$absent" => "is absent".to_owned(),
        "$any" => "is anything".to_owned(),
        "$atLeast" => format!("is at least {}", value()),
        "$atMost" => format!("is at most {}", value()),
        "$contains" => format!("has {}", items(" and ")),
        "$each" => format!("has only {}", value()),
        "$from" => format!("is {}", value()),
        "$length" => format!("has the length {}", value()),
        "$like" => format!("has the form of {}", value()),
        "$near" => {
            let within =
                fields.iter().find(|(key, _)| key.text == "$within").map(|(_, within)| shown(within, entities));
            format!("is within {} of {}", within.unwrap_or_else(|| "1".to_owned()), value())
        }
        "$not" => format!("is not {}", value()),
        "$oneOf" => format!("is {}", items(" or ")),
        "$pattern" => format!("matches {}", value()),
        "$type" => match node.text().unwrap_or_default() {
            "string" => "is a text".to_owned(),
            "boolean" => "is true or false".to_owned(),
            "array" => "is a list".to_owned(),
            "null" => "is null".to_owned(),
            kind @ ("integer" | "object") => format!("is an {kind}"),
            kind => format!("is a {kind}"),
        },
        _ => return None,
    })
}

/// A value for people: entities stand as what they are, what a run brings by its name.
fn shown(node: &Node, entities: &Entities) -> String {
    const LONGEST: usize = 120;
    let text = match &node.content {
        Content::Map(fields)
            if fields
                .iter()
                .any(|(key, _)| key.text.starts_with('$') && key.text != "$from" && key.text != "$without") =>
        {
            let like = fields.iter().find(|(key, _)| key.text == "$like");
            like.map_or_else(|| matcher(fields, entities), |(_, node)| shown(node, entities))
        }
        Content::Map(fields) if !fields.iter().any(|(key, _)| key.text.starts_with('$')) => {
            let inner = fields.iter().map(|(key, value)| format!("{} {}", key.text, shown(value, entities)));
            inner.collect::<Vec<_>>().join(", ")
        }
        Content::List(items) => items.iter().map(|item| shown(item, entities)).collect::<Vec<_>>().join(", "),
        _ => term(node, entities).map_or_else(|_| node.json().to_string(), |term| term.to_string()),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
