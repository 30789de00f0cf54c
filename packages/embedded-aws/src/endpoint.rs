//! The rule of laptops and tests: an AWS endpoint that is not on this machine is refused.

use std::net::IpAddr;

/// An endpoint that is not on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the AWS endpoint {0} is not on this machine, and laptops and tests reach no other: \
     use http://127.0.0.1 with the port that is served here, or the in-process configuration"
)]
pub struct NotLoopback(pub String);

/// Refuses an endpoint that is not an `http` or `https` URL whose host is a loopback address, `localhost` or a name
/// below it.
///
/// # Errors
///
/// [`NotLoopback`], which names the endpoint and the mend.
pub fn refuse_non_loopback(endpoint: &str) -> Result<(), NotLoopback> {
    let uri: Option<http::Uri> = endpoint.parse().ok();
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    match uri.as_ref().and_then(http::Uri::host) {
        Some(host) if is_loopback(host) => Ok(()),
        _ => Err(NotLoopback(endpoint.to_owned())),
    }
}

/// Whether a host, without its port, can only be this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let named = host.eq_ignore_ascii_case("localhost") || bucket_of(host).is_some();
    named || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The bucket in a host such as `labels.localhost`: S3 clients put it there unless they are told otherwise.
pub(crate) fn bucket_of(host: &str) -> Option<&str> {
    const ROOT: &str = ".localhost";
    let (bucket, root) = host.split_at_checked(host.len().checked_sub(ROOT.len())?)?;
    (root.eq_ignore_ascii_case(ROOT) && !bucket.is_empty()).then_some(bucket)
}
