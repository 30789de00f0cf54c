//! One list of requests for whoever holds hosts against each other: a service has to answer each of them with the same
//! bytes, wherever it runs.
//!
//! It is made of a contract alone, so it is the same everywhere: of each operation the plainest request, those that the
//! contract shows as examples and everything that `verify` expects to be refused, and what hosts are known to disagree
//! about: paths, queries, header fields, bodies and their sizes. Nothing in it was sent before. What the plainest
//! requests of a service and the examples do, they do to it.
//!
//! ```
//! let contract = br#"{"openapi": "3.1.0", "paths": {"/notes/v1/notes": {"get": {"responses": {"200": {}}}}}}"#;
//! let corpus = verify::corpus::of(&document::Api::read(contract)?);
//!
//! assert!(corpus.iter().any(|case| case.request.uri() == "/notes/v1/notes/"));
//! # Ok::<(), document::Unusable>(())
//! ```

use bytes::Bytes;
use document::{Api, Operation};
use http::{HeaderName, HeaderValue, Method, Request, header};

use crate::checks::refusals::{nobodies, other_bodies, other_methods};
use crate::draft::{Content, Draft};
use crate::invalid::violations;
use crate::judge::Strictness;

/// A request, and what is remarkable about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is, for people.
    pub title: String,
    /// The request. Its URI is a path, perhaps with a query; it has no credentials but those that are part of the case.
    pub request: Request<Bytes>,
    /// Whether somebody known should send it: then put their credentials on.
    pub signed: bool,
}

/// Everything that a contract gives to ask.
pub fn of(api: &Api) -> Vec<Case> {
    let mut all = Vec::new();
    for operation in &api.operations {
        of_operation(api, operation, &mut all);
    }
    all.extend(odd(api));
    all
}

/// What hosts are known to disagree about, asked of the first operation that reads and of the first that takes a body.
fn odd(api: &Api) -> Vec<Case> {
    let mut all = Vec::new();
    if let Some(operation) = api.operations.iter().find(|operation| operation.method == Method::GET) {
        let place = operation.template.as_str().split('{').next().unwrap_or("/").trim_end_matches('/');
        all.extend(PATHS.iter().filter_map(|(title, write)| path(title, &write.replace("{}", place))));
        all.extend(QUERIES.iter().filter_map(|query| path("a query", &format!("{place}?{query}"))));
        all.extend(long(place));
        all.extend(FIELDS.iter().filter_map(|(title, fields)| with_fields(title, place, fields)));
        for method in METHODS {
            let request = Request::builder().method(method).uri(place).body(Bytes::new());
            all.extend(request.ok().map(|request| case(&format!("{method} of a list"), request)));
        }
    }
    let takes_body = |operation: &&Operation| operation.body.is_some() && !operation.template.as_str().contains('{');
    if let Some(operation) = api.operations.iter().find(takes_body) {
        let place = operation.template.as_str();
        all.extend(BODIES.iter().filter_map(|(media, body)| with_body(operation, place, media, body)));
    }
    all
}

fn of_operation(api: &Api, operation: &Operation, all: &mut Vec<Case>) {
    let Some(base) = Draft::generated(operation, 0) else { return };
    let mut add = |title: &str, draft: &Draft, signed: bool| {
        let title = format!("{}: {title}", operation.id);
        all.extend(draft.request(operation).map(|request| Case { title, request, signed }));
    };
    for violation in violations(operation, &base) {
        add(&violation.title(), &violation.draft, true);
    }
    for asked in other_bodies(operation, &base).iter().chain(&other_methods(api, operation, &base)) {
        add(&asked.title, &asked.draft, true);
    }
    for asked in nobodies(operation, &base, Strictness::Strict) {
        add(&asked.title, &asked.draft, false);
    }
    add("the plainest request", &base, true);
    for (title, draft) in examples(operation, &base) {
        add(&title, &draft, true);
    }
}

/// A request with each body that the contract shows, which is how the dataset's cases stand in it.
fn examples(operation: &Operation, base: &Draft) -> Vec<(String, Draft)> {
    let bodies = operation.body.iter().flat_map(|body| body.content.iter().enumerate());
    let shown = bodies.flat_map(|(index, media)| {
        media.examples.iter().map(move |(name, value)| {
            let body = Some(Content::Value(index, value.clone()));
            (format!("the example {name}"), Draft { body, ..base.clone() })
        })
    });
    shown.filter(|(_, draft)| draft.body != base.body).collect()
}

/// Methods that no contract of ours declares.
const METHODS: [&str; 4] = ["HEAD", "OPTIONS", "TRACE", "PURGE"];

/// Paths; `{}` is a list that is there.
const PATHS: &[(&str, &str)] = &[
    ("a slash at the end", "{}/"),
    ("an empty segment", "{}//"),
    ("an empty segment first", "/{}"),
    ("a path of nobody", "{}/nothing/at/all"),
    ("dots", "{}/../nothing"),
    ("dots that lead to a list", "/nothing/..{}"),
    ("a dot", "{}/."),
    ("escaped dots", "{}/%2e%2e/nothing"),
    ("an escaped slash", "{}/a%2Fb"),
    ("an escaped percent sign", "{}/a%25b"),
    ("an escaped percent sign that escapes", "{}/a%2541"),
    ("an escape in small letters", "{}/a%c3%a9"),
    ("an escape that is no text", "{}/a%FF"),
    ("an escaped zero", "{}/a%00"),
    ("half an escape", "{}/a%4"),
    ("an escape that is none", "{}/a%zz"),
    ("a percent sign alone", "{}/%"),
    ("an escaped space", "{}/a%20b"),
    ("a plus", "{}/a+b"),
    ("an escaped plus", "{}/a%2Bb"),
    ("an escaped question mark", "{}/a%3Fb"),
    ("an escaped number sign", "{}/a%23b"),
    ("sub-delimiters", "{}/!$&'()*,;=:@"),
    ("a parameter of the path", "{};a=1"),
    ("a tilde", "{}/~a"),
    ("braces", "{}/{a}"),
    ("another language", "{}/%E0%B0%B0%E0%B1%88%E0%B0%B2%E0%B1%81"),
    ("capital letters", "/NOTHING/V1/THINGS"),
];

/// What stands behind the question mark.
const QUERIES: &[&str] = &[
    "",
    "&",
    "a",
    "a=",
    "=a",
    "=",
    "a=1&a=2",
    "pageSize=1&pageSize=2",
    "pageSize=many",
    "pageSize=1.5",
    "pageSize=",
    "pageSize=%31",
    "page%53ize=1",
    "pageSize=+1",
    "pageSize=%201",
    "a=1+2",
    "a=1%202",
    "a=1%2B2",
    "a=%26b=2",
    "a=%3D",
    "a=b=c",
    "a=%FF",
    "a=%zz",
    "a=%",
    "a=%00",
    "a=?/:@",
    "a;b=1",
    "a[]=1&a[]=2",
    "a[b]=1",
    "cursor=%F0%9F%9A%9A",
    "b=2&a=1",
    "a=1&&b=2",
];

/// A name and what is sent under it.
type Field = (&'static str, &'static [u8]);

/// Header fields.
const FIELDS: &[(&str, &[Field])] = &[
    ("a request id", &[("x-request-id", b"id-1")]),
    ("a request id in odd letters", &[("x-request-id", b"a b<c>")]),
    ("a request id that is no ASCII", &[("x-request-id", "\u{e9}".as_bytes())]),
    ("an accepted type that is not there", &[("accept", b"image/png")]),
    ("accepted types", &[("accept", b"text/html, application/json;q=0.9, */*;q=0.1")]),
    ("an accepted encoding", &[("accept-encoding", b"gzip, br")]),
    ("an accepted language", &[("accept-language", b"te")]),
    ("a type without a body", &[("content-type", b"application/json")]),
    ("no scheme", &[("authorization", b"abc")]),
    ("a scheme alone", &[("authorization", b"Bearer")]),
    ("an empty token", &[("authorization", b"Bearer ")]),
    ("a scheme in small letters", &[("authorization", b"bearer nobody.issued.this")]),
    ("two spaces", &[("authorization", b"Bearer  nobody.issued.this")]),
    ("a token with a comma", &[("authorization", b"Bearer nobody,issued")]),
    ("a token that is no ASCII", &[("authorization", b"Bearer \xc3\xa9.\xc3\xa9.\xc3\xa9")]),
    ("empty credentials", &[("authorization", b"")]),
    ("an API key of nobody", &[("authorization", b"Bearer ek_nobody")]),
    ("an origin of nobody", &[("origin", b"https://elsewhere.example")]),
    ("an origin that is none", &[("origin", b"null")]),
    ("a cookie", &[("cookie", b"a=1; b=2")]),
    ("a cookie that is none", &[("cookie", b";;=;\"")]),
    ("a version", &[("if-match", b"\"1\"")]),
    ("versions", &[("if-match", b"W/\"1\", *")]),
    ("an idempotency key", &[("idempotency-key", b"key-1")]),
    ("an idempotency key that is empty", &[("idempotency-key", b"")]),
    ("an address that a host writes", &[("x-client-address", b"192.0.2.9")]),
    ("addresses that gateways write", &[("x-forwarded-host", b"elsewhere.example"), ("forwarded", b"for=192.0.2.9")]),
    ("another method in a field", &[("x-http-method-override", b"DELETE")]),
    ("a trace", &[("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]),
    ("a signature of nobody", &[("x-worker-timestamp", b"1"), ("x-worker-signature", b"AAAA")]),
    ("a field that nobody knows", &[("x-unheard-of", b"a,b;c=\"d\"")]),
    ("tabs and spaces", &[("x-unheard-of", b"a\tb  c")]),
];

/// Bodies, each under a type; an empty type is not sent.
const BODIES: &[(&str, &[u8])] = &[
    ("", b"{}"),
    ("application/json", b""),
    ("application/json", b"   "),
    ("application/json", b"null"),
    ("application/json", b"[]"),
    ("application/json", b"\"text\""),
    ("application/json", b"1e999"),
    ("application/json", b"\xef\xbb\xbf{}"),
    ("application/json", b"\xff\xfe{\0}\0"),
    ("application/json", b"{\"a\":1,\"a\":2}"),
    ("application/json", b"{\"a\":\"\\ud800\"}"),
    ("application/json", b"{\"a\":\"\\u0000\"}"),
    ("application/json", b"{\"a\":\"\x01\"}"),
    ("application/json", b"{'a':1}"),
    ("application/json", b"{\"a\":1,}"),
    ("application/json", b"{\"\xf0\x9f\x9a\x9a\":1}"),
    ("application/json; charset=utf-8", b"{}"),
    ("application/json; charset=utf-16", b"{}"),
    ("application/json;charset=\"UTF-8\"", b"{}"),
    ("APPLICATION/JSON", b"{}"),
    ("application/json, text/plain", b"{}"),
    ("application/problem+json", b"{}"),
    ("application/x-www-form-urlencoded", b"a=1&b=%FF"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--"),
    ("text/plain", b"{}"),
    ("application/octet-stream", b"\0\xff\x80"),
    ("nonsense", b"{}"),
    ("/", b"{}"),
];

fn path(title: &str, path: &str) -> Option<Case> {
    let request = Request::get(path).body(Bytes::new()).ok()?;
    Some(case(&format!("{title}: {path:.80}"), request))
}

/// What is longer than usual, and still taken by every gateway.
fn long(place: &str) -> Vec<Case> {
    const LONG: usize = 4000;
    let letters = "a".repeat(LONG);
    let deep = [b"[".repeat(LONG), b"]".repeat(LONG)].concat();
    let places = [format!("{place}/{letters}"), format!("{place}{}", "/a".repeat(100)), format!("{place}?a={letters}")];
    let mut all: Vec<Case> = places.iter().filter_map(|long| path("something long", long)).collect();
    for name in ["x-request-id", "authorization", "idempotency-key", "cookie", "x-unheard-of"] {
        all.extend(with_fields(&format!("a long {name}"), place, &[(name, letters.as_bytes())]));
    }
    let deep = Request::post(place).header(header::CONTENT_TYPE, "application/json").body(Bytes::from(deep));
    all.extend(deep.ok().map(|request| case("a deep body", request)));
    all
}

fn with_fields(title: &str, place: &str, fields: &[(&str, &[u8])]) -> Option<Case> {
    let mut request = Request::get(place).body(Bytes::new()).ok()?;
    for (name, value) in fields {
        request.headers_mut().append(HeaderName::try_from(*name).ok()?, HeaderValue::from_bytes(value).ok()?);
    }
    // Credentials that are the case itself stay.
    let signed = !request.headers().contains_key(header::AUTHORIZATION);
    Some(Case { signed, ..case(title, request) })
}

fn with_body(operation: &Operation, place: &str, media: &str, body: &'static [u8]) -> Option<Case> {
    let mut request = Request::builder().method(&operation.method).uri(place).body(Bytes::from_static(body)).ok()?;
    if !media.is_empty() {
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::try_from(media).ok()?);
    }
    Some(case(&format!("{}: {media} {:?}", operation.id, String::from_utf8_lossy(body)), request))
}

fn case(title: &str, request: Request<Bytes>) -> Case {
    Case { title: title.to_owned(), request, signed: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_written_down_is_asked() {
        let text = br#"{"openapi": "3.1.0", "paths": {"/notes": {
            "get": {"responses": {"200": {}}},
            "post": {"requestBody": {"content": {"application/json": {"schema": {"type": "string", "maxLength": 3},
                "examples": {"one": {"value": "a"}, "two": {"value": "ab"}}}}},
                "responses": {"201": {}}}}}}"#;
        let api = Api::read(text).unwrap();

        let long = long("/notes").len();
        assert_eq!(long, 9);
        assert_eq!(odd(&api).len(), PATHS.len() + QUERIES.len() + FIELDS.len() + METHODS.len() + BODIES.len() + long);
        let all = of(&api);
        let named = |part: &str| all.iter().filter(|case| case.title.contains(part)).count();
        assert_eq!((named("breaks maxLength"), named("which nobody declared"), named("plainest")), (1, 3, 2));
        assert_eq!((named("the example one"), named("the example two")), (0, 1), "the first is the plainest request");
    }

    #[test]
    fn it_is_the_same_every_time() {
        let text = br#"{"openapi": "3.1.0", "paths": {"/notes": {"get": {"responses": {"200": {}}}}}}"#;
        let told = || format!("{:?}", of(&Api::read(text).unwrap()));
        assert_eq!(told(), told());
    }
}
