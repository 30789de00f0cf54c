//! The five context documents of a service.

mod diagram;
mod enver;
mod flows;
mod hub;
mod matrix;
mod overview;
mod parts;
mod step;
mod subject;

use std::path::Path;

use contracts::{Stage, Wiring};
use spec::Contract;

use crate::{Flow, Ledger, Setting};
pub use subject::DocumentError;
use subject::Subject;

/// Everything that documents are made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The root of the repository, where the code says in its first lines what it is for.
    pub root: &'a Path,
    /// What services promise.
    pub contracts: &'a [Contract],
    /// Who uses what of whom.
    pub wiring: &'a Wiring,
    /// What people have confirmed.
    pub ledger: &'a Ledger,
    /// The use cases of the master dataset.
    pub flows: &'a [Flow],
    /// The configuration documents that the platform ships.
    pub settings: &'a [Setting],
}

/// A document as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its path below `contracts/docs/`: `booking/MOCK_ENVER_CONTEXT.md`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The use-case validation matrix, and the documents of every service, by service.
///
/// # Errors
///
/// A service that is not wired, or a step of a flow that names what is not there.
pub fn all(source: &Source<'_>) -> Result<Vec<Document>, DocumentError> {
    let mut documents = vec![Document { path: USE_CASES.to_owned(), text: matrix::write(source) }];
    for contract in source.contracts {
        documents.extend(of(source, contract.service)?);
    }
    Ok(documents)
}

/// The documents of one service.
///
/// # Errors
///
/// As [`all`].
pub fn of(source: &Source<'_>, service: &str) -> Result<Vec<Document>, DocumentError> {
    let subject = Subject::of(source, service)?;
    let document = |name: &str, text: String| Document { path: format!("{service}/{name}"), text };
    let mut documents = vec![
        document("SERVICE_CONTEXT.md", hub::write(&subject)),
        document("SERVICE_OVERVIEW.md", overview::write(&subject)),
    ];
    for stage in Stage::ALL {
        documents.push(document(enver_document(stage), enver::write(&subject, stage)));
    }
    Ok(documents)
}

/// The name of the document with the use-case validation matrix.
pub const USE_CASES: &str = "USE_CASES.md";

/// The name of the document about an enver.
pub const fn enver_document(stage: Stage) -> &'static str {
    match stage {
        Stage::Mock => "MOCK_ENVER_CONTEXT.md",
        Stage::Dev => "DEV_ENVER_CONTEXT.md",
        Stage::Main => "MAIN_ENVER_CONTEXT.md",
    }
}

/// The headings that a document about an enver must have for the steps of these flows: one for each step that goes to
/// the service, in order.
pub fn step_headings(flows: &[Flow], service: &str) -> Vec<String> {
    flows::headings(flows, service)
}
