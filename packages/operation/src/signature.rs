//! Service-to-service signatures: HMAC-SHA256 over timestamp, method, path with query, and body digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Request};
use service_errors::{Error, Kind};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Base64 of the signature.
pub const SIGNATURE_HEADER: &str = "x-worker-signature";
/// When it was made, in seconds since 1970; a fraction keeps two equal calls in one second apart.
pub const TIMESTAMP_HEADER: &str = "x-worker-timestamp";
/// The calling service's name; it is signed too.
pub const SERVICE_HEADER: &str = "x-worker-service";

/// Signs a request of `service` at `now_micros` (microseconds since 1970) by adding the three header fields.
pub fn sign<B: AsRef<[u8]>>(request: &mut Request<B>, secret: &[u8; 32], service: &str, now_micros: i64) {
    let timestamp = format!("{}.{:06}", now_micros.div_euclid(1_000_000), now_micros.rem_euclid(1_000_000));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let digest = mac(secret, &timestamp, service, request.method().as_str(), &path, request.body().as_ref());
    for (name, value) in [
        (TIMESTAMP_HEADER, timestamp.as_str()),
        (SERVICE_HEADER, service),
        (SIGNATURE_HEADER, &STANDARD.encode(digest)),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers_mut().insert(name, value);
        }
    }
}

/// How old and how far ahead a signature may be, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub max_age: i64,
    pub max_ahead: i64,
}

/// What a signature is checked against.
pub(crate) struct Signed<'a> {
    pub timestamp: &'a str,
    pub service: &'a str,
    pub signature: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a [u8],
}

/// Checks form, age and signature, in this order; the comparison takes constant time.
pub(crate) fn verify(signed: &Signed<'_>, secret: &[u8; 32], now: i64, tolerance: Tolerance) -> Result<(), Error> {
    let refused = |why: &'static str| Err(Error::new(Kind::Unauthorized).with_message(why));
    let plain = !signed.timestamp.is_empty() && signed.timestamp.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds = signed.timestamp.split('.').next().unwrap_or_default().parse::<i64>();
    let (true, Ok(seconds)) = (plain, seconds) else {
        return refused("The signature's timestamp is not a number of seconds.");
    };
    let Some(age) = now.checked_sub(seconds) else {
        return refused("The signature's timestamp is not a time.");
    };
    if age > tolerance.max_age {
        return refused("The signature has expired.");
    }
    if age < -tolerance.max_ahead {
        return refused("The signature's timestamp lies in the future.");
    }
    let expected = mac(secret, signed.timestamp, signed.service, signed.method, signed.path, signed.body);
    let given = STANDARD.decode(signed.signature).unwrap_or_default();
    if bool::from(expected.as_slice().ct_eq(given.as_slice())) {
        return Ok(());
    }
    refused("The signature does not fit the request.")
}

fn mac(secret: &[u8; 32], timestamp: &str, service: &str, method: &str, path: &str, body: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is always accepted by HMAC-SHA256.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return [0; 32] };
    for part in [timestamp, service, method, path] {
        mac.update(part.as_bytes());
        mac.update(b"\n");
    }
    mac.update(&Sha256::digest(body));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];
    const NOW: i64 = 1_800_000_000;
    const TOLERANCE: Tolerance = Tolerance { max_age: 300, max_ahead: 60 };

    fn check(request: &Request<&[u8]>, secret: &[u8; 32], now: i64) -> Result<(), Error> {
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        verify(
            &Signed {
                timestamp: header(TIMESTAMP_HEADER),
                service: header(SERVICE_HEADER),
                signature: header(SIGNATURE_HEADER),
                method: request.method().as_str(),
                path: request.uri().path(),
                body: request.body(),
            },
            secret,
            now,
            TOLERANCE,
        )
    }

    fn signed() -> Request<&'static [u8]> {
        let mut request = Request::post("/config/v1/x").body(b"{}".as_slice()).unwrap();
        sign(&mut request, &SECRET, "booking", NOW * 1_000_000);
        request
    }

    #[test]
    fn a_signature_holds_for_its_own_request_within_its_time() {
        assert!(check(&signed(), &SECRET, NOW).is_ok());
        assert!(check(&signed(), &SECRET, NOW + 300).is_ok());
        assert!(check(&signed(), &SECRET, NOW - 60).is_ok());
        assert!(check(&signed(), &SECRET, NOW + 301).is_err());
        assert!(check(&signed(), &SECRET, NOW - 61).is_err());
        assert!(check(&signed(), &[8; 32], NOW).is_err());
    }

    #[test]
    fn a_signature_covers_method_path_body_and_caller() {
        let mut other = signed();
        *other.method_mut() = http::Method::PUT;
        assert!(check(&other, &SECRET, NOW).is_err());
        let mut other = signed();
        *other.uri_mut() = "/config/v1/y".parse().unwrap();
        assert!(check(&other, &SECRET, NOW).is_err());
        let mut other = signed();
        *other.body_mut() = b"[]";
        assert!(check(&other, &SECRET, NOW).is_err());
        let mut other = signed();
        other.headers_mut().insert(SERVICE_HEADER, HeaderValue::from_static("auth"));
        assert!(check(&other, &SECRET, NOW).is_err());
    }
}
