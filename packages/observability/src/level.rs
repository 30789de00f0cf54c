//! Levels of log lines, as `LOG_LEVEL` names them.

use std::str::FromStr;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever is looking for a fault.
    Debug,
    /// What happened.
    Info,
    /// What a caller did wrong.
    Warning,
    /// What we did wrong.
    Error,
}

/// `LOG_LEVEL` holds something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a log level: use DEBUG, INFO, WARNING or ERROR")]
pub struct UnknownLevel(pub String);

impl Level {
    /// The level's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }

    /// The level of a request that was answered with this status.
    pub const fn of_status(status: u16) -> Self {
        match status {
            500.. => Self::Error,
            400.. => Self::Warning,
            _ => Self::Info,
        }
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        [Self::Debug, Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}
