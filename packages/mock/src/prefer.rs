//! `Prefer: code=404, example=QUOTE_NOT_FOUND, dynamic=true` (RFC 7240): the caller chooses the answer, as with other
//! mocks.

use http::{HeaderMap, HeaderName, HeaderValue};
use operation::Answer;
use serde_json::{Value as Json, json};
use service_errors::{Error, Kind};

use crate::answering::Kept;
use crate::cases::{Cases, Generated};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preferred answer; `None` when nothing is preferred. Fails as it is preferred, or when there is no such answer.
pub(crate) fn answer(fields: &HeaderMap, operation: &Kept, known: &Known<'_>) -> Result<Option<Answer>, Error> {
    let given = preferences(fields);
    let of = |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (code, example, dynamic) = (of("code"), of("example"), of("dynamic") == Some("true"));
    if code.is_none() && example.is_none() && !dynamic {
        return Ok(None);
    }
    let declaration = operation.declaration;
    let status = code.map(str::parse::<u16>).transpose().map_err(|_| unknown(operation, "code"))?;
    let succeeds = status.is_none_or(|status| status == declaration.success);
    let wanted = example.and_then(|example| known.named(operation, example));
    if !succeeds || (example.is_some() && wanted.is_none()) {
        let refused = declaration.all_errors().into_iter().rev().find(|error| {
            let code = declaration.dialect.code(error.kind, error.code);
            status.is_none_or(|status| error.kind.status() == status)
                && example.is_none_or(|example| error.code == example || code == example)
        });
        let rule = if example.is_some() { "example" } else { "code" };
        return Err(refused.map_or_else(|| unknown(operation, rule), |refusal| with_details(Error::from(refusal))));
    }
    let mut answer = match wanted {
        Some(wanted) => body(operation, wanted),
        None if dynamic => known.generated(operation)?,
        None => known.success(operation)?,
    };
    let applied: Vec<String> = given.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if let Ok(applied) = HeaderValue::try_from(applied.join(", ")) {
        answer.headers.insert(APPLIED, applied);
    }
    Ok(Some(answer))
}

/// The answers that are known without behaviour.
pub(crate) struct Known<'a> {
    pub service: &'static str,
    pub cases: &'a Cases,
    pub generated: &'a Generated,
    /// Another for every call, so that a dynamic answer is another each time; the same after a reset.
    pub seed: u64,
}

impl Known<'_> {
    /// An answer as the contract lets expect: an example of its own, a case of the dataset, or a value of its schema.
    pub fn success(&self, operation: &Kept) -> Result<Answer, Error> {
        let status = operation.declaration.success;
        let cases = self.cases.of(self.service, operation.declaration.id);
        let stated =
            operation.examples.iter().chain(cases).find(|(known, _, body)| *known == status && body.is_object());
        match stated.map(|(_, _, value)| value.clone()).or_else(|| self.schematic(operation, None)) {
            Some(value) => Ok(body(operation, value)),
            None if operation.answer.is_none() => Ok(Answer { status, ..Answer::default() }),
            None => Err(nothing(operation)),
        }
    }

    fn generated(&self, operation: &Kept) -> Result<Answer, Error> {
        if operation.answer.is_none() {
            return Ok(Answer { status: operation.declaration.success, ..Answer::default() });
        }
        let value = self.schematic(operation, Some(self.seed)).ok_or_else(|| nothing(operation))?;
        Ok(body(operation, value))
    }

    fn schematic(&self, operation: &Kept, seed: Option<u64>) -> Option<Json> {
        operation.answer.as_ref()?;
        self.generated.body(operation.declaration.id, seed)
    }

    fn named(&self, operation: &Kept, name: &str) -> Option<Json> {
        let cases = self.cases.of(self.service, operation.declaration.id);
        let status = operation.declaration.success;
        let found = operation.examples.iter().chain(cases).find(|(known, id, _)| *known == status && id == name);
        found.map(|(_, _, value)| value.clone())
    }
}

fn nothing(operation: &Kept) -> Error {
    Error::internal(format!("{} has no behaviour, and no value satisfies its schema", operation.declaration.id))
}

fn body(operation: &Kept, body: Json) -> Answer {
    Answer { status: operation.declaration.success, body: body.to_string().into(), ..Answer::default() }
}

/// What a refusal of that kind always tells.
fn with_details(error: Error) -> Error {
    match error.kind() {
        Kind::Validation if error.code() == Kind::Validation.code() => error.with_details(json!({ "issues": [] })),
        Kind::InvalidJson => error.with_details(json!({ "line": 1, "column": 1, "reason": "preferred" })),
        Kind::PayloadTooLarge => error.with_details(json!({ "limitBytes": 0 })),
        _ => error,
    }
}

fn unknown(operation: &Kept, what: &str) -> Error {
    let declaration = operation.declaration;
    let mut codes: Vec<u16> = declaration.all_errors().iter().map(|error| error.kind.status()).collect();
    codes.push(declaration.success);
    codes.sort_unstable();
    codes.dedup();
    let mut names: Vec<&str> = declaration.all_errors().iter().map(|error| error.code).collect();
    names.sort_unstable();
    names.dedup();
    Error::new(Kind::Validation).with_details(json!({ "issues": [{
        "in": "header", "pointer": "/prefer", "rule": what,
        "message": format!("there is no such answer: codes are {codes:?}, examples of refusals {names:?}"),
    }]}))
}

/// Names in small letters, with their values.
pub(crate) fn preferences(fields: &HeaderMap) -> Vec<(String, String)> {
    let texts = fields.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let each = texts.flat_map(|text| text.split([',', ';'])).filter_map(|one| one.split_once('='));
    each.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())).collect()
}
