//! The second factor: time-based one-time passwords (RFC 6238 over RFC 4226), and backup codes for when the device is
//! gone.
//!
//! The shared secret is not kept: it is derived from the platform's secret and a random seed, and the table holds only
//! the seed. A code is good for one log-in: its time step, and all before it, are used up together with it. Of backup
//! codes only Argon2id digests are kept, under one salt for a set, so that checking one code hashes once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud::Entity;
use config_client::{Document, Scope};
use data_encoding::BASE32_NOPAD;
use garde::Validate;
use hmac::{Hmac, KeyInit, Mac};
use operation::{Context, EventType, Keys};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use validation::types::Timestamp;

use crate::Auth;
use crate::passwords::Passwords;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/multi-factor`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiFactor {
    /// Who issues, as authenticator apps show it.
    pub issuer: String,
    /// Digits of a code.
    pub digits: u32,
    /// How long a code is shown.
    pub step_seconds: i64,
    /// How many steps a device's clock may be off.
    pub skew_steps: i64,
    /// How long the second step of a log-in may take.
    pub challenge_seconds: i64,
    /// How many backup codes there are.
    pub backup_codes: usize,
    /// Characters of one.
    pub backup_code_length: usize,
}

impl Document for MultiFactor {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/multi-factor";
}

/// The second factor of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FactorRecord {
    pub tenant: String,
    pub user_id: String,
    /// What the secret is derived from, with the platform's.
    pub seed: String,
    /// Whether the person has shown that their device has the secret.
    pub confirmed: bool,
    /// The last time step that was used.
    pub last_step: i64,
    /// Of all backup codes, in base64.
    pub backup_salt: String,
    /// Of those that are left.
    pub backup_digests: Vec<Secret>,
    pub created_at: Timestamp,
}

impl Entity for FactorRecord {
    const KIND: &'static str = "second-factor";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.user_id
    }
}

/// The first step of a log-in, waiting for the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeRecord {
    pub tenant: String,
    pub challenge_id: String,
    pub user_id: String,
    pub digest: String,
    /// The person's session epoch at the first step; a password that was changed since ends the log-in.
    pub epoch: u64,
    pub expires_at: Timestamp,
}

impl Entity for ChallengeRecord {
    const KIND: &'static str = "challenge";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.challenge_id
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

/// A code as it was typed.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Code {
    /// Of the authenticator app, or one of the backup codes.
    #[garde(length(chars, min = 6, max = 32))]
    pub code: Secret,
}

/// Backup codes, each good once. They are shown this one time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupCodes {
    /// The codes.
    #[schemars(length(min = 1, max = 20))]
    pub backup_codes: Vec<Secret>,
}

/// What `user.multi_factor_changed` tells.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MultiFactorChanged {
    /// The person.
    #[garde(pattern("^[0-9a-f]{32}$"))]
    pub user_id: String,
    /// Whether a log-in takes a second step from now on.
    #[garde(skip)]
    pub enabled: bool,
}

/// Emitted when a person set up a second factor or gave it up, so that its owner can be told.
pub const MULTI_FACTOR_CHANGED: EventType =
    EventType::of::<MultiFactorChanged>("user.multi_factor_changed", "A person set up a second factor or gave it up.");

/// The code is wrong, too old, or was used before.
pub const INVALID_CODE: Refusal = Refusal::rule("INVALID_CODE", "The code is wrong, or was used before.");
/// There is a second factor already.
pub const MULTI_FACTOR_ON: Refusal =
    Refusal::new(Kind::Conflict, "MULTI_FACTOR_ON", "A second factor is set up already.");
/// There is no second factor, or none to confirm.
pub const MULTI_FACTOR_OFF: Refusal = Refusal::new(Kind::Conflict, "MULTI_FACTOR_OFF", "No second factor is set up.");

/// The secret that a person shares with their device.
pub async fn shared_secret(cx: &Context<Auth>, factor: &FactorRecord) -> Result<[u8; SECRET], Error> {
    let platform = cx.state.issuer.service_secret().await?;
    let label = format!("totp\n{}\n{}\n{}", factor.tenant, factor.user_id, factor.seed);
    let mut secret = [0; SECRET];
    // A key of 32 bytes is always accepted by HMAC-SHA256.
    let mut mac = Hmac::<Sha256>::new_from_slice(&platform).map_err(|error| Error::internal(error.to_string()))?;
    mac.update(label.as_bytes());
    secret.copy_from_slice(&mac.finalize().into_bytes()[..SECRET]);
    Ok(secret)
}

/// Bytes of a shared secret: as many as HMAC-SHA1 answers (RFC 4226, section 4).
const SECRET: usize = 20;

/// The secret as a device takes it: in base32, and in the URI that is drawn as a QR code.
pub fn for_device(secret: &[u8; SECRET], account: &str, rules: &MultiFactor) -> (Secret, Secret) {
    let secret = BASE32_NOPAD.encode(secret);
    let escaped = |text: &str| {
        let escape = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(escape).collect::<String>()
    };
    let issuer = escaped(&rules.issuer);
    let uri = format!(
        "otpauth://totp/{issuer}:{}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={}&period={}",
        escaped(account),
        rules.digits,
        rules.step_seconds
    );
    (Secret::new(secret), Secret::new(uri))
}

/// The code of one time step (RFC 4226, section 5.3). SHA-1, because that is what authenticator apps compute.
fn code_of(secret: &[u8; SECRET], step: i64, digits: u32) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash: [u8; SECRET] = mac.finalize().into_bytes().into();
    let offset = usize::from(hash[SECRET - 1] & 0xf);
    let number = hash[offset..offset + 4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:0width$}", (number & 0x7fff_ffff) % 10_u32.pow(digits), width = digits as usize)
}

impl FactorRecord {
    /// The record after `code` was used; `None` when the code is not good. `costs` says what a digest costs.
    pub fn used(
        &self,
        code: &Secret,
        secret: &[u8; SECRET],
        rules: &MultiFactor,
        costs: &Passwords,
        now: &Timestamp,
    ) -> Result<Option<Self>, Error> {
        let typed = code.expose();
        let current = now.unix_seconds().div_euclid(rules.step_seconds);
        let steps = (current - rules.skew_steps..=current + rules.skew_steps).filter(|step| *step > self.last_step);
        // No early end: how many steps were tried is nobody's to measure.
        let mut matching = None;
        for step in steps {
            if bool::from(code_of(secret, step, rules.digits).as_bytes().ct_eq(typed.as_bytes())) {
                matching = Some(step);
            }
        }
        if let Some(step) = matching {
            return Ok(Some(Self { last_step: step, ..self.clone() }));
        }
        let typed: String = typed.chars().filter(|letter| *letter != '-').collect::<String>().to_ascii_uppercase();
        if typed.len() != rules.backup_code_length {
            return Ok(None);
        }
        let salt = STANDARD.decode(&self.backup_salt).map_err(Error::internal)?;
        let digest = costs.digest(&typed, &salt)?;
        let same = |kept: &Secret| bool::from(kept.expose().as_bytes().ct_eq(digest.expose().as_bytes()));
        let left: Vec<Secret> = self.backup_digests.iter().filter(|kept| !same(kept)).cloned().collect();
        let found = left.len() < self.backup_digests.len();
        Ok(found.then(|| Self { backup_digests: left, ..self.clone() }))
    }

    /// The record with new backup codes, and the codes.
    pub fn with_backup_codes(&self, rules: &MultiFactor, costs: &Passwords) -> Result<(Self, BackupCodes), Error> {
        let mut salt = [0; 16];
        fill(&mut salt)?;
        let mut codes = Vec::with_capacity(rules.backup_codes);
        let mut digests = Vec::with_capacity(rules.backup_codes);
        for _ in 0..rules.backup_codes {
            let mut random = [0; LONGEST_BACKUP_CODE];
            fill(&mut random)?;
            let letters = random.iter().take(rules.backup_code_length);
            let code: String = letters.map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
            digests.push(costs.digest(&code, &salt)?);
            codes.push(Secret::new(code));
        }
        let record = Self { backup_salt: STANDARD.encode(salt), backup_digests: digests, ..self.clone() };
        Ok((record, BackupCodes { backup_codes: codes }))
    }
}

/// The letters and digits that nobody takes for one another (Crockford's base32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LONGEST_BACKUP_CODE: usize = 20;

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8; 20] = b"12345678901234567890";
    const CHEAP: Passwords = Passwords { minimum_length: 1, memory_kib: 64, iterations: 1, lanes: 1 };

    fn rules() -> MultiFactor {
        MultiFactor {
            issuer: "Enver Freight".into(),
            digits: 6,
            step_seconds: 30,
            skew_steps: 1,
            challenge_seconds: 300,
            backup_codes: 3,
            backup_code_length: 8,
        }
    }

    fn factor() -> FactorRecord {
        FactorRecord {
            tenant: "acme".into(),
            user_id: "u1".into(),
            seed: "s".into(),
            confirmed: true,
            last_step: 0,
            backup_salt: String::new(),
            backup_digests: vec![],
            created_at: at(0),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    fn used(factor: &FactorRecord, code: &str, now: i64) -> Option<FactorRecord> {
        factor.used(&Secret::new(code.to_owned()), RFC_SECRET, &rules(), &CHEAP, &at(now)).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, eight digits.
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code_of(RFC_SECRET, seconds / 30, 8), code);
        }
    }

    #[test]
    fn a_code_is_good_once_and_takes_those_before_it_along() {
        let (earlier, now, later) =
            (code_of(RFC_SECRET, 99, 6), code_of(RFC_SECRET, 100, 6), code_of(RFC_SECRET, 101, 6));
        let after = used(&factor(), &now, 3000).unwrap();

        assert_eq!(after.last_step, 100);
        assert!(used(&after, &now, 3001).is_none(), "replayed");
        assert!(used(&after, &earlier, 3001).is_none(), "older than the last one used");
        assert_eq!(used(&after, &later, 3001).unwrap().last_step, 101);
    }

    #[test]
    fn a_device_may_be_off_by_the_configured_steps_and_no_more() {
        for (step, good) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(used(&factor(), &code_of(RFC_SECRET, step, 6), 3000).is_some(), good, "{step}");
        }
        for broken in ["", "000", "abcdef", "1234567", "é🚚éé🚚é"] {
            assert!(used(&factor(), broken, 3000).is_none(), "{broken}");
        }
    }

    #[test]
    fn a_backup_code_is_good_once_in_either_case_and_with_hyphens() {
        let (factor, codes) = factor().with_backup_codes(&rules(), &CHEAP).unwrap();
        let kept = serde_json::to_string(&factor).unwrap();
        let codes: Vec<&str> = codes.backup_codes.iter().map(Secret::expose).collect();
        assert_eq!(codes.len(), 3);
        assert!(codes.iter().all(|code| code.len() == 8 && !kept.contains(code)));

        let typed = format!("{}-{}", &codes[1][..4], &codes[1][4..]).to_lowercase();
        let after = used(&factor, &typed, 3000).unwrap();

        assert_eq!(after.backup_digests.len(), 2);
        assert!(used(&after, codes[1], 3000).is_none(), "used");
        assert!(used(&after, codes[0], 3000).is_some() && used(&after, codes[2], 3000).is_some());
        assert!(used(&after, "ZZZZZZZZ", 3000).is_none());
    }

    #[test]
    fn a_device_reads_the_secret_from_a_uri() {
        let (secret, uri) = for_device(RFC_SECRET, "o'neil@acme.example", &rules());

        assert_eq!(secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Enver%20Freight:o%27neil%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Enver%20Freight&algorithm=SHA1&digits=6&period=30"
        );
    }
}
