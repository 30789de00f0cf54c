//! How far a phase is.

use std::fmt;

use contracts::Phase;

use crate::Ledger;

/// How far a phase is, by the words of the phase document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 0A, whose documents are there.
    Done,
    /// Somebody confirmed it.
    Complete,
    /// All that a machine can check holds; a person's word is missing.
    NeedsValidation,
    /// It is being worked on.
    InProgress,
    /// It comes later.
    Planned,
}

impl Status {
    /// With its sign, as documents show it.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Done => "✅ DONE",
            Self::Complete => "✅ COMPLETE",
            Self::NeedsValidation => "⚠️ NEEDS_VALIDATION",
            Self::InProgress => "🟠 IN_PROGRESS",
            Self::Planned => "🟡 PLANNED",
        }
    }

    /// Its name alone.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Complete => "COMPLETE",
            Self::NeedsValidation => "NEEDS_VALIDATION",
            Self::InProgress => "IN_PROGRESS",
            Self::Planned => "PLANNED",
        }
    }

    /// Whether nothing is left to do.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Done | Self::Complete)
    }

    /// The status of every phase of a service. `documented` says whether its context documents are there and current,
    /// `holds` whether the checkpoints of a phase hold; it is asked of the phase that is being worked on alone.
    pub fn all(ledger: &Ledger, service: &str, documented: bool, holds: impl Fn(Phase) -> bool) -> Vec<(Phase, Self)> {
        let mut is_next = true;
        let status = |phase: Phase| {
            let complete = match phase.completes_by_itself() {
                true => documented.then_some(Self::Done),
                false => ledger.is_confirmed(service, phase).then_some(Self::Complete),
            };
            let status = complete.unwrap_or_else(|| match std::mem::take(&mut is_next) {
                true if !phase.completes_by_itself() && holds(phase) => Self::NeedsValidation,
                true => Self::InProgress,
                false => Self::Planned,
            });
            (phase, status)
        };
        Phase::ALL.into_iter().map(status).collect()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}
