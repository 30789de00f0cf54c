//! OpenAPI documents: path items, operations, parameters, bodies, answers, security.

use std::collections::BTreeSet;

use http::HeaderName;
use serde_json::{Map, Value};

use super::words::{listed, meant, named};
use super::{Finder, What, paths};
use crate::document::Kind;
use crate::path::Path;

/// The fields of a path item that are operations.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a parameter may be in, with the styles that it may have there.
const LOCATIONS: [(&str, &[&str]); 4] = [
    ("path", &["simple", "label", "matrix"]),
    ("query", &["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
    ("header", &["simple"]),
    ("cookie", &["form"]),
];

pub fn document(finder: &mut Finder<'_>) {
    let top = Path::At("");
    let Some(root) = finder.document.root().as_object() else { return };
    security(finder, root, &top);
    paths::paths(finder, root);
    finder.each(What::PathItem, root, "webhooks", &top);
    let Some(components) = root.get("components") else { return };
    let at = Path::Key(&top, "components");
    let Some(components) = finder.object(components, &at, format_args!("`components`")) else { return };
    for (key, what) in [
        ("schemas", What::Schema),
        ("responses", What::Answer),
        ("parameters", What::Parameter),
        ("requestBodies", What::Body),
        ("headers", What::Header),
        ("securitySchemes", What::SecurityScheme),
        ("callbacks", What::Callback),
        ("pathItems", What::PathItem),
    ] {
        finder.each(what, components, key, &at);
    }
}

pub fn path_item<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    const OTHERS: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];
    let Some(map) = finder.object(value, at, format_args!("the path item")) else { return };
    for (key, value) in map {
        let at = &Path::Key(at, key);
        if METHODS.contains(&key.as_str()) {
            operation(finder, value, at);
        } else if key == "parameters" {
            parameters(finder, value, at);
        } else if !OTHERS.contains(&key.as_str()) && !key.starts_with("x-") {
            let meant = meant(key, &[&METHODS[..], &OTHERS].concat());
            let is_misspelt = !meant.is_empty();
            let why =
                || format!("`{key}` is no field of a path: {} are, and what begins with `x-`{meant}", listed(&METHODS));
            match is_misspelt {
                true => finder.tell(at, why),
                // As `tags`, which are those of an operation.
                false => finder.doubt(at, why),
            }
        }
    }
}

pub fn callback<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    for (expression, item) in finder.object(value, at, format_args!("the callback")).into_iter().flatten() {
        if !expression.starts_with("x-") {
            finder.look(What::PathItem, item, &Path::Key(at, expression));
        }
    }
}

fn operation<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Value::Object(map) = value else {
        finder.tell(at, || format!("the operation is not an object but {}", named(value)));
        return;
    };
    match map.get("responses") {
        Some(value) => {
            let at = &Path::Key(at, "responses");
            let value = finder.document.resolve(value).0;
            for (status, value) in finder.object(value, at, format_args!("`responses`")).into_iter().flatten() {
                let at = &Path::Key(at, status);
                if status.starts_with("x-") {
                    continue;
                }
                if !is_status(status) {
                    finder.tell(at, || {
                        format!("`{status}` is no status: one from 100 to 599, 2XX and the like, or `default` is")
                    });
                }
                finder.look(What::Answer, value, at);
            }
        }
        // OpenAPI 3.1 demands it no longer.
        None if finder.document.kind() == Kind::OpenApi30 => {
            finder
                .tell(at, || "the operation has no `responses`: say at least what is answered by `default`".to_owned());
        }
        None => {}
    }
    if let Some(value) = map.get("parameters") {
        parameters(finder, value, &Path::Key(at, "parameters"));
    }
    if let Some(value) = map.get("requestBody") {
        finder.look(What::Body, value, &Path::Key(at, "requestBody"));
    }
    finder.each(What::Callback, map, "callbacks", at);
    security(finder, map, at);
}

/// Whether answers can stand under this; many write `2xx`.
fn is_status(status: &str) -> bool {
    status == "default"
        || status.len() == 3 && status.starts_with(['1', '2', '3', '4', '5']) && {
            let rest = &status[1..];
            rest.eq_ignore_ascii_case("xx") || rest.bytes().all(|byte| byte.is_ascii_digit())
        }
}

fn parameters<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let mut known = BTreeSet::new();
    let value = finder.document.resolve(value).0;
    for (index, value) in finder.list(value, at, format_args!("`parameters`")).iter().enumerate() {
        let at = &Path::Index(at, index);
        finder.look(What::Parameter, value, at);
        let Some((location, name)) = place(finder.document.resolve(value).0) else { continue };
        if !known.insert((location, name)) {
            finder.tell(at, || format!("there is another parameter `{name}` in {location} before it: leave one out"));
        }
    }
}

/// Where a parameter stands, and its name.
pub fn place(value: &Value) -> Option<(&str, &str)> {
    Some((value.get("in")?.as_str()?, value.get("name")?.as_str()?))
}

pub fn parameter<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Some(map) = finder.object(value, at, format_args!("the parameter")) else { return };
    let Some(name) = map.get("name").and_then(Value::as_str) else {
        finder.tell(at, || "the parameter has no `name`".to_owned());
        return;
    };
    let location = map.get("in").and_then(Value::as_str).unwrap_or("nowhere");
    match LOCATIONS.iter().find(|(known, _)| *known == location) {
        Some((_, styles)) => style(finder, map, styles, at),
        None => finder.tell(at, || {
            let mend = match location {
                "body" | "formData" => "; a body is described by `requestBody`".to_owned(),
                other => meant(other, &LOCATIONS.map(|(known, _)| known)),
            };
            format!("the parameter `{name}` is in {location}; it can be in path, query, header or cookie{mend}")
        }),
    }
    if location == "header" && HeaderName::from_bytes(name.as_bytes()).is_err() {
        finder.tell(at, || format!("`{name}` cannot be the name of a header field"));
    }
    described(finder, map, at, &format!("the parameter `{name}`"));
}

pub fn header<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Some(map) = finder.object(value, at, format_args!("the header field")) else { return };
    style(finder, map, &["simple"], at);
    described(finder, map, at, "the header field");
}

fn style(finder: &mut Finder<'_>, map: &Map<String, Value>, allowed: &[&str], at: &Path<'_>) {
    let Some(value) = map.get("style") else { return };
    let style = value.as_str().unwrap_or_else(|| named(value));
    if !allowed.contains(&style) {
        let at = Path::Key(at, "style");
        let why = || format!("`{style}` is no style here; {} can be{}", listed(allowed), meant(style, allowed));
        match LOCATIONS.iter().any(|(_, styles)| styles.contains(&style)) {
            // Somewhere else it is one; here the usual one is taken.
            true => finder.doubt(&at, why),
            false => finder.tell(&at, why),
        }
    }
}

/// What a parameter or a header field holds: a schema, or one media type; without, anything. Of both the media type
/// counts; that one in a path is required goes without saying.
fn described<'a>(finder: &mut Finder<'a>, map: &'a Map<String, Value>, at: &Path<'_>, what: &str) {
    if let Some(schema) = map.get("schema") {
        finder.look(What::Schema, schema, &Path::Key(at, "schema"));
    }
    content(finder, map, at);
    if !map.contains_key("schema") && !map.contains_key("content") {
        finder.doubt(at, || format!("{what} has neither `schema` nor `content`, so nobody knows what it holds"));
    }
}

pub fn body<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    if let Some(map) = finder.object(value, at, format_args!("the body")) {
        content(finder, map, at);
    }
}

pub fn answer<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    let Some(map) = finder.object(value, at, format_args!("the answer")) else { return };
    content(finder, map, at);
    finder.each(What::Header, map, "headers", at);
    for name in map.get("headers").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            let at = Path::Key(at, "headers");
            finder.tell(&Path::Key(&at, name), || format!("`{name}` cannot be the name of a header field"));
        }
    }
}

fn content<'a>(finder: &mut Finder<'a>, map: &'a Map<String, Value>, at: &Path<'_>) {
    let Some(value) = map.get("content") else { return };
    let at = Path::Key(at, "content");
    let value = finder.document.resolve(value).0;
    for (name, value) in finder.object(value, &at, format_args!("`content`")).into_iter().flatten() {
        let at = Path::Key(&at, name);
        let schema = finder
            .object(value, &at, format_args!("what stands under a media type"))
            .and_then(|media| media.get("schema"));
        if let Some(schema) = schema {
            finder.look(What::Schema, schema, &Path::Key(&at, "schema"));
        }
    }
}

fn security<'a>(finder: &mut Finder<'a>, map: &'a Map<String, Value>, at: &Path<'_>) {
    let Some(value) = map.get("security") else { return };
    let declared = finder.document.root().pointer("/components/securitySchemes");
    let at = Path::Key(at, "security");
    for (index, alternative) in finder.list(value, &at, format_args!("`security`")).iter().enumerate() {
        let at = Path::Index(&at, index);
        for name in finder.object(alternative, &at, format_args!("the requirement")).into_iter().flat_map(Map::keys) {
            if declared.and_then(|declared| declared.get(name)).is_none() {
                finder.tell(&Path::Key(&at, name), || {
                    format!("the security scheme `{name}` is not in components/securitySchemes")
                });
            }
        }
    }
}

pub fn security_scheme<'a>(finder: &mut Finder<'a>, value: &'a Value, at: &Path<'_>) {
    const TYPES: [&str; 5] = ["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"];
    let Some(map) = finder.object(value, at, format_args!("the security scheme")) else { return };
    let kind = map.get("type").and_then(Value::as_str).unwrap_or("nothing");
    if !TYPES.contains(&kind) {
        finder.tell(at, || {
            format!("`{kind}` is no type of security scheme; {} are{}", listed(&TYPES), meant(kind, &TYPES))
        });
    }
}
