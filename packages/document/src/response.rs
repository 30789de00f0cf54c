//! The answers of an operation, and checks of an answer against them.

use http::{HeaderMap, StatusCode};

use crate::issue::{Issue, Part};
use crate::media::{Media, covers, essence};
use crate::operation::Operation;
use crate::parameter::Parameter;

/// One of an operation's answers.
#[derive(Debug)]
pub struct Response {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// What the document says about it.
    pub description: String,
    /// Its header fields, all of the style `simple`.
    pub headers: Vec<Parameter>,
    /// Its body in each media type.
    pub content: Vec<Media>,
    /// Where it stands in the document.
    pub pointer: String,
}

impl Response {
    /// The media type that a `Content-Type` means.
    #[must_use]
    pub fn media(&self, content_type: &str) -> Option<&Media> {
        let name = essence(content_type);
        let exact = self.content.iter().find(|media| media.essence() == name);
        exact.or_else(|| self.content.iter().find(|media| covers(&media.essence(), &name)))
    }

    /// The status that is sent for it: the first of a class, 500 for `default`.
    #[must_use]
    pub fn sent(&self) -> StatusCode {
        let class = self.status.get(..1).filter(|_| self.status.to_ascii_uppercase().ends_with("XX"));
        let code = match class {
            Some(class) => format!("{class}00").parse().ok(),
            None => self.status.parse().ok(),
        };
        code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// An answer that is checked.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

impl Operation {
    /// What is declared for a status: itself, its class (`4XX`), or `default`.
    #[must_use]
    pub fn response(&self, status: StatusCode) -> Option<&Response> {
        let class = format!("{}XX", status.as_u16() / 100);
        let find = |key: &str| self.responses.iter().find(|response| response.status.eq_ignore_ascii_case(key));
        find(status.as_str()).or_else(|| find(&class)).or_else(|| find("default"))
    }

    /// All that is wrong with an answer: an undeclared status or media type, header fields, the body.
    #[must_use]
    pub fn check_response(&self, answer: &Answer<'_>) -> Vec<Issue> {
        let Some(response) = self.response(answer.status) else {
            let known: Vec<&str> = self.responses.iter().map(|response| response.status.as_str()).collect();
            let message = format!("the status {} is not declared; {} are", answer.status.as_u16(), known.join(", "));
            return vec![Issue::new(Part::Status, "", "status", message)];
        };
        let mut issues = Vec::new();
        for header in &response.headers {
            let value = joined(answer.headers, &header.name);
            issues.extend(header.check(value.map(|value| header.in_header(&value))));
        }
        let given = answer.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let bodiless = self.method == http::Method::HEAD || answer.status == StatusCode::NOT_MODIFIED;
        if bodiless || response.content.is_empty() {
            return issues;
        }
        match given {
            None if answer.body.is_empty() => {
                issues.push(Issue::new(Part::Body, "", "required", "the answer has no body"));
            }
            None => {
                let message = "the answer has a body and no Content-Type";
                issues.push(Issue::new(Part::Header, "/Content-Type", "required", message));
            }
            Some(given) => match response.media(given) {
                Some(media) => issues.extend(media.check(given, answer.body)),
                None => {
                    let names: Vec<&str> = response.content.iter().map(|media| media.name.as_str()).collect();
                    let message = format!("`{given}` is not declared; {} is", names.join(", "));
                    issues.push(Issue::new(Part::Header, "/Content-Type", "contentType", message));
                }
            },
        }
        issues
    }
}

/// All fields of a name as one list.
pub(crate) fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(","))
}
