//! Finds what a configuration document should say and code says instead: rates, timeouts, retries, limits and durations
//! as literals, credentials, branches on the name of a tenant, and variables of the environment that no function has.
//!
//! Code is read as tokens, so that nothing in a string or a comment is found. Constants, fields, arguments, keys of
//! objects and keys of YAML count as assignments; a value that is reckoned or read from elsewhere does not, also when a
//! fallback is given with it.
//!
//! ```
//! let findings = scan::judge("const TAX_RATE: f64 = 0.18;", scan::Language::Rust, false);
//! assert_eq!(findings.found[0].rule.id, "hardcoded-rate");
//! ```

mod facts;
mod file;
mod language;
mod lexer;
mod names;
mod passed_over;
mod report;
mod rules;
mod waivers;
mod walk;
mod yaml;

use std::io;
use std::path::Path;

pub use file::{Findings, Found, judge};
pub use language::Language;
pub use report::{Format, Report};
pub use rules::{RULES, Rule};
pub use walk::{LONGEST_FILE, scan};

/// Something that happens during a scan.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A rule is broken; perhaps it is waived.
    Found {
        /// Where.
        file: &'a Path,
        /// What.
        found: &'a Found,
    },
    /// A file was not read, or not to its end.
    Skipped {
        /// Which.
        file: &'a Path,
        /// Why.
        why: &'a str,
    },
}

/// How a scan ended, in numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Files that were read.
    pub files: usize,
    /// Findings without a waiver.
    pub findings: usize,
    /// Findings with one.
    pub waived: usize,
    /// Files that are not text, too long, or break off being what their name says.
    pub skipped: usize,
    /// Files and folders that could not be opened: the scan is not whole.
    pub unreadable: usize,
}

/// Why there was no scan.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The path, or a folder of services, cannot be used.
    #[error("{path} cannot be scanned")]
    Path {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The path is a device or the like.
    #[error("{0} is neither a file nor a folder")]
    Neither(String),
    /// The report could not be written.
    #[error("the report could not be written")]
    Report(#[from] io::Error),
}
