//! The deployment that flows are run against, and what they are run with.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dataset::{LogIn, Setting};
use verify::Client;

/// A deployment, and what a runner of flows has to know of it.
#[derive(Clone)]
pub struct Target {
    /// What it is called in reports: `dev`, or its base URL.
    pub name: String,
    /// What it is: `mock`, `dev` or `main`.
    pub enver: String,
    /// How it is asked.
    pub client: Client,
    /// The log-in of the platform's administrator, if it is known.
    pub platform: Option<LogIn>,
    /// The secret that calls between services are signed with, if it is known.
    pub secret: Option<[u8; 32]>,
    /// The name of the run: what flows make is called by it, so that they run again where they ran before.
    pub run: String,
}

impl Target {
    /// The name of the run as the flow of this number has it: flows meet nobody of another's.
    pub fn run_of(&self, flow: usize) -> String {
        format!("{}x{flow}", self.run)
    }

    /// What references of the dataset mean here, in the flow of this number.
    pub fn setting(&self, flow: usize) -> Setting {
        Setting { run: self.run_of(flow), enver: self.enver.clone(), platform: self.platform.clone() }
    }
}

/// The name of a run that begins now: no other has it.
pub fn run_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    // Letters and digits in their order, so that later runs sort behind earlier ones.
    let mut rest = since.as_millis();
    let mut name = Vec::new();
    while rest > 0 {
        let digit = u32::try_from(rest % 36).unwrap_or_default();
        name.push(char::from_digit(digit, 36).unwrap_or('0'));
        rest /= 36;
    }
    name.push('r');
    name.iter().rev().collect()
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
