//! The head of a request, from the runtime's strings to `http` types; free of the runtime, so its tests run anywhere.

use http::header::{self, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Uri};

/// Where the edge says who is calling. It sets this field itself, whatever the caller sent.
const CONNECTING_ADDRESS: HeaderName = HeaderName::from_static("cf-connecting-ip");
/// Where the pipeline reads it; a caller's own field of this name goes no further.
pub(crate) const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-client-address");

/// A request that no `http::Request` can express, such as one with too long a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Builds the head: origin-form URI as every host gives it, every header field that is one, the client's address.
///
/// A header field the `http` crate cannot hold is left out rather than failing the request: nobody here reads it.
pub fn read_head<'f>(
    method: &str,
    url: &str,
    fields: impl IntoIterator<Item = (&'f str, &'f str)>,
) -> Result<Request<()>, Unreadable> {
    let uri: Uri = url.parse().map_err(|_| Unreadable)?;
    let path = uri.into_parts().path_and_query.unwrap_or(PathAndQuery::from_static("/"));
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|_| Unreadable)?;
    *request.uri_mut() = path.into();

    let headers = request.headers_mut();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes());
        // The runtime leaves the spaces after a value, which are no part of it (RFC 9112, section 5.1).
        let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers.remove(CLIENT_ADDRESS);
    if let Some(address) = headers.get(CONNECTING_ADDRESS).cloned() {
        headers.insert(CLIENT_ADDRESS, address);
    }
    Ok(request)
}

/// Whether a field speaks of the connection it came over (RFC 9110, section 7.6.1): such a one is not passed on.
pub fn is_hop_by_hop(name: &HeaderName, among: &HeaderMap) -> bool {
    const ALWAYS: [HeaderName; 8] = [
        header::CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    let mut nominated = among
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','));
    ALWAYS.contains(name) || nominated.any(|nominated| nominated.trim().eq_ignore_ascii_case(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, is_hop_by_hop, read_head};

    #[test]
    fn the_uri_keeps_path_and_query_alone() {
        let request = read_head("GET", "https://api.example.com:8443/bookings/1?page=2&q=%20#top", []).unwrap();
        assert_eq!(request.uri(), "/bookings/1?page=2&q=%20");
        assert_eq!(read_head("GET", "https://api.example.com", []).unwrap().uri(), "/");
    }

    #[test]
    fn repeated_fields_all_arrive() {
        let request = read_head("POST", "https://a/", [("Cookie", "a=1"), ("cookie", "b=2")]).unwrap();
        assert_eq!(request.headers().get_all("cookie").iter().count(), 2);
    }

    #[test]
    fn a_caller_cannot_choose_its_address() {
        let forged = [("X-Client-Address", "10.0.0.1"), ("CF-Connecting-IP", "203.0.113.9")];
        let request = read_head("GET", "https://a/", forged).unwrap();
        let seen: Vec<_> = request.headers().get_all("x-client-address").iter().collect();
        assert_eq!(seen, ["203.0.113.9"]);

        let request = read_head("GET", "https://a/", [("x-client-address", "10.0.0.1")]).unwrap();
        assert!(!request.headers().contains_key("x-client-address"));
    }

    #[test]
    fn a_field_that_is_none_is_left_out_and_text_beyond_ascii_stays() {
        let request = read_head("GET", "https://a/", [("bad name", "1"), ("x-a", "a\nb"), ("x-b", "é")]).unwrap();
        assert_eq!(request.headers().len(), 1);
        assert_eq!(request.headers()["x-b"].as_bytes(), "é".as_bytes());
    }

    #[test]
    fn spaces_around_a_value_are_no_part_of_it() {
        let request = read_head("GET", "https://a/", [("authorization", "Bearer \t"), ("x-a", " a  b")]).unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer");
        assert_eq!(request.headers()["x-a"], "a  b");
    }

    #[test]
    fn fields_of_one_connection_are_known_also_those_it_names() {
        let fields = [("Connection", "close, X-Token"), ("TE", "trailers"), ("x-token", "1"), ("accept", "*/*")];
        let request = read_head("GET", "https://a/", fields).unwrap();
        let kept = request.headers().keys().filter(|name| !is_hop_by_hop(name, request.headers()));
        assert_eq!(kept.map(AsRef::<str>::as_ref).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn a_head_that_cannot_be_expressed_is_refused() {
        let long = format!("https://a/{}", "x".repeat(70_000));
        assert_eq!(read_head("GET", &long, []).unwrap_err(), Unreadable);
        assert_eq!(read_head("GE T", "https://a/", []).unwrap_err(), Unreadable);
    }
}
