//! Header fields of answers: which status carries which.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A header field under `components.headers`.
struct Field {
    /// Its name in `components.headers`.
    key: &'static str,
    /// As HTTP writes it.
    name: &'static str,
    description: &'static str,
    schema: fn() -> Value,
    /// Whether every answer that lists it has it.
    required: bool,
}

/// Whatever an operation answers.
const ALWAYS: [&str; 4] = ["RequestId", "RateLimitLimit", "RateLimitRemaining", "RateLimitReset"];

const FIELDS: [Field; 13] = [
    Field {
        key: "Allow",
        name: "Allow",
        description: "The methods this path answers, with a comma between.",
        schema: || json!({ "type": "string" }),
        required: true,
    },
    Field {
        key: "Deprecation",
        name: "Deprecation",
        description: "Since when the operation is deprecated (RFC 9745): `@` and seconds since 1970.",
        schema: || json!({ "type": "string", "pattern": "^@-?[0-9]+$" }),
        required: true,
    },
    Field {
        key: "ETag",
        name: "ETag",
        description: "The version of what is answered: give it as `If-Match` to change exactly that, as `If-None-Match` to \
                      be answered only what is newer.",
        schema: || json!({ "type": "string" }),
        required: true,
    },
    Field {
        key: "Link",
        name: "Link",
        description: "What to call instead, as `<path>; rel=\"successor-version\"` (RFC 5829), if that has a path without parameters.",
        schema: || json!({ "type": "string" }),
        required: false,
    },
    Field {
        key: "Location",
        name: "Location",
        description: "Where it goes on.",
        schema: || json!({ "type": "string", "format": "uri-reference" }),
        required: true,
    },
    Field {
        key: "Replayed",
        name: "Idempotent-Replayed",
        description: "There, and `true`, when this is the answer to an earlier request with the same Idempotency-Key.",
        schema: || json!({ "type": "string", "enum": ["true"] }),
        required: false,
    },
    Field {
        key: "RateLimitLimit",
        name: "X-RateLimit-Limit",
        description: "How many calls the caller has in a window. Missing when a request was refused before it was counted.",
        schema: || json!({ "type": "integer", "minimum": 0 }),
        required: false,
    },
    Field {
        key: "RateLimitRemaining",
        name: "X-RateLimit-Remaining",
        description: "How many of them are left in this window.",
        schema: || json!({ "type": "integer", "minimum": 0 }),
        required: false,
    },
    Field {
        key: "RateLimitReset",
        name: "X-RateLimit-Reset",
        description: "When the window ends, in seconds since 1970.",
        schema: || json!({ "type": "integer", "minimum": 0 }),
        required: false,
    },
    Field {
        key: "RequestId",
        name: "X-Request-Id",
        description: "Names this request in logs: the caller's own, if it is 1 to 128 letters, digits, `-`, `_` and `.`, or a new one.",
        schema: || json!({ "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9._-]+$" }),
        required: true,
    },
    Field {
        key: "RetryAfter",
        name: "Retry-After",
        description: "After how many seconds trying again makes sense.",
        schema: || json!({ "type": "integer", "minimum": 0 }),
        required: false,
    },
    Field {
        key: "Sunset",
        name: "Sunset",
        description: "Until when the operation answers (RFC 8594).",
        schema: || json!({ "type": "string" }),
        required: true,
    },
    Field {
        key: "WwwAuthenticate",
        name: "WWW-Authenticate",
        description: "The scheme of the credentials that are wanted.",
        schema: || json!({ "type": "string" }),
        required: true,
    },
];

/// Those that `answers` refer to, for `components.headers`.
pub(crate) fn components<'a>(answers: impl Iterator<Item = &'a Value>) -> Map<String, Value> {
    let fields = answers.filter_map(|answer| answer["headers"].as_object()).flat_map(Map::keys);
    let used: BTreeSet<&str> = fields.map(String::as_str).collect();
    let header = |field: &Field| json!({ "description": field.description, "required": field.required, "schema": (field.schema)() });
    let used = FIELDS.iter().filter(|field| used.contains(field.name));
    used.map(|field| (field.key.to_owned(), header(field))).collect()
}

/// Those of an answer under this status.
pub(crate) fn of_status(status: u16) -> Map<String, Value> {
    let own: &[&str] = match status {
        301 | 302 | 303 | 307 | 308 => &["Location"],
        401 => &["WwwAuthenticate"],
        405 => &["Allow"],
        429 | 503 => &["RetryAfter"],
        _ => &[],
    };
    named(ALWAYS.iter().chain(own))
}

/// What a success of an operation that honours `Idempotency-Key` has besides.
pub(crate) fn of_replay() -> Map<String, Value> {
    named(["Replayed"].iter())
}

/// What a success has besides that a caller can name the version of.
pub(crate) fn of_version() -> Map<String, Value> {
    named(["ETag"].iter())
}

/// What a success of a deprecated operation has besides. Its errors have them too, but share their description with
/// operations that stay.
pub(crate) fn of_deprecation() -> Map<String, Value> {
    named(["Deprecation", "Link", "Sunset"].iter())
}

fn named<'a>(keys: impl Iterator<Item = &'a &'static str>) -> Map<String, Value> {
    keys.filter_map(|key| FIELDS.iter().find(|field| field.key == *key))
        .map(|field| (field.name.to_owned(), json!({ "$ref": format!("#/components/headers/{}", field.key) })))
        .collect()
}
