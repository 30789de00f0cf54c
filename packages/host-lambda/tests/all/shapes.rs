//! The forms in which gateways hand a request to a function, and take its answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Who hands a request over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An HTTP API of API Gateway, payload format 2.0.
    HttpApi,
    /// The same, under a stage with a name.
    HttpApiStage,
    /// The URL of a function.
    FunctionUrl,
    /// A REST API of API Gateway, payload format 1.0.
    RestApi,
    /// A load balancer.
    Balancer,
    /// A load balancer with multi-value header fields.
    BalancerMulti,
}

/// The address that every caller has.
const CALLER: &str = "127.0.0.1";
const STAGE: &str = "prod";

impl Shape {
    pub const ALL: [Self; 6] =
        [Self::HttpApi, Self::HttpApiStage, Self::FunctionUrl, Self::RestApi, Self::Balancer, Self::BalancerMulti];

    /// Why this form cannot say what the request says; `None` when it can.
    pub fn cannot_say(self, request: &Request<Bytes>) -> Option<&'static str> {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let several = |text: &str| {
            let mut names: Vec<&str> = text.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            names.len() < all
        };
        match self {
            Self::HttpApi | Self::HttpApiStage if !survives_decoding(path) => {
                Some("an HTTP API decodes the path, and what was escaped in it cannot be told any more")
            }
            Self::RestApi if percent_decode_str(query).decode_utf8().is_err() || has_broken_escape(query) => {
                Some("a REST API decodes the query, and what is no text cannot be told any more")
            }
            Self::Balancer if several(query) => {
                Some("a load balancer keeps one value of each name, unless told otherwise")
            }
            _ => None,
        }
    }

    /// The event of a request.
    pub fn event(self, request: &Request<Bytes>) -> Value {
        let mut event = match self {
            Self::HttpApi => version_2(request, "$default", true),
            Self::HttpApiStage => version_2(request, STAGE, true),
            Self::FunctionUrl => version_2(request, "$default", false),
            Self::RestApi => version_1(request),
            Self::Balancer => load_balancer(request, false),
            Self::BalancerMulti => load_balancer(request, true),
        };
        put_body(&mut event, request);
        event
    }

    /// What the gateway makes of a function's result.
    pub fn answer(self, result: &Value) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        let status = result["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        *response.status_mut() = StatusCode::from_u16(status.expect("a status")).expect("a status");
        let fields = match self {
            Self::RestApi | Self::BalancerMulti => &result["multiValueHeaders"],
            _ => &result["headers"],
        };
        let cookies = json!({ "set-cookie": result.get("cookies").unwrap_or(&Value::Null) });
        for (name, value) in fields.as_object().into_iter().chain(cookies.as_object()).flatten() {
            let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            for value in values.iter().filter_map(Value::as_str) {
                let name: HeaderName = name.parse().expect("a field's name");
                response.headers_mut().append(name, HeaderValue::from_str(value).expect("a field's value"));
            }
        }
        let body = result["body"].as_str().unwrap_or_default();
        *response.body_mut() = match result["isBase64Encoded"].as_bool() {
            Some(true) => STANDARD.decode(body).expect("base64").into(),
            _ => Bytes::copy_from_slice(body.as_bytes()),
        };
        response
    }
}

fn version_2(request: &Request<Bytes>, stage: &str, decodes: bool) -> Value {
    let path = request.uri().path();
    let path = match percent_decode_str(path).decode_utf8() {
        Ok(decoded) if decodes => decoded.into_owned(),
        _ => path.to_owned(),
    };
    let path = if stage == "$default" { path } else { format!("/{stage}{path}") };
    let mut fields = Map::new();
    let mut cookies = Vec::new();
    for (name, value) in texts(request) {
        match fields.get_mut(&name) {
            _ if name == "cookie" => cookies.extend(value.split("; ").map(str::to_owned)),
            // It joins fields of one name.
            Some(Value::String(before)) => *before = format!("{before},{value}"),
            _ => drop(fields.insert(name, value.into())),
        }
    }
    let mut event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(), "headers": fields,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a1b2c3d4e5", "domainName": "booking.example", "domainPrefix": "booking",
            "http": { "method": request.method().as_str(), "path": path, "protocol": "HTTP/1.1", "sourceIp": CALLER,
                      "userAgent": "test" },
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "$default", "stage": stage,
            "time": "21/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_248_000_000_u64,
        },
        "isBase64Encoded": false,
    });
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    event
}

fn version_1(request: &Request<Bytes>) -> Value {
    let (path, method) = (request.uri().path(), request.method().as_str());
    let (single, several) = parameters(request.uri().query(), |text| {
        percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    });
    let (fields, all) = both(texts(request));
    json!({
        "resource": "/{proxy+}", "path": path, "httpMethod": method, "headers": fields, "multiValueHeaders": all,
        "queryStringParameters": single, "multiValueQueryStringParameters": several,
        "pathParameters": { "proxy": path }, "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a1b2c3d4e5", "domainName": "booking.example", "httpMethod": method,
            "identity": { "sourceIp": CALLER, "userAgent": "test" }, "path": format!("/{STAGE}{path}"),
            "protocol": "HTTP/1.1", "requestId": "r", "requestTimeEpoch": 1_795_248_000_000_u64, "resourceId": "x",
            "resourcePath": "/{proxy+}", "stage": STAGE,
        },
        "body": null, "isBase64Encoded": false,
    })
}

fn load_balancer(request: &Request<Bytes>, multi: bool) -> Value {
    let (single, several) = parameters(request.uri().query(), str::to_owned);
    let mut sent = texts(request);
    // It adds the address it sees behind those that are said.
    let said = sent.iter().position(|(name, _)| name == "x-forwarded-for").map(|at| sent.remove(at).1);
    sent.push(("x-forwarded-for".into(), said.map_or(CALLER.to_owned(), |said| format!("{said}, {CALLER}"))));
    let (fields, all) = both(sent);
    let mut event = json!({
        "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/1" } },
        "httpMethod": request.method().as_str(), "path": request.uri().path(), "body": "", "isBase64Encoded": false,
    });
    let (headers, parameters) = match multi {
        true => ("multiValueHeaders", "multiValueQueryStringParameters"),
        false => ("headers", "queryStringParameters"),
    };
    event[headers] = if multi { all } else { fields };
    event[parameters] = if multi { several } else { single };
    if !multi && event[parameters].is_null() {
        event[parameters] = json!({});
    }
    event
}

/// Text goes as it is, everything else in base64.
fn put_body(event: &mut Value, request: &Request<Bytes>) {
    if request.body().is_empty() {
        return;
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = kind.starts_with("text/") || kind.starts_with("application/json");
    let (body, in_base64) = match std::str::from_utf8(request.body()) {
        Ok(text) if is_text => (text.to_owned(), false),
        _ => (STANDARD.encode(request.body()), true),
    };
    event["body"] = body.into();
    event["isBase64Encoded"] = in_base64.into();
}

/// The header fields as gateways read them, without the spaces around a value (RFC 9112, 5.1), and the length that every caller says.
fn texts(request: &Request<Bytes>) -> Vec<(String, String)> {
    let fields = request.headers().iter();
    let mut fields: Vec<(String, String)> = fields
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes().trim_ascii()).into_owned()))
        .collect();
    if !request.body().is_empty() {
        fields.push(("content-length".into(), request.body().len().to_string()));
    }
    fields
}

/// Fields by name: the last value of each, and all of them.
fn both(fields: Vec<(String, String)>) -> (Value, Value) {
    let (mut last, mut all) = (Map::new(), Map::new());
    for (name, value) in fields {
        last.insert(name.clone(), value.clone().into());
        let values = all.entry(name).or_insert_with(|| json!([]));
        values.as_array_mut().expect("a list").push(value.into());
    }
    (last.into(), all.into())
}

/// The parameters of a query: the last value of each, and all of them; null without any.
fn parameters(query: Option<&str>, read: impl Fn(&str) -> String) -> (Value, Value) {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs: Vec<_> = pairs.map(|(name, value)| (read(name), read(value))).collect();
    if pairs.is_empty() { (Value::Null, Value::Null) } else { both(pairs) }
}

/// Whether a path still says the same when it was decoded once.
fn survives_decoding(path: &str) -> bool {
    let ambiguous = ["%25", "%2f", "%2F"].iter().any(|escape| path.contains(escape));
    !ambiguous && !has_broken_escape(path) && percent_decode_str(path).decode_utf8().is_ok()
}

fn has_broken_escape(text: &str) -> bool {
    let hex = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    text.match_indices('%').any(|(at, _)| !hex(at + 1) || !hex(at + 2))
}
