//! Texts that a caller is given and brings back: opaque, signed, and good only in the place they were signed for. A
//! cursor is one, for its tenant and query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use service_errors::{Error, Kind};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const MAC_BYTES: usize = 16;

/// A text, signed for a place.
pub(crate) fn sign(secret: &[u8; 32], place: &str, text: &str) -> String {
    let mut bytes = mac(secret, place, text).to_vec();
    bytes.extend_from_slice(text.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The text that was signed for this place, if it was.
pub(crate) fn signed(secret: &[u8; 32], place: &str, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (given, text) = bytes.split_at_checked(MAC_BYTES)?;
    let text = std::str::from_utf8(text).ok()?;
    bool::from(mac(secret, place, text).ct_eq(given)).then(|| text.to_owned())
}

/// A cursor after the item with these keys. `query` says what was asked, tenant included.
pub(crate) fn seal(secret: &[u8; 32], query: &str, sort: &str, pk: &str) -> String {
    sign(secret, &cursor_of(query), &format!("{sort}\n{pk}"))
}

/// The keys a cursor stands after. A forged cursor, or one of another query or tenant, is a 400.
pub(crate) fn open(secret: &[u8; 32], query: &str, cursor: &str) -> Result<(String, String), Error> {
    let place = signed(secret, &cursor_of(query), cursor);
    let keys = place.as_deref().and_then(|place| place.split_once('\n'));
    keys.map(|(sort, pk)| (sort.to_owned(), pk.to_owned())).ok_or_else(|| {
        Error::new(Kind::Validation).with_details(serde_json::json!({ "issues": [{
            "in": "query", "pointer": "/cursor", "rule": "cursor", "message": "is not a cursor of this query",
        }]}))
    })
}

fn cursor_of(query: &str) -> String {
    format!("cursor\n{query}")
}

fn mac(secret: &[u8; 32], place: &str, text: &str) -> [u8; MAC_BYTES] {
    let mut short = [0; MAC_BYTES];
    // A key of 32 bytes is always accepted by HMAC-SHA256.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) {
        mac.update(&(place.len() as u64).to_be_bytes());
        mac.update(place.as_bytes());
        mac.update(text.as_bytes());
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

    #[test]
    fn a_signed_text_is_good_in_its_place_and_nowhere_else() {
        let secret = [1; 32];
        let token = sign(&secret, "quote\nacme", "price 5");

        assert_eq!(signed(&secret, "quote\nacme", &token).as_deref(), Some("price 5"));
        for (place, token) in [("quote\nother", token.as_str()), ("quote\nacm", &token), ("quote\nacme", &token[2..])] {
            assert_eq!(signed(&secret, place, token), None, "{place} {token}");
        }
    }
}
