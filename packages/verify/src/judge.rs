//! Whether an answer is what the contract says, and what a request of its kind deserves.

use document::{Answer, Issue, Operation, Part};
use http::{StatusCode, header};
use serde_json::Value;

use crate::client::Exchange;

/// How strictly a contract is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Statuses that HTTP itself gives a meaning (401, 404, 405, 429 …) need not be declared, and a request that keeps
    /// its schema may be refused for other reasons.
    Usual,
    /// Every status is declared, and each kind of refusal has its own: what our own contracts promise.
    Strict,
}

/// What a request deserves.
#[derive(Debug, Clone, PartialEq)]
pub enum Deserves {
    /// Whatever the contract declares.
    Anything,
    /// It keeps the contract: it is not called malformed.
    Consideration,
    /// It breaks one rule: 400, and the answer names the place.
    Refusal(Issue),
    /// Nobody declared the method: 405, and `Allow` names these.
    NoSuchMethod(Vec<String>),
    /// The media type is not taken: 415.
    OtherMediaType,
    /// The body does not parse: 400.
    NotParsed,
    /// The body is over the limit: 413.
    TooLarge,
    /// Nobody known calls: 401.
    Unknown,
    /// What was asked for is not there, or not for this caller: 404.
    Absent,
    /// It succeeds.
    Success,
}

/// Why an answer is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What should have come.
    pub expected: String,
    /// What is wrong, without what came.
    pub wrong: String,
}

/// The complaint about an answer, if there is one.
pub fn judge(
    operation: &Operation,
    exchange: &Exchange,
    deserves: &Deserves,
    strictness: Strictness,
) -> Option<Complaint> {
    let status = exchange.response.status();
    fault(operation, status)
        .or_else(|| undeserved(exchange, deserves, strictness))
        .or_else(|| undeclared(operation, exchange, strictness))
}

/// A server that gives up is never right; only what the contract declares as switched off or down is.
fn fault(operation: &Operation, status: StatusCode) -> Option<Complaint> {
    let declared = matches!(status.as_u16(), 501 | 503)
        && operation.response(status).is_some_and(|response| response.status != "default");
    (status.is_server_error() && !declared).then(|| Complaint {
        expected: "an answer, whatever was sent".to_owned(),
        wrong: "the server failed".to_owned(),
    })
}

fn undeserved(exchange: &Exchange, deserves: &Deserves, strictness: Strictness) -> Option<Complaint> {
    let status = exchange.response.status().as_u16();
    let strict = strictness == Strictness::Strict;
    let complaint = |expected: &str, wrong: String| Some(Complaint { expected: expected.to_owned(), wrong });
    let by_status = |usual: &[u16], wanted: u16| if strict { status == wanted } else { usual.contains(&status) };
    let refused = (400..500).contains(&status);
    let instead = || format!("the status is {status}");
    match deserves {
        Deserves::Consideration => match (strict, status) {
            (true, 400) => {
                let broken = schema_issues(exchange);
                (!broken.is_empty()).then(|| Complaint {
                    expected: "the request keeps its schema, so it is not called invalid".to_owned(),
                    wrong: format!("it is refused for {}", broken.join(", ")),
                })
            }
            (_, 405 | 415) => complaint("the declared method and media type are taken", instead()),
            _ => None,
        },
        Deserves::Refusal(issue) => match (strict, refused) {
            (_, false) => complaint("400: the request breaks its schema", instead()),
            // Before a request is looked at, its caller is; and a path that breaks its rule may lead nowhere.
            // Without a body there is no media type either.
            (true, true) if status == 415 && issue.part == Part::Body && issue.pointer.is_empty() => None,
            (true, true) if status != 400 && status != 413 && !(issue.part == Part::Path && status == 404) => {
                complaint("400: the request breaks its schema", instead())
            }
            (true, true) => unnamed(exchange, issue),
            _ => None,
        },
        Deserves::NoSuchMethod(methods) => {
            if !by_status(&[401, 403, 404, 405, 501], 405) {
                return complaint("405: nobody declared the method", instead());
            }
            let allow = exchange.response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok());
            let named: Vec<&str> = allow.unwrap_or_default().split(',').map(str::trim).collect();
            let missing: Vec<&str> =
                methods.iter().map(String::as_str).filter(|method| !named.contains(method)).collect();
            (status == 405 && !missing.is_empty()).then(|| Complaint {
                expected: format!("405 with `Allow: {}`", methods.join(", ")),
                wrong: match allow {
                    None => "there is no Allow".to_owned(),
                    Some(_) => format!("Allow lacks {}", missing.join(", ")),
                },
            })
        }
        Deserves::OtherMediaType if !by_status(&[400, 401, 403, 404, 406, 409, 412, 415, 422], 415) => {
            complaint("415: the contract takes no such media type", instead())
        }
        Deserves::NotParsed if !by_status(&[400, 401, 403, 404, 409, 412, 415, 422], 400) => {
            complaint("400: the body does not parse", instead())
        }
        Deserves::TooLarge if !by_status(&[400, 401, 403, 404, 413, 415, 422], 413) => {
            complaint("413: the body is over the declared limit", instead())
        }
        Deserves::Unknown if !by_status(&[400, 401, 403, 404], 401) => complaint("401: nobody known calls", instead()),
        Deserves::Unknown if status == 401 && !exchange.response.headers().contains_key(header::WWW_AUTHENTICATE) => {
            complaint("401 with WWW-Authenticate (RFC 9110, section 15.5.2)", "there is no WWW-Authenticate".to_owned())
                .filter(|_| strict)
        }
        Deserves::Absent if !by_status(&[401, 403, 404, 410], 404) => {
            complaint("404: for this caller it is not there", instead())
        }
        Deserves::Success if !(200..400).contains(&status) => complaint("success", instead()),
        _ => None,
    }
}

/// What the contract has against an answer.
fn undeclared(operation: &Operation, exchange: &Exchange, strictness: Strictness) -> Option<Complaint> {
    /// What HTTP itself says, whether or not a document repeats it.
    const OF_HTTP: [u16; 11] = [304, 401, 403, 404, 405, 406, 408, 413, 415, 421, 429];
    let response = &exchange.response;
    let issues = operation.check_response(&Answer {
        status: response.status(),
        headers: response.headers(),
        body: response.body(),
    });
    let tolerated = strictness == Strictness::Usual && OF_HTTP.contains(&response.status().as_u16());
    let wrong: Vec<String> = issues
        .iter()
        .filter(|issue| !(tolerated && issue.part == Part::Status))
        .map(|issue| {
            let place = if issue.pointer.is_empty() { String::new() } else { format!(" {}", issue.pointer) };
            format!("{}{place}: {}", issue.part.name(), issue.message)
        })
        .collect();
    (!wrong.is_empty())
        .then(|| Complaint { expected: "an answer that the contract describes".to_owned(), wrong: wrong.join("\n") })
}

/// The rules of JSON Schema that a refusal of ours names, each with its place.
fn schema_issues(exchange: &Exchange) -> Vec<String> {
    const RULES: [&str; 21] = [
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "oneOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
    ];
    let body: Value = serde_json::from_slice(exchange.response.body()).unwrap_or_default();
    let issues = body.pointer("/error/details/issues").and_then(Value::as_array).into_iter().flatten();
    issues
        .filter(|issue| issue["rule"].as_str().is_some_and(|rule| RULES.contains(&rule)))
        .map(|issue| {
            let text = |name: &str| issue[name].as_str().unwrap_or_default();
            format!("{} {} ({})", text("in"), text("pointer"), text("rule"))
        })
        .collect()
}

/// A refusal that lists issues lists this one.
fn unnamed(exchange: &Exchange, issue: &Issue) -> Option<Complaint> {
    let body: Value = serde_json::from_slice(exchange.response.body()).unwrap_or_default();
    let listed = body.pointer("/error/details/issues").and_then(Value::as_array)?;
    // Names of header fields have no case.
    let wanted = if issue.part == Part::Header { issue.pointer.to_ascii_lowercase() } else { issue.pointer.clone() };
    let near = |place: &str| place.starts_with(&wanted) || wanted.starts_with(place);
    let named =
        listed.iter().any(|listed| listed["in"] == issue.part.name() && listed["pointer"].as_str().is_some_and(near));
    (!named).then(|| Complaint {
        expected: format!("the issues name {} {}", issue.part.name(), issue.pointer),
        wrong: "they do not".to_owned(),
    })
}
