//! Answers: the success of an operation and, per status, every error it declares.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use service_errors::{Kind, Refusal};

use crate::OperationContract;
use crate::components::reference;
use crate::errors::{Code, shared};
use crate::headers;

/// Errors of all operations of a service: what they share is written once.
#[derive(Default)]
pub(crate) struct Errors {
    codes: BTreeMap<String, Code>,
    responses: BTreeMap<String, Value>,
}

impl Errors {
    /// Notes the [`codes`] of an operation, so that their schemas are there before names are given.
    pub(crate) fn note(&mut self, codes: &[Code]) {
        for code in codes {
            self.codes.entry(code.schema_name()).or_insert_with(|| code.clone());
        }
    }

    /// The names that their schemas take.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.codes.keys().cloned().chain(shared().keys().cloned()).collect()
    }

    /// Their schemas.
    pub(crate) fn schemas(&self) -> Map<String, Value> {
        let mut schemas = shared();
        schemas.extend(self.codes.iter().map(|(name, code)| (name.clone(), code.schema())));
        schemas
    }

    /// The answers of an operation with these [`codes`], by status; its success is without a body.
    pub(crate) fn of(&mut self, operation: &OperationContract, codes: Vec<Code>) -> Map<String, Value> {
        let facts = operation.declaration;
        let mut fields = headers::of_status(facts.success);
        if facts.idempotent {
            fields.extend(headers::of_replay());
        }
        if facts.deprecated.is_some() {
            fields.extend(headers::of_deprecation());
        }
        let reads = |field: &str| operation.headers["properties"].get(field).is_some();
        if reads("if-match") || reads("if-none-match") {
            fields.extend(headers::of_version());
        }
        let success = json!({ "description": described(facts.success), "headers": fields });
        let mut responses = Map::from_iter([(facts.success.to_string(), success)]);
        if reads("if-none-match") {
            let mut fields = headers::of_status(NOT_MODIFIED);
            fields.extend(headers::of_version());
            if facts.deprecated.is_some() {
                fields.extend(headers::of_deprecation());
            }
            let known = json!({ "description": "The caller has it already.", "headers": fields });
            responses.insert(NOT_MODIFIED.to_string(), known);
        }
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in codes {
            by_status.entry(code.status).or_default().push(code);
        }
        for (status, codes) in by_status {
            responses.insert(status.to_string(), self.response(status, &codes));
        }
        responses
    }

    /// The answers that several operations give, for `components.responses`.
    pub(crate) fn into_shared_responses(self) -> Map<String, Value> {
        self.responses.into_iter().collect()
    }

    /// One or two codes are an answer that others give too; more are this operation's own.
    fn response(&mut self, status: u16, codes: &[Code]) -> Value {
        const SHARED: usize = 2;
        let schema = match codes {
            [only] => reference(&only.schema_name()),
            several => {
                json!({ "oneOf": several.iter().map(|code| reference(&code.schema_name())).collect::<Vec<_>>() })
            }
        };
        let response = |description: String| {
            json!({
                "description": description,
                "headers": headers::of_status(status),
                "content": json_of(schema),
            })
        };
        if codes.len() > SHARED {
            let lines: Vec<_> = codes.iter().map(|code| format!("- `{}`: {}", code.code, code.message)).collect();
            return response(lines.join("\n"));
        }
        let name = codes.iter().map(Code::name).collect::<Vec<_>>().join("Or");
        // One code may have a sentence per operation; a shared answer says the one that fits all of them.
        let known = self.codes.get(&codes[0].schema_name()).unwrap_or(&codes[0]);
        let description = match codes {
            [only] if only.code == only.kind.code() => only.kind.message().to_owned(),
            [_] => known.message.to_owned(),
            several => several.iter().map(|code| format!("`{}`", code.code)).collect::<Vec<_>>().join(" or "),
        };
        self.responses.entry(name.clone()).or_insert_with(|| response(description));
        json!({ "$ref": format!("#/components/responses/{name}") })
    }
}

/// A body in JSON.
pub(crate) fn json_of(schema: Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

const NOT_MODIFIED: u16 = 304;

/// Every code that a caller of this operation can meet, each once, by status and name. 405 is the path's rather than
/// the operation's: it answers the methods that are not there.
pub(crate) fn codes(operation: &OperationContract) -> Vec<Code> {
    let facts = operation.declaration;
    let mut refusals = facts.all_errors();
    refusals.push(Refusal::of(Kind::MethodNotAllowed, Kind::MethodNotAllowed.message()));
    let mut codes: Vec<Code> = refusals.iter().map(|refusal| Code::of(refusal, facts.dialect)).collect();
    // The operation's own sentence stands last in the list and counts for its code.
    codes.reverse();
    codes.sort_by(|one, other| (one.status, one.code).cmp(&(other.status, other.code)));
    codes.dedup_by(|one, other| (one.status, one.code) == (other.status, other.code));
    codes
}

fn described(success: u16) -> &'static str {
    match success {
        201 => "Made.",
        202 => "Taken; it is done later.",
        204 => "Done.",
        300..400 => "Elsewhere.",
        _ => "The answer.",
    }
}
