//! Tokens that this service gives out and takes back. They are sealed with the platform's secret and kept nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use service_errors::Error;
use sha2::Sha256;
use subtle::ConstantTimeEq;

const MAC_BYTES: usize = 32;

/// A token for `purpose` that carries `carried` in the open, and is good together with `bound` only.
pub fn seal(secret: &[u8; 32], purpose: &str, bound: &[&str], carried: &str) -> Result<String, Error> {
    let mut bytes = mac(secret, purpose, bound, carried)?.to_vec();
    bytes.extend_from_slice(carried.as_bytes());
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What the token carries, if it was sealed for this purpose and together with this.
pub fn open(secret: &[u8; 32], purpose: &str, bound: &[&str], token: &str) -> Result<Option<String>, Error> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
    let Some((given, carried)) = bytes.split_at_checked(MAC_BYTES) else { return Ok(None) };
    let Ok(carried) = std::str::from_utf8(carried) else { return Ok(None) };
    let expected = mac(secret, purpose, bound, carried)?;
    Ok(bool::from(expected.ct_eq(given)).then(|| carried.to_owned()))
}

/// Each part with its length before it, so that no two lists of parts are the same bytes.
fn mac(secret: &[u8; 32], purpose: &str, bound: &[&str], carried: &str) -> Result<[u8; MAC_BYTES], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| Error::internal(error.to_string()))?;
    for part in [purpose].iter().chain(bound).chain(&[carried]) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_purpose_and_place_and_nothing_else() {
        let secret = [1; 32];
        let token = seal(&secret, "rollback", &["acme", "global.security.cors"], "3").unwrap();
        let open = |secret, purpose, bound: &[&str], token: &str| open(&secret, purpose, bound, token).unwrap();

        assert_eq!(open(secret, "rollback", &["acme", "global.security.cors"], &token).as_deref(), Some("3"));
        assert_eq!(open([2; 32], "rollback", &["acme", "global.security.cors"], &token), None);
        assert_eq!(open(secret, "approval", &["acme", "global.security.cors"], &token), None);
        assert_eq!(open(secret, "rollback", &["other", "global.security.cors"], &token), None);
        assert_eq!(open(secret, "rollback", &["acmeglobal", ".security.cors"], &token), None);
        for broken in ["", "AAAA", "%%", &token[1..], &format!("{token}A")] {
            assert_eq!(open(secret, "rollback", &["acme", "global.security.cors"], broken), None, "{broken}");
        }
    }
}
