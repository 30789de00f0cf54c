//! Typed clients of other services, written as Rust from the contracts those services published.
//!
//! A consumer declares in `upstreams.yaml` which operations it calls and which messages it takes, and of each the places
//! it reads, as JSON pointers. From the pinned artifact come one file per upstream and `usage.json`, which says the same
//! as data. Only what is declared is generated: what a consumer does not read may change without its knowing.
//!
//! The types derive the house's own contract traits, so an answer is parsed and checked as a request is, and every fault
//! has its pointer. Of JSON Schema that is objects, lists, maps, texts with lengths and patterns, numbers with bounds,
//! words, and `null`; what else a place declares is refused with its pointer rather than half checked.

mod check;
mod declaration;
mod document;
mod messages;
mod operations;
mod render;
mod shapes;
mod usage;

use std::path::{Path, PathBuf};

pub use check::{Stale, check, generate};
pub use declaration::declarations;
pub use usage::usage;

/// What an upstream's file is called, and a module of it.
const FOLDER: &str = "src/upstreams";

/// A file of a client, as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it stands.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
}

/// Why a client could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file or folder could not be read or written.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The declaration asks for something that the artifact does not give.
    #[error("{}: {upstream}: {why}", declaration.display())]
    Declared {
        /// The declaration.
        declaration: PathBuf,
        /// The upstream in it.
        upstream: String,
        /// What is asked for, why it cannot be had, and what to do.
        why: String,
    },
    /// `rustfmt` did not do its work.
    #[error("rustfmt, which lays generated code out, {0}; `rustup component add rustfmt` brings it")]
    Rustfmt(String),
}

impl ClientError {
    fn file(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string() }
    }
}
