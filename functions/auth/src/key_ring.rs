//! The keys that tokens are signed with, and when each is published, signs and is forgotten.
//!
//! A key is published before it signs, so that whoever keeps a copy of the key set has it when the first token comes;
//! and it stays published after its successor took over, until the last token it signed has expired. All these times
//! stand in the record: every instance changes keys at the same moment without asking the others, and a period that is
//! changed in the configuration counts from the next key on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud::Entity;
use config_client::{Document, Scope};
use ed25519_dalek::SigningKey;
use operation::random_id;
use policy::PLATFORM_TENANT;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use validation::types::Timestamp;

use crate::sealed::{Seal, Sealed};
use crate::secret::Secret;

/// `services/auth/{environment}/technical/signing-keys`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeys {
    /// How long a key signs.
    pub sign_seconds: i64,
    /// How long before it signs a key is published.
    pub publish_ahead_seconds: i64,
    /// How long a token may be good at most, and a key stays published after it signed last.
    pub longest_token_seconds: i64,
    /// How long the key set may be kept.
    pub key_set_max_age_seconds: i64,
}

impl Document for SigningKeys {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/signing-keys";
}

/// All keys that are published or will be forgotten at the next change, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRing {
    /// Never empty.
    pub keys: Vec<KeyRecord>,
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    pub key_id: String,
    /// 32 bytes in base64, at [`Self::place`].
    pub private_key: Sealed,
    pub signs_from: Timestamp,
    /// When its successor is to be made and published.
    pub successor_at: Timestamp,
    /// Known when its successor is.
    pub published_until: Option<Timestamp>,
    pub longest_token_seconds: i64,
}

impl Entity for KeyRing {
    const KIND: &'static str = "key-ring";

    fn tenant(&self) -> &str {
        PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        Self::ID
    }
}

impl KeyRing {
    /// There is one ring, so its place is known.
    pub const ID: &'static str = "current";

    /// The first key. Nobody can have a copy of a set without it, so it signs at once.
    pub fn begin(periods: &SigningKeys, seal: &Seal, now: &Timestamp) -> Result<Self, Error> {
        Ok(Self { keys: vec![KeyRecord::new(periods, seal, now.clone())?] })
    }

    /// Whether a key is to be made, forgotten or sealed.
    pub fn is_due(&self, now: &Timestamp) -> bool {
        self.keys.last().is_none_or(|newest| newest.successor_at <= *now)
            || self.keys.iter().any(|key| !key.is_published(now) || key.private_key.is_plain())
    }

    /// The ring after what is due was done.
    pub fn turned(&self, periods: &SigningKeys, seal: &Seal, now: &Timestamp) -> Result<Self, Error> {
        let mut keys = self.keys.clone();
        if let Some(newest) = keys.last_mut().filter(|newest| newest.successor_at <= *now) {
            let next = KeyRecord::new(periods, seal, later(now, periods.publish_ahead_seconds))?;
            newest.published_until = Some(later(&next.signs_from, newest.longest_token_seconds));
            keys.push(next);
        }
        keys.retain(|key| key.is_published(now));
        for key in &mut keys {
            key.private_key = key.private_key.renewed(seal, &KeyRecord::place(&key.key_id))?;
        }
        Ok(Self { keys })
    }

    /// The key that signs now: of those whose time has come, the newest.
    pub fn signing(&self, now: &Timestamp) -> Option<&KeyRecord> {
        self.keys.iter().rev().find(|key| key.signs_from <= *now)
    }
}

impl KeyRecord {
    fn new(periods: &SigningKeys, seal: &Seal, signs_from: Timestamp) -> Result<Self, Error> {
        let mut private = [0_u8; 32];
        getrandom::fill(&mut private).map_err(|error| Error::internal(error.to_string()))?;
        let key_id = random_id();
        Ok(Self {
            private_key: Sealed::new(&Secret::new(STANDARD.encode(private)), seal, &Self::place(&key_id))?,
            key_id,
            successor_at: later(&signs_from, periods.sign_seconds - periods.publish_ahead_seconds),
            signs_from,
            published_until: None,
            longest_token_seconds: periods.longest_token_seconds,
        })
    }

    /// Where its private half is sealed.
    fn place(key_id: &str) -> String {
        format!("signing-key\n{key_id}")
    }

    /// The key, ready to sign.
    pub fn signing_key(&self, seal: &Seal) -> Result<SigningKey, Error> {
        let private = self.private_key.open(seal, &Self::place(&self.key_id))?;
        let bytes = STANDARD.decode(private.expose()).ok();
        let private: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let private = private.ok_or_else(|| Error::internal("a signing key is not 32 bytes in base64"))?;
        Ok(SigningKey::from_bytes(&private))
    }

    /// Whether the key belongs into the key set.
    pub fn is_published(&self, now: &Timestamp) -> bool {
        self.published_until.as_ref().is_none_or(|until| *until > *now)
    }
}

fn later(moment: &Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(moment.unix_millis() + seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIODS: SigningKeys = SigningKeys {
        sign_seconds: 1000,
        publish_ahead_seconds: 100,
        longest_token_seconds: 50,
        key_set_max_age_seconds: 10,
    };

    fn seal() -> Seal {
        Seal::new(&[7; 32]).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    fn signing(ring: &KeyRing, seconds: i64) -> &str {
        &ring.signing(&at(seconds)).unwrap().key_id
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_until_its_last_token_has_expired() {
        let ring = KeyRing::begin(&PERIODS, &seal(), &at(0)).unwrap();
        let first = ring.keys[0].key_id.clone();
        assert!(!ring.is_due(&at(899)) && ring.is_due(&at(900)));

        let ring = ring.turned(&PERIODS, &seal(), &at(900)).unwrap();
        let second = ring.keys[1].key_id.clone();
        assert_eq!((signing(&ring, 900), signing(&ring, 999), signing(&ring, 1000)), (&*first, &*first, &*second));
        assert!(!ring.is_due(&at(1049)) && ring.is_due(&at(1050)));

        let ring = ring.turned(&PERIODS, &seal(), &at(1050)).unwrap();
        assert_eq!(ring.keys.iter().map(|key| &key.key_id).collect::<Vec<_>>(), [&second]);
        assert!(ring.is_due(&at(1900)));
    }

    #[test]
    fn a_successor_that_comes_late_is_published_just_as_long_before_it_signs() {
        let ring = KeyRing::begin(&PERIODS, &seal(), &at(0)).unwrap().turned(&PERIODS, &seal(), &at(5000)).unwrap();

        assert_eq!(signing(&ring, 5099), ring.keys[0].key_id);
        assert_eq!(signing(&ring, 5100), ring.keys[1].key_id);
    }

    #[test]
    fn a_ring_shows_and_keeps_no_private_key() {
        let ring = KeyRing::begin(&PERIODS, &seal(), &at(0)).unwrap();
        let private = STANDARD.encode(ring.keys[0].signing_key(&seal()).unwrap().as_bytes());

        assert!(!format!("{ring:?}").contains(&private));
        assert!(!serde_json::to_string(&ring).unwrap().contains(&private));
    }

    #[test]
    fn a_ring_that_was_kept_in_the_open_stays_good_and_is_sealed_at_once() {
        let private = STANDARD.encode([9; 32]);
        let kept = serde_json::json!({ "keys": [{
            "keyId": "k1", "privateKey": private, "signsFrom": at(0), "successorAt": at(900), "publishedUntil": null,
            "longestTokenSeconds": 50,
        }]});
        let ring: KeyRing = serde_json::from_value(kept).unwrap();
        assert!(ring.is_due(&at(1)));

        let sealed = ring.turned(&PERIODS, &seal(), &at(1)).unwrap();

        assert!(!sealed.is_due(&at(1)));
        assert!(!serde_json::to_string(&sealed).unwrap().contains(&private));
        for ring in [&ring, &sealed] {
            assert_eq!(ring.keys[0].signing_key(&seal()).unwrap().as_bytes(), &[9; 32]);
        }
    }
}
