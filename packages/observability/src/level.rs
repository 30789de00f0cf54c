//! Levels of log lines, as `LOG_LEVEL` names them.

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

impl Level {
    /// The names, in words.
    pub const NAMES: &str = "DEBUG, INFO, WARNING or ERROR";

    /// The level of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warning, Self::Error].into_iter().find(|level| level.name() == name)
    }

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
