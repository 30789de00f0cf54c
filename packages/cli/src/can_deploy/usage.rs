//! What a consumer's generated clients use of an upstream: the `usage.json` beside each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use spec::compatibility::{Promise, Usage, Used};

use super::Unusable;
use super::linked::Crates;
use super::published::{bytes, content};

/// What one generated client uses of one upstream.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientUsage {
    /// By kind, the documents it was generated from.
    #[serde(default)]
    pub artifacts: BTreeMap<String, Pinned>,
    #[serde(default)]
    operations: BTreeMap<String, UsedOperation>,
    #[serde(default)]
    messages: BTreeMap<String, UsedMessage>,
    /// The crate it stands in.
    #[serde(skip)]
    pub client: String,
}

/// A document at the content that a client was generated from.
#[derive(Debug, Clone, Deserialize)]
pub struct Pinned {
    /// `sha256:…`.
    pub digest: String,
}

#[derive(Debug, Clone, Deserialize)]
struct UsedOperation {
    sends: Vec<String>,
    reads: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct UsedMessage {
    operation: String,
    reads: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    upstreams: BTreeMap<String, ClientUsage>,
}

/// What all clients that a consumer's crate reaches use of an upstream. Empty when it has none: then nobody knows what
/// it uses, and all of it counts as used.
pub fn of_consumer(crates: &Crates, consumer: &str, upstream: &str) -> Result<Vec<ClientUsage>, Unusable> {
    let mut found = Vec::new();
    for (name, folder) in crates.reached_from(consumer) {
        let file = folder.join("src/upstreams/usage.json");
        if let Some(mut usage) = read(&file)?.remove(upstream) {
            usage.client = name;
            found.push(usage);
        }
    }
    Ok(found)
}

fn read(file: &Path) -> Result<BTreeMap<String, ClientUsage>, Unusable> {
    let Some(text) = bytes(file)? else { return Ok(BTreeMap::new()) };
    let parsed: File = serde_json::from_slice(&text)
        .map_err(|error| content(&file.display().to_string(), format!("{error}: run `enver client generate`")))?;
    Ok(parsed.upstreams)
}

/// The promise that must be kept to these clients: everything if there are none.
pub fn promise(clients: &[ClientUsage]) -> Promise {
    if clients.is_empty() {
        return Promise::Wire;
    }
    let mut merged: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for client in clients {
        for (id, operation) in &client.operations {
            let entry = merged.entry(id.clone()).or_default();
            entry.0.extend(operation.sends.iter().cloned());
            entry.1.extend(operation.reads.iter().cloned());
        }
        for message in client.messages.values() {
            merged.entry(message.operation.clone()).or_default().1.extend(message.reads.iter().cloned());
        }
    }
    let used = |(sends, reads): (BTreeSet<String>, BTreeSet<String>)| Used {
        sends: Some(sends.into_iter().collect()),
        reads: Some(reads.into_iter().collect()),
    };
    Promise::Consumers(Usage { operations: merged.into_iter().map(|(id, both)| (id, used(both))).collect() })
}
