//! What the configuration says about configuration: `global/operational/configuration`.

use cloud::Table;
use config_client::{Document as Named, Scope};
use operation::Environment;
use policy::PLATFORM_TENANT;
use serde::Deserialize;
use service_errors::Error;

use crate::document::{DocumentId, Layers};

/// The document's id.
pub const RULES: &str = "global.operational.configuration";

/// How documents are kept, resolved and changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// Seconds for which clients keep a document before they ask again.
    pub max_age_seconds: i64,
    /// How far references may go.
    pub references: References,
    /// Which changes another administrator must approve.
    pub change_control: ChangeControl,
}

impl Named for Rules {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "operational/configuration";
}

impl Rules {
    /// As they are this very moment, from the table they are kept in: a change that needs two from now on needs them in
    /// every process, also in those that have read the rules a moment ago.
    pub async fn current(table: &Table) -> Result<Self, Error> {
        let rules = Layers::load(table, PLATFORM_TENANT, RULES).await?.value();
        serde_json::from_value(rules).map_err(Error::internal)
    }
}

/// How far the references of one document may go.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct References {
    /// How many references may lead from one to the next.
    pub maximum_depth: usize,
    /// How many may be followed.
    pub maximum_count: usize,
    /// How many bytes of JSON they may stand for.
    pub maximum_bytes: usize,
}

/// Which changes need a change ticket and the approval of another administrator.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeControl {
    /// In these envers …
    pub environments: Vec<String>,
    /// … documents of these categories.
    pub categories: Vec<String>,
    /// How long an approval is good for.
    pub approval_seconds: i64,
}

impl ChangeControl {
    /// Whether a change of this document, in this enver, needs a ticket and an approval.
    pub fn covers(&self, document: &DocumentId, here: Environment) -> bool {
        let environment = document.environment().unwrap_or(here.name());
        self.environments.iter().any(|name| name == environment)
            && self.categories.iter().any(|name| name == document.category())
    }
}
