//! Passwords: how long they must be, and how they are hashed (Argon2id, RFC 9106) and checked.
//!
//! A tenant may ask for longer passwords. What a hash costs is the platform's alone: if tenants differed in it, the time
//! a log-in takes would tell whose an e-mail address is.
//!
//! Hashing runs where it is called. It keeps its thread for as long as it lasts, and so no more hashes run at once, and
//! no more memory is held, than the host has threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use config_client::{Document, Scope};
use serde::Deserialize;
use serde_json::json;
use service_errors::{Error, Refusal};
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// `services/auth/{environment}/technical/passwords`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passwords {
    /// In characters.
    pub minimum_length: usize,
    /// Memory of one hash.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes of that memory.
    pub lanes: u32,
}

impl Document for Passwords {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/passwords";
}

/// The password is too easy to guess.
pub const WEAK_PASSWORD: Refusal = Refusal::rule("WEAK_PASSWORD", "The password is too easy to guess.");

impl Passwords {
    /// Whether a new password is long enough.
    pub fn check(&self, password: &Secret) -> Result<(), Error> {
        if password.expose().chars().count() >= self.minimum_length {
            return Ok(());
        }
        Err(WEAK_PASSWORD.with(json!({ "minimumLength": self.minimum_length })))
    }

    /// A new hash of a password, as a PHC string, at the cost of this document.
    pub fn hash(&self, password: &Secret) -> Result<Secret, Error> {
        let hash = self.argon2()?.hash_password(password.expose().as_bytes()).map_err(failed)?;
        Ok(Secret::new(hash.to_string()))
    }

    /// A new hash with the salt of an earlier one of the same person, so that all their hashes of one cost can be
    /// compared after hashing once.
    pub fn hash_beside(&self, password: &Secret, earlier: &Secret) -> Result<Secret, Error> {
        let salt = PasswordHash::new(earlier.expose()).ok().and_then(|earlier| earlier.salt);
        let Some(salt) = salt else { return self.hash(password) };
        let hash = self.argon2()?.hash_password_with_salt(password.expose().as_bytes(), &salt).map_err(failed)?;
        Ok(Secret::new(hash.to_string()))
    }

    /// Whether one of these hashes was made of this password. Hashes that share salt and cost are made once.
    pub fn any(&self, password: &Secret, hashes: &[&Secret]) -> Result<bool, Error> {
        let made_like = |hash: &Secret| hash.expose().rsplit_once('$').map(|(how, _)| how.to_owned());
        let mut made: Vec<Secret> = Vec::new();
        for hash in hashes {
            if let Some(known) = made.iter().find(|known| made_like(known) == made_like(hash)) {
                if bool::from(known.expose().as_bytes().ct_eq(hash.expose().as_bytes())) {
                    return Ok(true);
                }
                continue;
            }
            let parsed = PasswordHash::new(hash.expose()).map_err(|error| failed(error.into()))?;
            let params = Params::try_from(&parsed).map_err(failed)?;
            let salt = parsed.salt.ok_or_else(|| Error::internal("password hash: it has no salt"))?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let ours = argon2.hash_password_with_salt(password.expose().as_bytes(), &salt).map_err(failed)?;
            let ours = Secret::new(ours.to_string());
            if bool::from(ours.expose().as_bytes().ct_eq(hash.expose().as_bytes())) {
                return Ok(true);
            }
            made.push(ours);
        }
        Ok(false)
    }

    /// What is kept of a short code, under the salt that all codes of its set share.
    pub fn digest(&self, code: &str, salt: &[u8]) -> Result<Secret, Error> {
        let hash = self.argon2()?.hash_password_with_salt(code.as_bytes(), salt).map_err(failed)?;
        Ok(Secret::new(hash.hash.map(|output| output.to_string()).unwrap_or_default()))
    }

    /// Whether this is the password that `hash` was made of. Without a hash the answer is no, after the same work.
    pub fn verify(&self, password: &Secret, hash: Option<&Secret>) -> Result<bool, Error> {
        const NOBODYS_SALT: &[u8; 16] = b"salt of nobody's";
        let password = password.expose().as_bytes();
        let Some(hash) = hash else {
            let worked = self.argon2()?.hash_password_with_salt(password, NOBODYS_SALT);
            return worked.map(|_| false).map_err(failed);
        };
        match self.argon2()?.verify_password(password, hash.expose()) {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    fn argon2(&self) -> Result<Argon2<'static>, Error> {
        let params = Params::new(self.memory_kib, self.iterations, self.lanes, None);
        let params = params.map_err(|error| Error::internal(format!("document technical/passwords: {error}")))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

fn failed(error: HashError) -> Error {
    Error::internal(format!("password hash: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Passwords = Passwords { minimum_length: 4, memory_kib: 64, iterations: 1, lanes: 1 };

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_password_is_measured_in_characters() {
        assert!(CHEAP.check(&secret("🚚🚚🚚🚚")).is_ok());
        assert_eq!(CHEAP.check(&secret("🚚🚚🚚")).unwrap_err().code(), "WEAK_PASSWORD");
    }

    #[test]
    fn a_hash_says_how_it_was_made_and_two_of_one_password_differ() {
        let (one, other) = (CHEAP.hash(&secret("hunter22")).unwrap(), CHEAP.hash(&secret("hunter22")).unwrap());

        assert!(one.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", one.expose());
        assert_ne!(one, other);
    }

    #[test]
    fn only_the_password_itself_is_verified_whatever_the_cost_is_now() {
        let hash = CHEAP.hash(&secret("hunter22")).unwrap();
        let dearer = Passwords { memory_kib: 128, iterations: 2, ..CHEAP };

        for passwords in [&CHEAP, &dearer] {
            assert!(passwords.verify(&secret("hunter22"), Some(&hash)).unwrap());
            assert!(!passwords.verify(&secret("hunter23"), Some(&hash)).unwrap());
            assert!(!passwords.verify(&secret("hunter22"), None).unwrap());
        }
    }

    #[test]
    fn a_hash_that_cannot_be_read_is_our_fault_and_not_a_wrong_password() {
        let error = CHEAP.verify(&secret("hunter22"), Some(&secret("plain"))).unwrap_err();

        assert_eq!(error.status(), 500);
    }
}
