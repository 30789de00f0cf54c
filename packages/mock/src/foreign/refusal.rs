//! Answers to requests that are not as the document says.

use bytes::Bytes;
use document::{Issue, MediaType, Operation, Security};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::answers::fields;

/// Why a request is refused.
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    what: String,
    issues: Vec<Value>,
    challenge: Option<HeaderValue>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, what: impl Into<String>) -> Self {
        Self { status, code, what: what.into(), issues: Vec::new(), challenge: None }
    }

    /// The same, and everything that is wrong.
    pub fn with_issues(self, issues: &[Issue]) -> Self {
        Self { issues: issues.iter().map(Issue::to_json).collect(), ..self }
    }

    /// All of it as one sentence.
    fn in_words(&self) -> String {
        let issue = |issue: &Value| {
            let text = |key: &str| issue.get(key).and_then(Value::as_str).unwrap_or_default();
            format!("{}{}: {}", text("in"), text("pointer"), text("message"))
        };
        match self.issues.as_slice() {
            [] => self.what.clone(),
            issues => issues.iter().map(issue).collect::<Vec<_>>().join("; "),
        }
    }

    /// As a problem document; or as the envelope or as OAuth has it (RFC 6749, 5.2), where the operation declares that
    /// for the status.
    pub fn answer(self, operation: Option<&Operation>) -> Response<Bytes> {
        let declared = operation.and_then(|operation| operation.response(self.status));
        let media = declared.into_iter().flat_map(|response| &response.content);
        let fitting = media.filter(|media| MediaType::of(&media.name) == MediaType::Json).find_map(|media| {
            let schema = media.schema.as_ref()?;
            let forms = [Self::problem, Self::envelope, Self::oauth];
            let body = forms.into_iter().map(|form| form(&self)).find(|body| schema.accepts(body))?;
            Some((media.sent(), body))
        });
        let (name, body) = fitting.unwrap_or_else(|| ("application/problem+json".to_owned(), self.problem()));
        let mut answer = Response::new(Bytes::from(body.to_string()));
        *answer.status_mut() = self.status;
        if let Some(declared) = declared {
            *answer.headers_mut() = fields(declared, |header| header.required);
        }
        if let Ok(name) = HeaderValue::try_from(name) {
            answer.headers_mut().insert(header::CONTENT_TYPE, name);
        }
        if let Some(challenge) = self.challenge {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }

    fn problem(&self) -> Value {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.what,
            "code": self.code,
        });
        if let Some(map) = problem.as_object_mut().filter(|_| !self.issues.is_empty()) {
            map.insert("issues".to_owned(), Value::Array(self.issues.clone()));
        }
        problem
    }

    fn envelope(&self) -> Value {
        let details = if self.issues.is_empty() { json!({}) } else { json!({ "issues": self.issues }) };
        json!({ "error": { "message": self.what, "code": self.code, "details": details } })
    }

    fn oauth(&self) -> Value {
        let code = if self.status == StatusCode::UNAUTHORIZED { "invalid_client" } else { "invalid_request" };
        json!({ "error": code, "error_description": self.in_words() })
    }
}

/// None of the alternatives of credentials is there.
pub fn unauthorized(missing: &[Vec<Security>]) -> Refusal {
    let mut challenges: Vec<String> = missing.iter().flatten().map(Security::challenge).collect();
    challenges.dedup();
    let names: Vec<String> = missing
        .iter()
        .map(|all| all.iter().map(|security| security.name.as_str()).collect::<Vec<_>>().join(" with "))
        .collect();
    let what = format!("credentials are missing: {}", names.join(", or "));
    let mut refusal = Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", what);
    refusal.challenge = HeaderValue::try_from(challenges.join(", ")).ok();
    refusal
}

/// The request has issues: 415 where it is the media type, 422 where the operation declares that and no 400.
pub fn invalid(operation: &Operation, issues: &[Issue], unsupported: bool) -> Refusal {
    let declares = |status: &str| operation.responses.iter().any(|response| response.status == status);
    let (status, code) = if unsupported {
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE")
    } else if declares("422") && !declares("400") {
        (StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_ERROR")
    } else {
        (StatusCode::BAD_REQUEST, "VALIDATION_ERROR")
    };
    let what = match issues {
        [one] => one.message.clone(),
        many => format!("the request has {} issues", many.len()),
    };
    Refusal::new(status, code, what).with_issues(issues)
}
