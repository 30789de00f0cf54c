//! Secrets that are needed again as they are, so that a digest of them would not do: they are kept encrypted
//! (ChaCha20-Poly1305, RFC 8439) under a key that is derived from the platform's secret. Whoever reads the table alone
//! reads none of them, and a sealed secret opens only in the place it was sealed for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use service_errors::Error;
use sha2::Sha256;

use crate::secret::Secret;

/// What every sealed text begins with; the number says how it was sealed. A text without it was kept before there was a
/// seal, and is the secret itself.
const MARK: &str = "sealed.1.";
const NONCE: usize = 12;

/// What secrets are sealed with.
pub struct Seal {
    cipher: ChaCha20Poly1305,
    /// Tells the key from that of another platform secret.
    key_id: String,
}

impl Seal {
    /// The seal of a platform by its secret.
    pub fn new(platform: &[u8; 32]) -> Result<Self, Error> {
        let key = derived(platform, "auth\nsealed\n1")?;
        let id = derived(&key, "id")?;
        let key_id = id.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { cipher: ChaCha20Poly1305::new(&key.into()), key_id })
    }
}

/// A sealed secret, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(Secret);

impl Sealed {
    /// Seals a secret for one place: whose it is, and what for.
    pub fn new(secret: &Secret, seal: &Seal, place: &str) -> Result<Self, Error> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::internal(error.to_string()))?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: place.as_bytes() };
        let encrypted = seal.cipher.encrypt(&nonce.into(), payload);
        let encrypted = encrypted.map_err(|_| Error::internal("a secret is too long to be sealed"))?;
        let text = URL_SAFE_NO_PAD.encode([&nonce[..], &encrypted].concat());
        Ok(Self(Secret::new(format!("{MARK}{}.{text}", seal.key_id))))
    }

    /// The secret. Fails when it was sealed with another platform's secret, or for another place.
    pub fn open(&self, seal: &Seal, place: &str) -> Result<Secret, Error> {
        let Some(sealed) = self.0.expose().strip_prefix(MARK) else { return Ok(self.0.clone()) };
        let broken = || Error::internal("a sealed secret is not what was sealed in its place");
        let (key_id, text) = sealed.split_once('.').ok_or_else(broken)?;
        if key_id != seal.key_id {
            return Err(Error::internal(format!("a secret was sealed with key {key_id}, which is not the platform's")));
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let (nonce, encrypted) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let payload = Payload { msg: encrypted, aad: place.as_bytes() };
        let opened = seal.cipher.decrypt(&(*nonce).into(), payload).map_err(|_| broken())?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| broken())
    }

    /// Whether it was kept before there was a seal.
    pub fn is_plain(&self) -> bool {
        !self.0.expose().starts_with(MARK)
    }

    /// The same secret, sealed if it was not.
    pub fn renewed(&self, seal: &Seal, place: &str) -> Result<Self, Error> {
        if self.is_plain() { Self::new(&self.0, seal, place) } else { Ok(self.clone()) }
    }
}

fn derived(key: &[u8; 32], label: &str) -> Result<[u8; 32], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| Error::internal(error.to_string()))?;
    mac.update(label.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "provider\nacme";

    fn secret() -> Secret {
        Secret::new("outside secret 🚚".into())
    }

    #[test]
    fn a_sealed_secret_opens_in_its_place_with_its_seal_and_nowhere_else() {
        let (seal, other) = (Seal::new(&[1; 32]).unwrap(), Seal::new(&[2; 32]).unwrap());
        let sealed = Sealed::new(&secret(), &seal, PLACE).unwrap();
        let kept = sealed.0.expose();

        assert_eq!(sealed.open(&seal, PLACE).unwrap(), secret());
        assert!(sealed.open(&seal, "provider\nother").is_err());
        assert!(sealed.open(&other, PLACE).unwrap_err().chain().contains(&seal.key_id));
        assert!(!kept.contains("outside"));
        let (start, text) = kept.rsplit_once('.').unwrap();
        for broken in ["", "A", "%%", &text[1..], &format!("{text}AAAA"), &text.replace(&text[..4], "AAAA")] {
            let broken = Sealed(Secret::new(format!("{start}.{broken}")));
            assert!(broken.open(&seal, PLACE).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_every_time() {
        let seal = Seal::new(&[1; 32]).unwrap();

        assert_ne!(Sealed::new(&secret(), &seal, PLACE).unwrap(), Sealed::new(&secret(), &seal, PLACE).unwrap());
    }

    #[test]
    fn what_was_kept_in_the_open_is_read_and_sealed_when_it_is_written_again() {
        let seal = Seal::new(&[1; 32]).unwrap();
        let plain: Sealed = serde_json::from_value("outside secret 🚚".into()).unwrap();
        let sealed = plain.renewed(&seal, PLACE).unwrap();

        assert_eq!((plain.is_plain(), plain.open(&seal, PLACE).unwrap()), (true, secret()));
        assert_eq!((sealed.is_plain(), sealed.open(&seal, PLACE).unwrap()), (false, secret()));
        assert_eq!(sealed.renewed(&seal, PLACE).unwrap(), sealed);
    }
}
