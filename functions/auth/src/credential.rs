//! Credentials of machines: where the record of one is found, and the secret that proves it.
//!
//! A secret has 256 random bits. Nobody tries out so many, so a plain digest keeps it safe, and a check costs nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garde::Validate;
use service_errors::Error;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use validation::types::TenantId;

use crate::secret::Secret;

/// `{tenant}.{id}`: where a record stands. Whoever presents one is not known yet: it is believed only after the secret
/// was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// Whose record it is.
    pub tenant: String,
    /// Its id.
    pub id: String,
}

impl Pointer {
    /// Reads a pointer; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, id) = text.split_once('.')?;
        let tenant = TenantId(tenant.to_owned());
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (is_id && tenant.validate().is_ok()).then(|| Self { tenant: tenant.0, id: id.to_owned() })
    }

    /// Reads `{pointer}.{secret}`.
    pub fn with_secret(text: &str) -> Option<(Self, Secret)> {
        let (pointer, secret) = text.rsplit_once('.')?;
        Some((Self::parse(pointer)?, Secret::new(secret.to_owned())))
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.tenant, self.id)
    }
}

/// A new secret: 32 random bytes in base64url.
pub fn new_secret() -> Result<Secret, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is kept of a secret: its SHA-256.
pub fn digest(secret: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.expose().as_bytes()))
}

/// Whether `digest` was made of this secret, in a time that does not depend on where they differ.
pub fn matches(kept: &str, secret: &Secret) -> bool {
    kept.as_bytes().ct_eq(digest(secret).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_reads_back_as_it_was_written_and_nothing_else_reads_as_one() {
        let id = "0123456789abcdef0123456789abcdef";
        let text = format!("acme.{id}");

        assert_eq!(Pointer::parse(&text).unwrap().to_string(), text);
        for broken in ["", ".", "acme", "acme.1", &format!("a#b.{id}"), &format!("acme.{id}.x"), &format!("acme.G{id}")]
        {
            assert_eq!(Pointer::parse(broken), None, "{broken}");
        }
        let (pointer, secret) = Pointer::with_secret(&format!("{text}.s")).unwrap();
        assert_eq!((pointer.to_string(), secret.expose()), (text, "s"));
    }

    #[test]
    fn only_the_secret_itself_matches_its_digest() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());

        assert!(matches(&digest(&one), &one));
        assert!(!matches(&digest(&one), &other));
        assert!(!matches("", &one));
    }
}
