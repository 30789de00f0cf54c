//! Fixed windows: how many calls in how many seconds, and where a caller stands.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use service_errors::Error;

use crate::Counters;

/// A limit: so many calls in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Calls.
    pub limit: u32,
    /// Seconds.
    pub seconds: u32,
}

/// Where a caller stands in the current window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The window's limit.
    pub limit: u32,
    /// Calls counted in this window, this one included.
    pub used: u32,
    /// When the window ends, in seconds since 1970.
    pub reset: i64,
}

impl Standing {
    /// Calls left, never below zero.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// Whether this call is one too many.
    pub fn exceeded(&self) -> bool {
        self.used > self.limit
    }
}

impl Window {
    /// When the window that holds `now` ends, in seconds since 1970.
    pub fn end(&self, now: i64) -> i64 {
        let seconds = i64::from(self.seconds.max(1));
        now - now.rem_euclid(seconds) + seconds
    }
}

/// Counters in this process: for hosts where one process sees all calls.
#[derive(Debug, Default)]
pub struct LocalCounters {
    windows: Mutex<HashMap<String, (u32, i64)>>,
    seen: Mutex<HashMap<String, i64>>,
}

/// More keys than this and the expired ones are dropped; a flood of strangers must not fill the memory.
const SWEEP_ABOVE: usize = 10_000;

#[async_trait]
impl Counters for LocalCounters {
    async fn hit(&self, key: &str, window: Window, now: i64) -> Result<Standing, Error> {
        let mut windows = self.windows.lock().map_err(|_| Error::internal("counters are poisoned"))?;
        if windows.len() > SWEEP_ABOVE {
            windows.retain(|_, (_, reset)| *reset > now);
        }
        let end = window.end(now);
        let slot = match windows.get_mut(key) {
            Some(slot) => slot,
            None => windows.entry(key.to_owned()).or_insert((0, end)),
        };
        // Also the window of a clock that went back again: it would end who knows when.
        if slot.1 != end {
            *slot = (0, end);
        }
        slot.0 = slot.0.saturating_add(1);
        Ok(Standing { limit: window.limit, used: slot.0, reset: slot.1 })
    }

    async fn first_use(&self, once: &str, now: i64, expires_at: i64) -> Result<bool, Error> {
        let mut seen = self.seen.lock().map_err(|_| Error::internal("counters are poisoned"))?;
        if seen.len() > SWEEP_ABOVE {
            seen.retain(|_, expiry| *expiry > now);
        }
        let fresh = seen.get(once).is_none_or(|expiry| *expiry <= now);
        if fresh {
            seen.insert(once.to_owned(), expires_at);
        }
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_of_a_clock_that_went_back_is_forgotten() {
        let (counters, window) = (LocalCounters::default(), Window { limit: 1, seconds: 60 });
        let century = 3_000_000_000;
        counters.hit("caller", window, 30 + century).await.unwrap();

        for used in [1, 2] {
            let standing = counters.hit("caller", window, 30).await.unwrap();
            assert_eq!((standing.used, standing.reset), (used, 60));
        }
        assert_eq!(counters.hit("caller", window, 60).await.unwrap().used, 1);
    }
}
