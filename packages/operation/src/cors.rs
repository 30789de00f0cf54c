//! Cross-origin requests (the Fetch standard): an origin is let in by configuration or gets no header at all.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a browser's script may read besides the body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after, etag, location, idempotent-replayed",
);
/// What a browser's script may send.
const ALLOWED: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id");

/// Lets `origin` read the answer.
pub(crate) fn admit(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Answers a preflight for `origin`, whose answer may be kept for `max_age` seconds.
pub(crate) fn preflight(headers: &mut HeaderMap, origin: &HeaderValue, methods: &HeaderValue, max_age: u64) {
    admit(headers, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, max_age.into());
}

/// The header fields that keep an answer from being misused by a browser.
pub fn secure(headers: &mut HeaderMap, production: bool) {
    const FIELDS: [(HeaderName, HeaderValue); 5] = [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("geolocation=(), microphone=(), camera=(), payment=()"),
        ),
    ];
    for (name, value) in FIELDS {
        headers.insert(name, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if production {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains; preload"),
        );
    }
}
