//! Time on the wall and time on the processor.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What some work took.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub wall: Duration,
    /// Of this thread alone.
    pub thread: Duration,
    /// Of the whole process, the tables' thread with it.
    pub process: Duration,
}

/// A watch that runs.
pub struct Watch {
    wall: Instant,
    thread: Duration,
    process: Duration,
}

impl Watch {
    pub fn start() -> Self {
        Self { wall: Instant::now(), thread: now(ClockId::ThreadCPUTime), process: now(ClockId::ProcessCPUTime) }
    }

    pub fn stop(self) -> Spent {
        Spent {
            wall: self.wall.elapsed(),
            thread: now(ClockId::ThreadCPUTime).saturating_sub(self.thread),
            process: now(ClockId::ProcessCPUTime).saturating_sub(self.process),
        }
    }
}

fn now(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

/// The middle one, in microseconds. What other work of the machine adds to some of them does not move it.
pub fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}
