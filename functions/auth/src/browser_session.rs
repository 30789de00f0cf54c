//! Browsers that have logged in at a tenant's provider: the login under way, the session, and the two cookies.
//!
//! A cookie holds a pointer and the secret that proves it, never a token. The provider's tokens stay here.

use std::collections::HashMap;
use std::sync::Arc;

use cloud::{Entity, Stored};
use futures_util::lock::Mutex;
use garde::Validate;
use operation::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use service_errors::{Error, Kind, Refusal};
use validation::types::Timestamp;

use crate::Auth;
use crate::credential::{Pointer, matches};
use crate::open_session::{InBook, end};
use crate::records::UserRecord;
use crate::sealed::Sealed;
use crate::secret::Secret;

/// The cookie of a session. The prefix makes browsers insist on `Secure`, `Path=/` and this very host.
pub const SESSION: &str = "__Host-session";
/// The cookie of a login under way: whoever began it must be whoever ends it.
pub const LOGIN: &str = "__Host-login";

/// The header field that cookies come in.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, JsonSchema)]
pub struct CookieHeaders {
    /// All of them.
    #[garde(inner(length(chars, min = 1, max = 8192)))]
    #[schemars(length(min = 1, max = 8192))]
    pub cookie: Option<Secret>,
}

impl CookieHeaders {
    /// The value of the cookie of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let pairs = self.cookie.as_ref()?.expose().split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// A cookie as it is set; no script reads it, and no other site's form sends it.
pub fn cookie(name: &str, value: &str, max_age: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; Secure; SameSite=Lax")
}

/// A login under way, until the browser comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginAttempt {
    pub tenant: String,
    pub id: String,
    /// SHA-256 of the secret in `state`.
    pub state_digest: String,
    /// SHA-256 of the secret in the cookie.
    pub cookie_digest: String,
    pub nonce: Secret,
    /// The secret behind the challenge (RFC 7636), at [`Self::place`].
    pub verifier: Sealed,
    pub return_to: String,
    pub expires_at: Timestamp,
}

impl LoginAttempt {
    /// Where its secret is sealed.
    pub fn place(tenant: &str, id: &str) -> String {
        format!("login-attempt\n{tenant}\n{id}")
    }
}

impl Entity for LoginAttempt {
    const KIND: &'static str = "login-attempt";

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

/// A browser's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserSession {
    pub tenant: String,
    pub id: String,
    /// SHA-256 of the secret in the cookie.
    pub digest: String,
    pub user_id: String,
    /// The person's [`UserRecord::session_epoch`] when it began; under another number the session is over.
    #[serde(default)]
    pub epoch: u64,
    /// The person and the session, as the provider names them.
    pub subject: String,
    pub provider_session: Option<String>,
    /// At [`Self::place`].
    pub access_token: Sealed,
    /// At [`Self::place`].
    pub refresh_token: Option<Sealed>,
    pub access_expires_at: Timestamp,
    pub began_at: Timestamp,
    pub expires_at: Timestamp,
    /// Until when somebody is replacing the token.
    pub refreshing_until: Option<Timestamp>,
}

impl Entity for BrowserSession {
    const KIND: &'static str = "browser-session";
    const LISTED_WHOLE: bool = false;

    fn tenant(&self) -> &str {
        &self.tenant
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn order(&self) -> String {
        self.began_at.sortable()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.subject)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds())
    }
}

impl InBook for BrowserSession {
    fn user_id(&self) -> &str {
        &self.user_id
    }
}

impl BrowserSession {
    /// Where its secrets are sealed.
    pub fn place(tenant: &str, id: &str) -> String {
        format!("browser-session\n{tenant}\n{id}")
    }

    /// Whether `user`, whose it is, still may go on with it.
    pub fn of(&self, user: &UserRecord) -> bool {
        self.epoch == user.session_epoch && !user.suspended
    }
}

/// Lets callers of this instance through one by one, each session by itself.
#[derive(Default)]
pub struct Turns {
    sessions: std::sync::Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

impl Turns {
    /// What to lock before changing the session of that id. Those that nobody waits for are forgotten.
    pub fn of(&self, id: &str) -> Arc<Mutex<()>> {
        let Ok(mut sessions) = self.sessions.lock() else { return Arc::default() };
        sessions.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(sessions.entry(id.to_owned()).or_default())
    }
}

/// The one answer to a browser that has no session, or had one.
pub const NO_SESSION: Refusal = Refusal::new(Kind::Unauthorized, "NO_SESSION", "This browser has not logged in.");

/// The session that the cookie points to.
pub async fn current(cx: &Context<Auth>, headers: &CookieHeaders) -> Result<Option<Stored<BrowserSession>>, Error> {
    let Some((pointer, secret)) = headers.get(SESSION).and_then(Pointer::with_secret) else { return Ok(None) };
    let read = cx.state.table.get::<BrowserSession>(&pointer.tenant, &pointer.id).await?;
    Ok(read.filter(|read| matches(&read.value.digest, &secret) && read.value.expires_at > cx.now))
}

/// Ends a browser's session in its person's name.
pub async fn log_out(cx: &Context<Auth>, session: Stored<BrowserSession>) -> Result<(), Error> {
    let user = cx.state.table.get::<UserRecord>(&session.value.tenant, &session.value.user_id).await?;
    match user {
        Some(user) => end(cx, &user.value.acting_in(cx), session).await,
        None => end(cx, cx, session).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_under_its_own_name() {
        let headers = CookieHeaders { cookie: Some(Secret::new("a=1; __Host-session=x.y=z;  b=2; broken".into())) };

        assert_eq!(headers.get(SESSION), Some("x.y=z"));
        assert_eq!((headers.get("b"), headers.get("session"), headers.get("broken")), (Some("2"), None, None));
        assert_eq!(CookieHeaders { cookie: None }.get(SESSION), None);
    }
}
