//! References from one document into others: `config://tenant/…`, `config://global/…` and `{{config:/…}}`, which may
//! stand within a longer text. They are kept as written and resolved when a document is read.

use policy::PLATFORM_TENANT;
use serde_json::{Value as Json, json};

use crate::scope::effective;
use crate::state::State;
use crate::value::to_json;

/// References that lead to references go no further than this.
const DEPTH: usize = 8;

/// A value with its references resolved for a tenant, and the issues of those that lead nowhere.
pub fn resolved(state: &State, tenant: &str, value: &Json, at: &str, depth: usize, faults: &mut Vec<Json>) -> Json {
    match value {
        Json::String(text) => of_text(state, tenant, text, at, depth, faults),
        Json::Array(items) => {
            let each = items.iter().enumerate();
            each.map(|(n, item)| resolved(state, tenant, item, &format!("{at}/{n}"), depth, faults)).collect()
        }
        Json::Object(fields) => {
            let each = fields.iter().map(|(key, field)| {
                let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                (key.clone(), resolved(state, tenant, field, &place, depth, faults))
            });
            Json::Object(each.collect())
        }
        other => other.clone(),
    }
}

fn of_text(state: &State, tenant: &str, text: &str, at: &str, depth: usize, faults: &mut Vec<Json>) -> Json {
    const OPEN: &str = "{{config:";
    let mut found = |whose: &str, kind: &str, path: &str| match target(state, whose, kind, path) {
        Some(value) if depth < DEPTH => resolved(state, tenant, &value, at, depth + 1, faults),
        _ => {
            let message = "must lead to a value of a document";
            faults.push(json!({ "in": "body", "pointer": at, "rule": "reference", "message": message }));
            Json::Null
        }
    };
    if let Some((scope, path)) = text.strip_prefix("config://").and_then(|rest| rest.split_once('/')) {
        let whose = if scope == "global" { PLATFORM_TENANT } else { tenant };
        return match path.strip_prefix("global/") {
            Some(path) => found(whose, "global", path),
            None => found(whose, "services", path),
        };
    }
    let (mut written, mut rest) = (String::new(), text);
    while let Some((before, (path, after))) =
        rest.split_once(OPEN).and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
    {
        let (kind, path) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        let value = found(tenant, kind, path);
        if before.is_empty() && after.is_empty() && written.is_empty() {
            return value;
        }
        written.push_str(before);
        written.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        rest = after;
    }
    Json::String(written + rest)
}

/// What `path` names in the documents of a tenant.
fn target(state: &State, tenant: &str, kind: &str, path: &str) -> Option<Json> {
    let words = match kind {
        "global" => 2,
        "services" => 4,
        _ => return None,
    };
    let segments: Vec<&str> = path.split('/').collect();
    let (name, keys) = segments.split_at_checked(words)?;
    let document = effective(state, tenant, &format!("{kind}.{}", name.join("."))).get_attr("value").ok()?;
    let pointer: String = keys.iter().map(|key| format!("/{}", key.replace('~', "~0"))).collect();
    to_json(&document).pointer(&pointer).cloned().filter(|value| !value.is_null())
}
