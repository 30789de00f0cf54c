//! Sessions, and the refresh tokens that keep them alive.
//!
//! A refresh token is `{tenant}.{session}.{secret}`, opaque to whoever holds it. The first half of its secret stays the
//! same for the session's life and proves that the token was issued here; the second half is new in every token. So a
//! token that was replaced is told apart from one that was made up, whatever its age, with nothing kept but digests,
//! and nobody can end a session by guessing at it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::Entity;
use config_client::{Document, Scope};
use garde::Validate;
use serde::{Deserialize, Serialize};
use service_errors::Error;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use validation::types::{TenantId, Timestamp};

use crate::open_session::InBook;
use crate::records::UserRecord;
use crate::secret::Secret;

/// `services/auth/{environment}/technical/sessions`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// How long an access token is good.
    pub access_token_seconds: i64,
    /// How long after the log-in a session can be refreshed.
    pub refresh_token_seconds: i64,
    /// How long the token before the last counts as a twin's and not as stolen.
    pub refresh_leeway_seconds: i64,
}

impl Document for Sessions {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/sessions";
}

/// What began with a log-in and lasts until it expires or is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    pub tenant: String,
    pub session_id: String,
    pub user_id: String,
    pub authenticated_at: Timestamp,
    pub expires_at: Timestamp,
    pub refreshed_at: Timestamp,
    /// SHA-256 of the half that all tokens of this session share.
    pub family_digest: String,
    /// SHA-256 of the token that is good now.
    pub token_digest: String,
    /// SHA-256 of the one before.
    pub previous_digest: Option<String>,
    /// Whether it began with a second factor.
    #[serde(default)]
    pub multi_factor: bool,
    /// The person's [`UserRecord::session_epoch`] when it began; under another number the session is over.
    #[serde(default)]
    pub epoch: u64,
}

impl Entity for SessionRecord {
    const KIND: &'static str = "session";
    const LISTED_WHOLE: bool = false;

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.session_id
    }

    fn order(&self) -> String {
        self.authenticated_at.sortable()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

impl InBook for SessionRecord {
    fn user_id(&self) -> &str {
        &self.user_id
    }
}

/// What a refresh token is to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The one that is good now.
    Current,
    /// The one before, so shortly after that a twin of the caller has just used it.
    JustReplaced,
    /// One that was replaced: somebody holds a copy.
    Replayed,
    /// Never one of this session's, or the session is over.
    Foreign,
}

impl SessionRecord {
    /// A new session of a person who has just proved who they are, and its first refresh token.
    pub fn begin(user: &UserRecord, lifetimes: &Sessions, now: &Timestamp) -> Result<(Self, RefreshToken), Error> {
        let token = RefreshToken {
            tenant: user.tenant.clone(),
            session_id: operation::random_id(),
            family: random()?,
            round: random()?,
        };
        let session = Self {
            tenant: user.tenant.clone(),
            session_id: token.session_id.clone(),
            user_id: user.user_id.clone(),
            authenticated_at: now.clone(),
            expires_at: Timestamp::from_unix_millis(now.unix_millis() + lifetimes.refresh_token_seconds * 1000),
            refreshed_at: now.clone(),
            family_digest: token.family_digest(),
            token_digest: token.digest(),
            previous_digest: None,
            multi_factor: false,
            epoch: user.session_epoch,
        };
        Ok((session, token))
    }

    /// Whether `user`, whose it is, still may go on with it.
    pub fn of(&self, user: &UserRecord) -> bool {
        self.epoch == user.session_epoch && !user.suspended
    }

    /// What `token` is to this session.
    pub fn judge(&self, token: &RefreshToken, lifetimes: &Sessions, now: &Timestamp) -> Presented {
        let same = |known: &str, given: &str| bool::from(known.as_bytes().ct_eq(given.as_bytes()));
        let digest = token.digest();
        if self.expires_at <= *now || !same(&self.family_digest, &token.family_digest()) {
            return Presented::Foreign;
        }
        if same(&self.token_digest, &digest) {
            return Presented::Current;
        }
        let lately = now.unix_millis() - self.refreshed_at.unix_millis() < lifetimes.refresh_leeway_seconds * 1000;
        match &self.previous_digest {
            Some(previous) if lately && same(previous, &digest) => Presented::JustReplaced,
            _ => Presented::Replayed,
        }
    }

    /// The session after its token was replaced by `next`.
    pub fn refreshed(&self, next: &RefreshToken, now: &Timestamp) -> Self {
        Self {
            refreshed_at: now.clone(),
            token_digest: next.digest(),
            previous_digest: Some(self.token_digest.clone()),
            ..self.clone()
        }
    }
}

const HALF: usize = 16;

/// A refresh token in parts.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose session it is of. Believed only after the secret was checked.
    pub tenant: String,
    /// The session it is of.
    pub session_id: String,
    family: [u8; HALF],
    round: [u8; HALF],
}

impl RefreshToken {
    /// Reads a token; `None` when it cannot be one.
    pub fn parse(text: &Secret) -> Option<Self> {
        let mut parts = text.expose().split('.');
        let (tenant, session_id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let tenant = TenantId(tenant.to_owned());
        let is_id = session_id.len() == 32 && session_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if parts.next().is_some() || tenant.validate().is_err() || !is_id {
            return None;
        }
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
        let (family, round) = secret.split_at_checked(HALF)?;
        Some(Self {
            tenant: tenant.0,
            session_id: session_id.to_owned(),
            family: family.try_into().ok()?,
            round: round.try_into().ok()?,
        })
    }

    /// The token that replaces this one.
    pub fn next(&self) -> Result<Self, Error> {
        Ok(Self { round: random()?, ..self.clone() })
    }

    /// The token as its holder gets it.
    pub fn to_secret(&self) -> Secret {
        let secret = URL_SAFE_NO_PAD.encode([self.family, self.round].concat());
        Secret::new(format!("{}.{}.{secret}", self.tenant, self.session_id))
    }

    fn family_digest(&self) -> String {
        digest(&self.family)
    }

    fn digest(&self) -> String {
        digest(&[self.family, self.round].concat())
    }
}

fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn random() -> Result<[u8; HALF], Error> {
    let mut bytes = [0; HALF];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Sessions =
        Sessions { access_token_seconds: 900, refresh_token_seconds: 3600, refresh_leeway_seconds: 10 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    fn begun() -> (SessionRecord, RefreshToken) {
        let email = crate::domain::Email("a@b.co".into());
        let user = UserRecord::new("acme", &email, "A".into(), Secret::new(String::new()), &at(0));
        SessionRecord::begin(&user, &LIFETIMES, &at(0)).unwrap()
    }

    #[test]
    fn a_token_reads_back_as_it_was_written_and_nothing_else_reads_as_a_token() {
        let (_, token) = begun();
        let text = token.to_secret();
        let text = text.expose();
        let [tenant, id, secret] = text.split('.').collect::<Vec<_>>()[..] else { unreachable!() };

        assert!(RefreshToken::parse(&Secret::new(text.to_owned())) == Some(token));
        assert_eq!(URL_SAFE_NO_PAD.decode(secret).unwrap().len(), 32);
        for broken in [
            String::new(),
            "..".into(),
            format!("{text}."),
            format!("{text}A"),
            format!("{tenant}.{id}"),
            format!("{tenant}.{id}.{}", &secret[..42]),
            format!("{tenant}.{}.{secret}", id.to_uppercase().replace('0', "g")),
            format!("{tenant}.{}#.{secret}", &id[1..]),
            format!("a#b.{id}.{secret}"),
            format!(".{id}.{secret}"),
        ] {
            assert!(RefreshToken::parse(&Secret::new(broken.clone())).is_none(), "{broken}");
        }
    }

    #[test]
    fn a_replaced_token_is_a_twins_for_a_moment_and_a_thiefs_afterwards() {
        let (session, first) = begun();
        let second = first.next().unwrap();
        let session = session.refreshed(&second, &at(100));

        assert_eq!(session.judge(&second, &LIFETIMES, &at(100)), Presented::Current);
        assert_eq!(session.judge(&first, &LIFETIMES, &at(109)), Presented::JustReplaced);
        assert_eq!(session.judge(&first, &LIFETIMES, &at(110)), Presented::Replayed);

        let session = session.refreshed(&second.next().unwrap(), &at(105));
        assert_eq!(session.judge(&first, &LIFETIMES, &at(105)), Presented::Replayed);
        assert_eq!(session.judge(&second, &LIFETIMES, &at(105)), Presented::JustReplaced);
    }

    #[test]
    fn a_token_that_was_never_issued_says_nothing_about_the_session() {
        let (session, token) = begun();
        let (_, other) = begun();
        let made_up = RefreshToken { session_id: token.session_id.clone(), ..other };

        assert_eq!(session.judge(&made_up, &LIFETIMES, &at(1)), Presented::Foreign);
    }

    #[test]
    fn a_session_ends_when_its_time_is_over_though_the_record_is_still_there() {
        let (session, token) = begun();

        assert_eq!(session.judge(&token, &LIFETIMES, &at(3599)), Presented::Current);
        assert_eq!(session.judge(&token, &LIFETIMES, &at(3600)), Presented::Foreign);
    }

    #[test]
    fn a_session_keeps_digests_and_no_token() {
        let (session, token) = begun();
        let kept = serde_json::to_string(&session).unwrap();
        let secret = token.to_secret();

        assert!(!kept.contains(secret.expose().rsplit('.').next().unwrap()));
    }
}
