//! The clock of this host. `SystemTime::now` and `Instant::now` panic on wasm32; the runtime's own clock does not.

use std::sync::Arc;

use worker::js_sys;

/// Milliseconds since 1970. Inside a request the runtime moves time on only when something was awaited.
pub fn now_millis() -> i64 {
    js_sys::Date::now() as i64
}

/// The pipeline's clock.
pub fn clock() -> operation::Clock {
    Arc::new(now_millis)
}

/// The pipeline's stopwatch, in microseconds. The runtime gives whole milliseconds and no monotonic clock.
pub fn stopwatch() -> u64 {
    (js_sys::Date::now() * 1000.0) as u64
}
