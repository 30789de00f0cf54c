//! The enver at the other end: one request, and its answer or its refusal in words.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use operation::BoxError;
use serde_json::Value;
use verify::Client;

use crate::configuration::ConfigError;

/// Nothing that could be understood came back.
#[derive(Debug, thiserror::Error)]
#[error("{url} does not answer as an enver does: `enver up` starts one, --url or ENVER_URL names another")]
pub struct Unreachable {
    url: String,
    source: BoxError,
}

/// What an enver refused, and what helps.
#[derive(Debug)]
pub struct Refusal {
    pub code: String,
    message: String,
    issues: Vec<String>,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        for issue in &self.issues {
            write!(f, "\n  {issue}")?;
        }
        match mend(&self.code) {
            "" => Ok(()),
            mend => write!(f, "\n{mend}"),
        }
    }
}

fn mend(code: &str) -> &'static str {
    match code {
        "UNAUTHORIZED" => "The token is missing, wrong or expired: log in again and give the new one in ENVER_TOKEN.",
        "FORBIDDEN" => "The token must be an administrator's: of the tenant, or of the platform.",
        "DOCUMENT_NOT_FOUND" => {
            "Documents are named like services.booking.dev.business.pricing or global.security.cors."
        }
        "APPROVAL_REQUIRED" | "APPROVAL_INVALID" => {
            "Another administrator runs `enver config approve` with the same document, keys and ticket; give its token \
             with --approval."
        }
        "CHANGE_TICKET_REQUIRED" => "Give the ticket with --ticket CHG-12345678.",
        "ROLLBACK_TOKEN_INVALID" => "Give the token that the change itself printed, with the same document.",
        "VERSION_CHANGED" => "`enver config history` shows what changed since.",
        "REFERENCE_BROKEN" => {
            "`enver config get --json --own` shows the references; set or unset the keys named above."
        }
        _ => "",
    }
}

/// An enver, and the token to ask it with.
pub struct Remote {
    pub client: Client,
    pub token: String,
}

impl Remote {
    /// The `data` of the answer to a request about the documents.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, ConfigError> {
        let unreachable = |source: BoxError| Unreachable { url: self.client.base().to_owned(), source };
        let token = HeaderValue::try_from(format!("Bearer {}", self.token.trim()));
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/config/v1/documents/{path}"))
            .header(header::AUTHORIZATION, token.map_err(|_| ConfigError::NoToken)?);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = request.body(body).map_err(|error| unreachable(error.into()))?;
        let sent = self.client.send(request).await;
        let response = sent.map_err(|silent| unreachable(silent.into()))?.response;
        let status = response.status();
        let mut answer: Value =
            serde_json::from_slice(response.body()).map_err(|_| unreachable(status.to_string().into()))?;
        if status.is_success() {
            return Ok(answer["data"].take());
        }
        let error = &answer["error"];
        let Some(code) = error["code"].as_str() else { return Err(unreachable(status.to_string().into()).into()) };
        let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let issues = error["details"]["issues"].as_array().into_iter().flatten();
        Err(ConfigError::Refused(Refusal {
            code: code.to_owned(),
            message: words(&error["message"]),
            issues: issues.map(|issue| format!("{} {}", words(&issue["pointer"]), words(&issue["message"]))).collect(),
        }))
    }
}

/// A word of a query.
pub fn escaped(word: &str) -> String {
    word.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
