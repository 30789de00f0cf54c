//! Failed attempts to prove who one is, and the lock-out that grows with them.
//!
//! They are counted per tenant and e-mail address, whether or not there is such a tenant or somebody has the address: a
//! lock says nothing about who is registered. An attempt is counted before what it proves is looked at, and taken back
//! when it succeeds: of any number at the same moment, no more are looked at than may fail.

use std::sync::Arc;

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
use crate::domain::Email;
use crate::records::UserRecord;

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

/// What is known of one address in a tenant. Kept under the platform: the tenant may be none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempts {
    /// [`address_id`], because the address of somebody who is not registered is not ours to keep.
    pub address: String,
    /// Attempts since the window began that failed, or have not ended yet.
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

    fn expires_at(&self) -> Option<i64> {
        Some(self.forget_at)
    }
}

/// What an e-mail address of a tenant is kept under where it must not be read: 128 bits of the SHA-256 of both, in
/// hexadecimal.
pub fn address_id(tenant: &str, email: &Email) -> String {
    let digest = Sha256::digest(format!("{tenant}\n{}", email.folded()));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Attempts {
    /// The state with one more attempt under way. `before` is what was known, if it is not to be forgotten yet. When
    /// there can be none now, in how many seconds there may.
    fn begun(before: Option<&Self>, address: &str, rules: &LockOut, now: i64) -> Result<Self, u64> {
        // Only a hint to a caller: who has taken the last place is about to end.
        const UNDER_WAY: u64 = 1;
        let fresh = Self {
            address: address.to_owned(),
            failures: 0,
            window_ends: now + rules.window_seconds,
            locks: 0,
            locked_until: 0,
            forget_at: 0,
        };
        let mut next = before.filter(|before| before.forget_at > now).cloned().unwrap_or(fresh);
        if next.locked_until > now {
            return Err(u64::try_from(next.locked_until - now).unwrap_or(UNDER_WAY));
        }
        if next.window_ends <= now {
            next.failures = 0;
            next.window_ends = now + rules.window_seconds;
        }
        if next.failures >= rules.attempts {
            return Err(UNDER_WAY);
        }
        next.failures += 1;
        next.forget_at = now + rules.forget_seconds;
        Ok(next)
    }

    /// The state when one of its attempts has failed; `None` when it stays as it is. The last one that may fail locks.
    fn failed(&self, rules: &LockOut, now: i64) -> Option<Self> {
        if self.failures < rules.attempts || self.locked_until > now {
            return None;
        }
        let length = rules.lock_seconds.get(self.locks).or(rules.lock_seconds.last()).copied().unwrap_or_default();
        let locked_until = now + length;
        Some(Self {
            failures: 0,
            locks: self.locks + 1,
            locked_until,
            forget_at: locked_until + rules.forget_seconds,
            ..self.clone()
        })
    }
}

/// An attempt under way. It counts as failed until it is taken back.
pub struct Attempt {
    rules: Arc<LockOut>,
    read: Stored<Attempts>,
}

impl Attempt {
    /// Counts an attempt for an address of a tenant. 429 while the address is locked, or when as many are under way as
    /// may fail.
    pub async fn begin(cx: &Context<Auth>, tenant: &str, email: &Email) -> Result<Self, Error> {
        let rules = cx.state.config.get::<LockOut>(PLATFORM_TENANT).await?;
        let address = address_id(tenant, email);
        let quiet = by_stranger(cx, None);
        // Mostly nothing is known, and then there is nothing to read: what is known makes the first write fail.
        let mut known = None::<Stored<Attempts>>;
        loop {
            let before = known.as_ref().map(|known| &known.value);
            let next = Attempts::begun(before, &address, &rules, cx.now.unix_seconds()).map_err(|seconds| {
                Error::rate_limited(seconds)
                    .with_message("Too many attempts have failed: wait before the next one.")
                    .with_details(json!({ "reason": "locked_out" }))
            })?;
            match cx.state.table.transaction(&quiet).upsert(known.as_ref(), &next).commit(&NoContent).await {
                Err(error) if error.kind() == Kind::Conflict => known = attempts(cx, &address).await?,
                other => {
                    let version = known.map_or(1, |known| known.version + 1);
                    return other.map(|()| Self { rules, read: Stored { value: next, version } });
                }
            }
        }
    }

    /// Counts an attempt of somebody known.
    pub async fn of(cx: &Context<Auth>, user: &UserRecord) -> Result<Self, Error> {
        Self::begin(cx, &user.tenant, &Email(user.email.clone())).await
    }

    /// It failed; the last one that may fail locks the address.
    pub async fn failed(self, cx: &Context<Auth>) -> Result<(), Error> {
        let call = by_stranger(cx, Some("auth.fail"));
        let address = self.read.value.address.clone();
        let mut known = Some(self.read);
        loop {
            let change = cx.state.table.transaction(&call).subject(format!("{}/{address}", Attempts::KIND));
            let next = known.as_ref().and_then(|known| known.value.failed(&self.rules, cx.now.unix_seconds()));
            let change = match (&known, &next) {
                (Some(known), Some(next)) => change.update(known, next),
                _ => change,
            };
            match change.commit(&NoContent).await {
                Err(error) if error.kind() == Kind::Conflict => known = attempts(cx, &address).await?,
                other => return other,
            }
        }
    }

    /// It succeeded; those before it stay counted.
    pub async fn taken_back(self, cx: &Context<Auth>) -> Result<(), Error> {
        let quiet = by_stranger(cx, None);
        let mut known = Some(self.read);
        while let Some(read) = known {
            let next = Attempts { failures: read.value.failures.saturating_sub(1), ..read.value.clone() };
            let change = cx.state.table.transaction(&quiet);
            let change = match next.failures == 0 && next.locks == 0 {
                true => change.erase(&read),
                false => change.update(&read, &next),
            };
            match change.commit(&NoContent).await {
                Err(error) if error.kind() == Kind::Conflict => known = attempts(cx, &next.address).await?,
                other => return other,
            }
        }
        Ok(())
    }

    /// What is known of its address, to be forgotten together with what its success writes.
    pub fn into_known(self) -> Stored<Attempts> {
        self.read
    }
}

/// What is known of an address by its [`address_id`].
pub async fn attempts(cx: &Context<Auth>, address: &str) -> Result<Option<Stored<Attempts>>, Error> {
    cx.state.table.get::<Attempts>(PLATFORM_TENANT, address).await
}

/// The same call as one of nobody known, for what is written before anybody is.
pub fn by_stranger(call: &Call, audit: Option<&'static str>) -> Call {
    let mut stranger = Call::of_platform(call.service, call.operation, call.environment, call.now.clone());
    stranger.principal = Principal::Anonymous;
    stranger.audit = audit;
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

    /// The state after failures at these seconds, one after the other.
    fn after(times: &[i64]) -> Attempts {
        let mut state = None;
        for now in times {
            let begun = Attempts::begun(state.as_ref(), "a", &rules(), *now).unwrap();
            state = Some(begun.failed(&rules(), *now).unwrap_or(begun));
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

    #[test]
    fn no_more_are_under_way_than_may_fail_and_the_last_of_them_locks() {
        let mut state = None;
        for _ in 0..3 {
            state = Some(Attempts::begun(state.as_ref(), "a", &rules(), 5).unwrap());
        }
        let full = state.unwrap();

        assert_eq!(Attempts::begun(Some(&full), "a", &rules(), 5), Err(1));
        let locked = full.failed(&rules(), 5).unwrap();
        assert_eq!(Attempts::begun(Some(&locked), "a", &rules(), 5), Err(100));
        assert_eq!(locked.failed(&rules(), 5), None, "whoever else was under way locks it no longer");
        assert_eq!(Attempts::begun(Some(&full), "a", &rules(), 65).map(|next| next.failures), Ok(1), "a new window");
    }
}
