//! What a client has to compute, as functions of `${…}`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::scope::rfc3339;

/// Longer than this no filler needs to be.
const MAXIMUM_FILLER: u64 = 8 << 20;
/// Seconds for which a one-time password is good (RFC 6238).
const TOTP_SECONDS: i64 = 30;

/// The functions there are, as they are called.
pub const FUNCTIONS: &[&str] = &[
    "basic(user, password)",
    "date(time)",
    "filler(length)",
    "lower(text)",
    "pkce(verifier)",
    "query(url, name)",
    "sha256(text)",
    "swapped(text)",
    "text(value)",
    "totp(secret[, steps])",
    "unix(time)",
];

/// Calls a function at `now` (milliseconds since 1970).
///
/// # Errors
///
/// What is wrong with the call.
pub fn call(name: &str, arguments: &[Value], now: i64) -> Result<Value, String> {
    let text = |index: usize| {
        let given = arguments.get(index).and_then(Value::as_str);
        given.ok_or_else(|| format!("{name}() needs a text as argument {}", index + 1))
    };
    let seconds = |index: usize| {
        let time = time::OffsetDateTime::parse(text(index)?, &time::format_description::well_known::Rfc3339);
        time.map(time::OffsetDateTime::unix_timestamp).map_err(|_| format!("{name}() needs a time (RFC 3339)"))
    };
    Ok(match name {
        // HTTP basic authentication, as OAuth clients use it.
        "basic" => format!("Basic {}", STANDARD.encode(format!("{}:{}", text(0)?, text(1)?))).into(),
        "date" => rfc3339(seconds(0)?).get(..10).unwrap_or_default().into(),
        "filler" => {
            let length = arguments.first().and_then(Value::as_u64).filter(|length| *length <= MAXIMUM_FILLER);
            let length = length.ok_or_else(|| format!("filler() needs a length of at most {MAXIMUM_FILLER}"))?;
            "x".repeat(usize::try_from(length).unwrap_or_default()).into()
        }
        "lower" => text(0)?.to_lowercase().into(),
        // The challenge of a verifier (RFC 7636, S256).
        "pkce" => URL_SAFE_NO_PAD.encode(Sha256::digest(text(0)?.as_bytes())).into(),
        "query" => query(text(0)?, text(1)?)?.into(),
        "sha256" => data_encoding::HEXLOWER.encode(&Sha256::digest(text(0)?.as_bytes())).into(),
        // Something of the same form that is not the same: the last letter or digit is another one.
        "swapped" => swapped(text(0)?).into(),
        "text" => match arguments.first() {
            Some(Value::String(text)) => text.clone().into(),
            Some(value) => value.to_string().into(),
            None => return Err("text() needs a value".into()),
        },
        "totp" => {
            let ahead = arguments.get(1).and_then(Value::as_i64).unwrap_or_default();
            totp(text(0)?, now.div_euclid(1000).div_euclid(TOTP_SECONDS).saturating_add(ahead))?.into()
        }
        "unix" => seconds(0)?.into(),
        _ => return Err(format!("there is no function {name}(): there are {}", FUNCTIONS.join(", "))),
    })
}

/// A one-time password of six digits (RFC 6238 with SHA-1), as authenticator apps show it.
fn totp(secret: &str, step: i64) -> Result<String, String> {
    let key = BASE32_NOPAD.decode(secret.trim_end_matches('=').as_bytes());
    let key = key.map_err(|_| "totp() needs a secret in base32".to_owned())?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).map_err(|_| "totp() needs a secret".to_owned())?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 0x0f);
    let four: [u8; 4] = digest.get(offset..offset + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
    Ok(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}

/// A parameter of an address's query, decoded.
fn query(url: &str, name: &str) -> Result<String, String> {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let found = pairs.into_iter().find(|(known, _)| known == name).map(|(_, value)| value);
    found.ok_or_else(|| format!("query(): {url:?} has no parameter {name}"))
}

fn swapped(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if let Some(last) = letters.iter_mut().rev().find(|letter| letter.is_ascii_alphanumeric()) {
        *last = match *last {
            '9' => '0',
            '0'..='8' => '9',
            'a' => 'b',
            'A' => 'B',
            letter if letter.is_ascii_lowercase() => 'a',
            _ => 'A',
        };
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_passwords_are_those_of_the_standard() {
        // RFC 6238, appendix B: the secret 12345678901234567890 at second 59, its last six digits.
        assert_eq!(call("totp", &["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into()], 59_000).unwrap(), "287082");
    }

    #[test]
    fn a_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(call("pkce", &[verifier.into()], 0).unwrap(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn what_is_swapped_has_the_same_form() {
        assert_eq!(call("swapped", &["BK-00FF".into()], 0).unwrap(), "BK-00FA");
        assert_eq!(call("swapped", &["e3b9".into()], 0).unwrap(), "e3b0");
    }
}
