//! Tokens that are good once: for the second step of a log-in, a password reset, an invitation.
//!
//! A token is `{tenant}.{id}.{secret}`, opaque to whoever holds it. What it opens is a record of that id, which keeps
//! a digest of the secret and is erased when the token is used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garde::Validate;
use service_errors::Error;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use validation::types::TenantId;

use crate::secret::Secret;

const BYTES: usize = 32;

/// A token in parts.
pub struct OneTimeToken {
    /// Whose record it opens. Believed only after the secret was checked.
    pub tenant: String,
    /// The record.
    pub id: String,
    secret: [u8; BYTES],
}

impl OneTimeToken {
    /// A new token for the record of this id, which is 32 hexadecimal digits.
    pub fn new(tenant: &str, id: &str) -> Result<Self, Error> {
        let mut secret = [0; BYTES];
        getrandom::fill(&mut secret).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self { tenant: tenant.to_owned(), id: id.to_owned(), secret })
    }

    /// Reads a token; `None` when it cannot be one.
    pub fn parse(text: &Secret) -> Option<Self> {
        let mut parts = text.expose().split('.');
        let (tenant, id, secret) = (TenantId(parts.next()?.to_owned()), parts.next()?, parts.next()?);
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if parts.next().is_some() || tenant.validate().is_err() || !is_id {
            return None;
        }
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { tenant: tenant.0, id: id.to_owned(), secret })
    }

    /// The token as its holder gets it.
    pub fn to_secret(&self) -> Secret {
        Secret::new(format!("{}.{}.{}", self.tenant, self.id, URL_SAFE_NO_PAD.encode(self.secret)))
    }

    /// What is kept of it.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.secret))
    }

    /// Whether this is the token that `digest` was kept of.
    pub fn matches(&self, digest: &str) -> bool {
        self.digest().as_bytes().ct_eq(digest.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_as_it_was_written_and_nothing_else_reads_as_a_token() {
        let id = operation::random_id();
        let token = OneTimeToken::new("acme", &id).unwrap();
        let text = token.to_secret();
        let text = text.expose();
        let read = OneTimeToken::parse(&Secret::new(text.to_owned())).unwrap();

        assert_eq!((read.tenant.as_str(), &read.id), ("acme", &id));
        assert!(read.matches(&token.digest()));
        assert!(!OneTimeToken::new("acme", &id).unwrap().matches(&token.digest()));
        let secret = text.rsplit('.').next().unwrap();
        assert!(!token.digest().contains(secret));
        for broken in [
            String::new(),
            "..".into(),
            format!("{text}."),
            format!("{text}A"),
            format!("acme.{id}"),
            format!("acme.{}.{secret}", &id[1..]),
            format!("acme.{}.{secret}", id.replace(char::is_alphanumeric, "Z")),
            format!("A#.{id}.{secret}"),
        ] {
            assert!(OneTimeToken::parse(&Secret::new(broken.clone())).is_none(), "{broken}");
        }
    }
}
