//! Flows: the use cases of the master dataset, as far as context documents show them.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One use case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Flow {
    /// `UC3`
    pub id: String,
    /// `A shipper gets a quote and books`
    pub title: String,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One step of a use case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Step {
    /// Unique in its flow.
    pub id: String,
    /// The service it goes to.
    pub service: String,
    /// The operation or consumer it calls.
    pub operation: String,
    /// What happens, in words.
    #[serde(default)]
    pub action: Option<String>,
    /// Who calls.
    #[serde(default)]
    pub by: Option<String>,
    /// What is sent.
    #[serde(default)]
    pub request: Option<Value>,
    /// What is expected: status, body, header fields.
    #[serde(default)]
    pub expect: Option<Value>,
    /// The messages it leads to.
    #[serde(default)]
    pub emits: Option<Value>,
    /// What is true afterwards.
    #[serde(default)]
    pub state: Option<Value>,
}

/// Why flows cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A file or the folder cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file is no flow.
    #[error("{path} is no use case: {why}")]
    Form {
        /// Which.
        path: String,
        /// What is wrong, and where.
        why: String,
    },
}

impl Flow {
    /// Every flow in a folder, by the names of their files; none if there is no such folder.
    ///
    /// # Errors
    ///
    /// The first file that is no use case.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, FlowError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |source| FlowError::Read { path, source }
        };
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known)) {
                files.push(path);
            }
        }
        files.sort();
        let mut flows: Vec<Self> = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            let form = |why: String| FlowError::Form { path: path.display().to_string(), why };
            let flow: Self = serde_saphyr::from_str(&text).map_err(|error| form(error.to_string()))?;
            for (place, step) in flow.steps.iter().enumerate() {
                if flow.steps.iter().take(place).any(|other| other.id == step.id) {
                    return Err(form(format!("two steps are called {}: a step's id is its own", step.id)));
                }
            }
            if flows.iter().any(|other| other.id == flow.id) {
                return Err(form(format!("another file is {} already: a use case's id is its own", flow.id)));
            }
            flows.push(flow);
        }
        Ok(flows)
    }

    /// How documents call a step: `UC3.2`.
    pub fn step_name(&self, step: &Step) -> String {
        format!("{}.{}", self.id, step.id)
    }
}
