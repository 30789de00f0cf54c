//! Cursors: opaque, signed, and good only for the tenant and the query they came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use service_errors::{Error, Kind};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const MAC_BYTES: usize = 16;

/// A cursor after the item with these keys. `query` says what was asked, tenant included.
pub(crate) fn seal(secret: &[u8; 32], query: &str, sort: &str, pk: &str) -> String {
    let place = format!("{sort}\n{pk}");
    let mut bytes = mac(secret, query, &place).to_vec();
    bytes.extend_from_slice(place.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The keys a cursor stands after. A forged cursor, or one of another query or tenant, is a 400.
pub(crate) fn open(secret: &[u8; 32], query: &str, cursor: &str) -> Result<(String, String), Error> {
    let refused = || {
        Error::new(Kind::Validation).with_details(serde_json::json!({ "issues": [{
            "in": "query", "pointer": "/cursor", "rule": "cursor", "message": "is not a cursor of this query",
        }]}))
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (given, place) = bytes.split_at_checked(MAC_BYTES).ok_or_else(refused)?;
    let place = std::str::from_utf8(place).map_err(|_| refused())?;
    if !bool::from(mac(secret, query, place).ct_eq(given)) {
        return Err(refused());
    }
    let (sort, pk) = place.split_once('\n').ok_or_else(refused)?;
    Ok((sort.to_owned(), pk.to_owned()))
}

fn mac(secret: &[u8; 32], query: &str, place: &str) -> [u8; MAC_BYTES] {
    let mut short = [0; MAC_BYTES];
    // A key of 32 bytes is always accepted by HMAC-SHA256.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) {
        mac.update(b"cursor\n");
        mac.update(query.as_bytes());
        mac.update(b"\n");
        mac.update(place.as_bytes());
        short.copy_from_slice(&mac.finalize().into_bytes()[..MAC_BYTES]);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_query_and_nothing_else() {
        let secret = [1; 32];
        let cursor = seal(&secret, "acme#booking", "2026#BK-1", "acme#booking#BK-1");

        assert_eq!(open(&secret, "acme#booking", &cursor).unwrap().0, "2026#BK-1");
        assert!(open(&secret, "other#booking", &cursor).is_err());
        assert!(open(&[2; 32], "acme#booking", &cursor).is_err());
        for broken in ["", "AAAA", "%%", &cursor[1..], &format!("{cursor}A")] {
            assert!(open(&secret, "acme#booking", broken).is_err(), "{broken}");
        }
    }
}
