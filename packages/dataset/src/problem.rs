//! What is wrong with a dataset: where, what, and what mends it.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong. All of them are told at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Below the dataset's folder: `use-cases/uc3-a-shipper-books.yaml`.
    pub file: String,
    /// From 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// The rule it breaks: `reference`, `operation`, `request`, …
    pub rule: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, what, mend } = self;
        write!(f, "{file}:{line}: {rule}: {what}; {mend}")
    }
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Below the dataset's folder.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl Place {
    /// Something is wrong here.
    pub fn problem(&self, rule: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Problem {
        Problem { file: self.file.clone(), line: self.line, rule, what: what.into(), mend: mend.into() }
    }
}
