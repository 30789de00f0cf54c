//! Errors as schemas: one per code, so that a caller can tell them apart by more than their status.

use operation::Dialect;
use serde_json::{Map, Value, json};
use service_errors::{Kind, Refusal};

use crate::components::reference;
use crate::names::pascal_case;

/// One code of an operation, as its dialect writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code {
    pub status: u16,
    pub code: &'static str,
    pub message: &'static str,
    pub kind: Kind,
    pub oauth: bool,
}

impl Code {
    pub(crate) fn of(refusal: &Refusal, dialect: Dialect) -> Self {
        Self {
            status: refusal.kind.status(),
            code: dialect.code(refusal.kind, refusal.code),
            message: refusal.message,
            kind: refusal.kind,
            oauth: dialect == Dialect::OAuth,
        }
    }

    /// The name of its schema: `QuoteExpiredError`, `OAuthInvalidGrantError`.
    pub(crate) fn schema_name(&self) -> String {
        format!("{}Error", self.name())
    }

    /// Its name within others: `QuoteExpired`.
    pub(crate) fn name(&self) -> String {
        let name = pascal_case(self.code);
        let name = name.strip_suffix("Error").unwrap_or(&name);
        if self.oauth { format!("OAuth{name}") } else { name.to_owned() }
    }

    /// The body of an answer with this code.
    pub(crate) fn schema(&self) -> Value {
        if self.oauth {
            // RFC 6749, section 5.2.
            return json!({
                "type": "object",
                "description": self.message,
                "required": ["error", "error_description"],
                "properties": { "error": { "const": self.code }, "error_description": { "type": "string" } },
            });
        }
        let message = if self.code == self.kind.code() { self.kind.message() } else { self.message };
        json!({
            "type": "object",
            "description": message,
            "required": ["error"],
            "properties": { "error": {
                "type": "object",
                "required": ["message", "code", "details"],
                "properties": {
                    "message": { "type": "string", "description": "For people." },
                    "code": { "const": self.code, "description": "For programs." },
                    "details": self.details(),
                },
                "additionalProperties": false,
            }},
            "additionalProperties": false,
        })
    }

    /// What is known of `details`; there may always be more.
    fn details(&self) -> Value {
        let (required, properties) = match self.kind {
            Kind::InvalidJson => (
                json!(["reason"]),
                json!({
                    "line": { "type": "integer", "minimum": 0 },
                    "column": { "type": "integer", "minimum": 0 },
                    "reason": { "type": "string" },
                }),
            ),
            Kind::Validation if self.code == Kind::Validation.code() => {
                (json!(["issues"]), json!({ "issues": { "type": "array", "items": reference(ISSUE) } }))
            }
            Kind::PayloadTooLarge if self.code == Kind::PayloadTooLarge.code() => {
                (json!(["limitBytes"]), json!({ "limitBytes": { "type": "integer", "minimum": 0 } }))
            }
            Kind::MethodNotAllowed => (json!(["allow"]), json!({ "allow": { "type": "string" } })),
            Kind::BusinessLogic => {
                (json!(["rule"]), json!({ "rule": { "const": self.code, "description": "The rule that refuses." } }))
            }
            _ => return json!({ "type": "object", "additionalProperties": true }),
        };
        json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": true })
    }
}

/// The name of the schema of one issue of a request.
const ISSUE: &str = "Issue";

/// The schemas that errors are built of.
pub(crate) fn shared() -> Map<String, Value> {
    Map::from_iter([(
        ISSUE.to_owned(),
        json!({
            "type": "object",
            "description": "One thing that is wrong with a request.",
            "required": ["in", "pointer", "rule", "message"],
            "properties": {
                "in": { "enum": ["body", "header", "path", "query"], "description": "The part of the request." },
                "pointer": { "type": "string", "description": "The place in it, as a JSON Pointer (RFC 6901)." },
                "rule": { "type": "string", "description": "The keyword of the schema that is broken." },
                "message": { "type": "string", "description": "What is wrong, in words." },
            },
            "additionalProperties": false,
        }),
    )])
}
