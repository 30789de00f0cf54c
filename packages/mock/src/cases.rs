//! Answers that no behaviour gives: those of the dataset's steps, and values that the contract's schema accepts. Both are
//! made when the first is asked for, so a start waits for neither.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dataset::{Dataset, Published, rehearse};
use document::Api;
use serde_json::Value as Json;

/// The answers of a dataset's steps.
pub struct Cases {
    data: PathBuf,
    contracts: PathBuf,
    /// By service and operation: status, the step's id, body.
    rehearsed: OnceLock<HashMap<(String, String), Vec<Case>>>,
}

/// One answer: its status, the id of the step that expects it, its body.
pub type Case = (u16, String, Json);

impl Cases {
    /// Of the dataset and the contracts in these folders.
    pub fn of_folders(data: &Path, contracts: &Path) -> Self {
        Self { data: data.to_owned(), contracts: contracts.to_owned(), rehearsed: OnceLock::new() }
    }

    /// The answers of an operation, in the order of the dataset.
    pub fn of(&self, service: &str, operation: &str) -> &[Case] {
        let rehearsed = self.rehearsed.get_or_init(|| {
            let mut found: HashMap<(String, String), Vec<Case>> = HashMap::new();
            // Whoever wants a dataset to be sound checks it before; one that cannot be read has no cases.
            let (Ok(dataset), Ok(published)) = (Dataset::load(&self.data), Published::load(&self.contracts)) else {
                return found;
            };
            for (_, flow) in dataset.flows() {
                let (exchanges, _) = rehearse(&dataset, &published, flow, "mock");
                for exchange in exchanges {
                    let step = &exchange.step;
                    let place = (step.service.clone(), step.operation.clone());
                    found.entry(place).or_default().push((step.expect.status, step.id.clone(), exchange.answer));
                }
            }
            found
        });
        rehearsed.get(&(service.to_owned(), operation.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// A contract, read for its schemas alone, when the first value is asked for.
pub struct Generated {
    file: PathBuf,
    api: OnceLock<Option<Api>>,
}

impl Generated {
    /// Of the contract in that file.
    pub fn of(file: PathBuf) -> Self {
        Self { file, api: OnceLock::new() }
    }

    /// A body that the operation's answer of success may have: with a seed another, most likely; `None` when there is
    /// none.
    pub fn body(&self, operation: &str, seed: Option<u64>) -> Option<Json> {
        let api = self.api.get_or_init(|| Api::read(&std::fs::read(&self.file).ok()?).ok()).as_ref()?;
        let schema = api.operation(operation)?.success()?.content.first()?.schema.as_ref()?;
        match seed {
            Some(seed) => schema.generate(seed),
            None => schema.example(),
        }
    }
}
