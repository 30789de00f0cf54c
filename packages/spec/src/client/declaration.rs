//! `upstreams.yaml`: what a consumer uses of other services.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ClientError;

/// The name of the file.
pub(crate) const NAME: &str = "upstreams.yaml";

/// A consumer's declaration: per upstream what is used of it.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Declaration {
    pub upstreams: BTreeMap<String, Upstream>,
}

/// What is used of one upstream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upstream {
    /// The artifact of its HTTP operations, relative to the declaration.
    pub openapi: Option<PathBuf>,
    /// By operation id.
    #[serde(default)]
    pub operations: BTreeMap<String, Operation>,
    /// The artifact of its messages, relative to the declaration.
    pub asyncapi: Option<PathBuf>,
    /// By type of event.
    #[serde(default)]
    pub messages: BTreeMap<String, Message>,
}

/// An operation that is called. What it demands is sent without being listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// Pointers into the answer's body.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Optional parameters by name, and pointers to optional places of the body.
    #[serde(default)]
    pub sends: Vec<String>,
    /// Codes of errors that the consumer tells apart.
    #[serde(default)]
    pub refusals: Vec<String>,
}

/// A message that is taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// Pointers into its data.
    #[serde(default)]
    pub reads: Vec<String>,
}

impl Declaration {
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        let text = std::fs::read_to_string(path).map_err(|error| ClientError::file(path, error))?;
        let declaration: Self = serde_saphyr::from_str(&text).map_err(|error| ClientError::file(path, error))?;
        let plain = |name: &&String| {
            !name.starts_with(|first: char| first.is_ascii_digit())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        match declaration.upstreams.keys().find(|name| name.is_empty() || !plain(name)) {
            Some(name) => Err(ClientError::file(path, format!("{name:?} is no name of a service: like-this"))),
            None => Ok(declaration),
        }
    }
}

/// The declarations at and below these places, in order: a file is one itself. What `.gitignore` names is passed over.
/// A place without any is an error.
pub fn declarations(places: &[PathBuf]) -> Result<Vec<PathBuf>, ClientError> {
    let mut found = Vec::new();
    for place in places {
        let before = found.len();
        for entry in ignore::Walk::new(place) {
            let entry = entry.map_err(|error| ClientError::file(place, error))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && (entry.file_name() == NAME || entry.depth() == 0)
            {
                found.push(entry.into_path());
            }
        }
        if found.len() == before {
            return Err(ClientError::file(place, format!("there is no {NAME} here or below")));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}
