//! Failed attempts to prove who one is, and the lock-out that grows with them.
//!
//! They are counted per e-mail address, whether or not somebody has it: a lock says nothing about who is registered.

use cloud::{Entity, Stored};
use config_client::{Document, Scope};
use operation::{Call, Context, NoContent};
use policy::{PLATFORM_TENANT, Principal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_errors::{Error, Kind};
use sha2::{Digest, Sha256};
use validation::types::Timestamp;

use crate::Auth;

/// `services/auth/{environment}/technical/lock-out`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockOut {
    /// How many failures lock an address.
    pub attempts: u32,
    /// Within how long they must come.
    pub window_seconds: i64,
    /// How long the first lock lasts, the second, and so on; the last one repeats.
    pub lock_seconds: Vec<i64>,
    /// After how long without a failure the first lock is the next one again.
    pub forget_seconds: i64,
}

impl Document for LockOut {
    const SCOPE: Scope = Scope::Service(crate::NAME);
    const NAME: &'static str = "technical/lock-out";
}

/// What is known of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempts {
    /// [`address_id`], because the address of somebody who is not registered is not ours to keep.
    pub address: String,
    /// Failures since the window began.
    pub failures: u32,
    pub window_ends: i64,
    /// How often it was locked.
    pub locks: usize,
    /// In seconds since 1970; in the past when it is not locked.
    pub locked_until: i64,
    pub forget_at: i64,
}

impl Entity for Attempts {
    const KIND: &'static str = "attempts";

    fn tenant(&self) -> &str {
        PLATFORM_TENANT
    }

    fn id(&self) -> &str {
        &self.address
    }

    fn order(&self) -> String {
        String::new()
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.forget_at)
    }
}

/// What an e-mail address in lower case is kept under where it must not be read: 128 bits of its SHA-256 in
/// hexadecimal.
pub fn address_id(email: &str) -> String {
    let digest = Sha256::digest(email.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Attempts {
    /// The state after one more failure. `before` is what was known, if it is not to be forgotten yet.
    fn after_failure(before: Option<&Self>, address: &str, rules: &LockOut, now: i64) -> Self {
        let fresh = Self {
            address: address.to_owned(),
            failures: 0,
            window_ends: now + rules.window_seconds,
            locks: 0,
            locked_until: 0,
            forget_at: 0,
        };
        let mut next = before.filter(|before| before.forget_at > now).cloned().unwrap_or(fresh);
        if next.window_ends <= now {
            next.failures = 0;
            next.window_ends = now + rules.window_seconds;
        }
        next.failures += 1;
        if next.failures >= rules.attempts {
            let length = rules.lock_seconds.get(next.locks).or(rules.lock_seconds.last()).copied().unwrap_or_default();
            next.failures = 0;
            next.locks += 1;
            next.locked_until = now + length;
        }
        next.forget_at = now.max(next.locked_until) + rules.forget_seconds;
        next
    }
}

/// What is known of an address in lower case; 429 while it is locked.
pub async fn admitted(cx: &Context<Auth>, email: &str) -> Result<Option<Stored<Attempts>>, Error> {
    let known = cx.state.table.get::<Attempts>(PLATFORM_TENANT, &address_id(email)).await?;
    let left = known.as_ref().map_or(0, |known| known.value.locked_until - cx.now.unix_seconds());
    match u64::try_from(left) {
        Ok(seconds) if seconds > 0 => Err(Error::rate_limited(seconds)
            .with_message("Too many attempts have failed: wait before the next one.")
            .with_details(json!({ "reason": "locked_out" }))),
        _ => Ok(known),
    }
}

/// Counts a failure for an address in lower case. Failures at the same moment are all counted.
pub async fn failed(cx: &Context<Auth>, email: &str, mut known: Option<Stored<Attempts>>) -> Result<(), Error> {
    let rules = cx.state.config.get::<LockOut>(PLATFORM_TENANT).await?;
    let address = address_id(email);
    let call = by_stranger(cx, "auth.fail");
    loop {
        let before = known.as_ref().map(|known| &known.value);
        let next = Attempts::after_failure(before, &address, &rules, cx.now.unix_seconds());
        match cx.state.table.transaction(&call).upsert(known.as_ref(), &next).commit(&NoContent).await {
            Err(error) if error.kind() == Kind::Conflict => {}
            other => return other,
        }
        known = cx.state.table.get::<Attempts>(PLATFORM_TENANT, &address).await?;
    }
}

/// The same call as one of nobody known, for what is written before anybody is.
pub fn by_stranger(call: &Call, audit: &'static str) -> Call {
    let mut stranger = Call::of_platform(call.service, call.operation, call.environment, call.now.clone());
    stranger.principal = Principal::Anonymous;
    stranger.audit = Some(audit);
    stranger.request_id.clone_from(&call.request_id);
    stranger.client.clone_from(&call.client);
    stranger
}

/// So many seconds after `now`.
pub fn later(now: &Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LockOut {
        LockOut { attempts: 3, window_seconds: 60, lock_seconds: vec![100, 200], forget_seconds: 1000 }
    }

    /// The state after failures at these seconds.
    fn after(times: &[i64]) -> Attempts {
        let mut state = None;
        for now in times {
            state = Some(Attempts::after_failure(state.as_ref(), "a", &rules(), *now));
        }
        state.unwrap()
    }

    #[test]
    fn enough_failures_within_the_window_lock_and_too_few_do_not() {
        assert_eq!(after(&[0, 1]).locked_until, 0);
        assert_eq!(after(&[0, 1, 2]).locked_until, 102);
        assert_eq!(after(&[0, 1, 60]).locked_until, 0, "the first two are out of the window");
    }

    #[test]
    fn each_lock_is_longer_until_the_longest() {
        let (first, second) = ([0, 1, 2], [200, 201, 202]);
        let third = [500, 501, 502];

        assert_eq!(after(&[first, second].concat()).locked_until, 402);
        assert_eq!(after(&[first, second, third].concat()).locked_until, 702);
    }

    #[test]
    fn what_is_long_ago_is_forgotten() {
        let forgotten = 102 + 1000;

        assert_eq!(after(&[0, 1, 2, forgotten, forgotten + 1, forgotten + 2]).locks, 1);
        assert_eq!(after(&[0, 1, 2, forgotten - 1, forgotten, forgotten + 1]).locks, 2);
    }
}
