//! Where a request goes: the path and the query of an event, in each of the forms that events have.

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use service_errors::Kind;

/// What cannot stand in a URI as it is. Gateways give some paths decoded. A `%` stays, because most paths are not.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');
const PATH: &AsciiSet = &QUERY.add(b'?');
/// What stands for itself in a parameter (RFC 3986, 2.3) is not escaped: a caller's signature is of the query as it was.
const PARAMETER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path and the query, as the caller wrote them.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    path: String,
    query: String,
}

impl Target {
    /// Takes them out of an event, which then asks for `/`.
    pub fn take(event: &mut Value) -> Self {
        let context = event.get("requestContext").unwrap_or(&Value::Null);
        let behind_elb = context.get("elb").is_some();
        // An API Gateway of version 2 puts its stage before the path.
        let stage = context.get("http").and(context["stage"].as_str()).unwrap_or("$default").to_owned();
        let mut path = None;
        for name in ["rawPath", "path"] {
            if let Some(value) = event.get_mut(name) {
                path = path.or_else(|| value.as_str().map(str::to_owned));
                *value = "/".into();
            }
        }
        let path = path.unwrap_or_default();
        let below = path.strip_prefix('/').and_then(|rest| rest.strip_prefix(&stage));
        let path = below.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(&path);
        let taken = |event: &mut Value, name: &str| event.as_object_mut()?.remove(name);
        let raw = taken(event, "rawQueryString");
        let single = taken(event, "queryStringParameters");
        let several = taken(event, "multiValueQueryStringParameters");
        let fields = |value: Option<Value>| match value {
            Some(Value::Object(fields)) if !fields.is_empty() => Some(fields),
            _ => None,
        };
        let query = match raw.as_ref().and_then(Value::as_str) {
            Some(raw) => raw.to_owned(),
            None => fields(several).or_else(|| fields(single)).map(|of| written(&of, behind_elb)).unwrap_or_default(),
        };
        Self { path: path.to_owned(), query }
    }

    /// The same as a URI; a path that is none leads nowhere.
    pub fn uri(&self) -> Result<Uri, Kind> {
        let path = if self.path.starts_with('/') { self.path.as_str() } else { "/" };
        let mut uri = utf8_percent_encode(path, PATH).to_string();
        if !self.query.is_empty() {
            uri.push('?');
            uri.extend(utf8_percent_encode(&self.query, QUERY));
        }
        // What is wrong with it now can only be its length.
        Uri::try_from(uri).map_err(|_| Kind::PayloadTooLarge)
    }
}

/// A query string of parameters, which a load balancer leaves as they came and API Gateway has decoded.
fn written(parameters: &Map<String, Value>, raw: bool) -> String {
    let mut pairs = Vec::new();
    for (name, value) in parameters {
        let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().filter_map(Value::as_str) {
            pairs.push(match raw {
                true => format!("{name}={value}"),
                false => format!("{}={}", encoded(name), encoded(value)),
            });
        }
    }
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PARAMETER).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn uri(mut event: Value) -> String {
        Target::take(&mut event).uri().map(|uri| uri.to_string()).unwrap_or_else(|kind| format!("{kind:?}"))
    }

    fn version_2(stage: &str, path: &str, query: &str) -> String {
        uri(json!({ "rawPath": path, "rawQueryString": query, "requestContext": { "stage": stage, "http": {} } }))
    }

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        assert_eq!(version_2("dev", "/dev/booking/v1/bookings", ""), "/booking/v1/bookings");
        assert_eq!(version_2("dev", "/dev", ""), "/");
        assert_eq!(version_2("$default", "/booking/v1/bookings", ""), "/booking/v1/bookings");
        assert_eq!(version_2("book", "/booking/v1/bookings", ""), "/booking/v1/bookings");
        let version_1 = json!({ "path": "/dev/v1/x", "requestContext": { "stage": "dev", "path": "/dev/dev/v1/x" } });
        assert_eq!(uri(version_1), "/dev/v1/x");
    }

    #[test]
    fn what_was_decoded_is_written_as_a_uri_and_what_was_not_stays() {
        assert_eq!(version_2("$default", "/a b/é?#", "x=a b&y=\"é"), "/a%20b/%C3%A9%3F%23?x=a%20b&y=%22%C3%A9");
        assert_eq!(version_2("$default", "/a%20b/%FF%zz//", "x=%2B+&&y"), "/a%20b/%FF%zz//?x=%2B+&&y");
    }

    #[test]
    fn parameters_are_decoded_by_a_gateway_and_left_alone_by_a_load_balancer() {
        let parameters = json!({ "a": ["1 &2", "%3F"], "b+": ["é"] });
        let gateway = json!({ "path": "/", "multiValueQueryStringParameters": parameters, "requestContext": {} });
        assert_eq!(uri(gateway), "/?a=1%20%262&a=%253F&b%2B=%C3%A9");
        let of_a_word = json!({ "origin": ["https://a-b.example/_~"] });
        let gateway = json!({ "path": "/", "multiValueQueryStringParameters": of_a_word, "requestContext": {} });
        assert_eq!(uri(gateway), "/?origin=https%3A%2F%2Fa-b.example%2F_~");
        let raw = json!({ "myKey": "%3FshowAll%3Dtrue" });
        let balancer = json!({ "path": "/", "queryStringParameters": raw, "requestContext": { "elb": {} } });
        assert_eq!(uri(balancer), "/?myKey=%3FshowAll%3Dtrue");
    }

    #[test]
    fn nothing_that_can_be_written_into_a_path_or_a_query_is_more_than_refused() {
        assert_eq!(version_2("$default", "", ""), "/");
        assert_eq!(version_2("$default", ":99999/", "\u{0}"), "/?%00");
        assert_eq!(version_2("$default", &"/a".repeat(40_000), ""), "PayloadTooLarge");
        let strange = json!({ "path": 7, "queryStringParameters": [1], "requestContext": 1 });
        assert_eq!(uri(strange), "/");
    }
}
