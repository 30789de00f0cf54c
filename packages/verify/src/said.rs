//! What an answer says, as text, so that the answers of two hosts can be held against each other byte for byte.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};

/// Header fields of an answer that belong to the connection between a host or a gateway and its caller. The length is one
/// of them also where HEAD is answered: a host may leave it out there (RFC 9110, 8.6), and workerd does.
const OF_THE_HOST: [&str; 5] = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Status, header fields and body, in one order; every byte that is no plain ASCII is escaped. Fields of one name are one
/// field. Fields of the host's connection are left out, and of a request id that the host made, only that it is one is
/// said.
///
/// ```
/// # use bytes::Bytes;
/// # use http::{Request, Response};
/// let request = Request::get("/notes/v1/notes").header("x-request-id", "mine").body(Bytes::new())?;
/// let answer = Response::builder().header("date", "now").header("x-request-id", "mine").body(Bytes::from("\n"))?;
///
/// assert_eq!(verify::said(&request, &answer), "200\n  x-request-id: mine\n  \\n");
/// # Ok::<(), http::Error>(())
/// ```
pub fn said(request: &Request<Bytes>, answer: &Response<Bytes>) -> String {
    let names = answer.headers().keys().filter(|name| !OF_THE_HOST.contains(&name.as_str()));
    let mut fields: Vec<String> = names
        .map(|name| {
            let values: Vec<&[u8]> = answer.headers().get_all(name).iter().map(HeaderValue::as_bytes).collect();
            let value = values.join(&b", "[..]);
            // An id that a host makes is another on each.
            let made = *name == REQUEST_ID && answer.headers().get(name) != request.headers().get(name);
            let value = if made && is_id(&value) { "made".into() } else { value.escape_ascii().to_string() };
            format!("{name}: {value}")
        })
        .collect();
    fields.sort();
    let body = answer.body().escape_ascii();
    format!("{}\n  {}\n  {body}", answer.status().as_u16(), fields.join("\n  "))
}

fn is_id(value: &[u8]) -> bool {
    const LENGTH: usize = 32;
    value.len() == LENGTH && value.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> String {
        let answer = fields.iter().fold(Response::builder(), |answer, (name, value)| answer.header(*name, *value));
        said(&Request::new(Bytes::new()), &answer.body(Bytes::from_static(b"{\"a\":\"\xff\"}")).unwrap())
    }

    #[test]
    fn the_order_of_fields_says_nothing_and_their_values_do() {
        assert_eq!(of(&[("b", "1"), ("a", "2")]), of(&[("a", "2"), ("b", "1"), ("date", "now")]));
        assert_ne!(of(&[("a", "1")]), of(&[("a", "2")]));
        assert!(of(&[("a", "1"), ("a", "2")]).contains("a: 1, 2") && of(&[]).ends_with(r#"{\"a\":\"\xff\"}"#));
    }

    #[test]
    fn a_request_id_that_was_made_is_as_good_as_another_and_one_that_is_none_is_shown() {
        let (one, other) = ("0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff");
        assert_eq!(of(&[("x-request-id", one)]), of(&[("x-request-id", other)]));
        assert!(of(&[("x-request-id", "here-1")]).contains("x-request-id: here-1"));
    }
}
