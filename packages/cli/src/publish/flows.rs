//! The state machines of the flows, which an enver runs against itself: the manifest names each with its digest, and the
//! bucket keeps each under it.

use std::fs;
use std::io;
use std::path::Path;

use contracts::Stage;
use operation::Environment;
use serde_json::{Value, json};
use spec::json;

use super::{PublishError, unusable};
use crate::deployments::{self, Deployments};
use crate::messages;

/// The state machine of a flow.
pub struct Flow {
    /// The flow's id.
    pub id: String,
    /// In the Amazon States Language.
    pub definition: Value,
}

impl Flow {
    /// As the manifest has it.
    pub fn facts(&self) -> Value {
        json!({ "id": self.id, "digest": self.digest() })
    }

    /// Its object in the bucket: what it says never changes under the machine that was made of it.
    pub fn key(&self) -> String {
        format!("flows/{}/{}.asl.json", self.id, self.digest())
    }

    fn digest(&self) -> String {
        json::digest(&self.definition).trim_start_matches("sha256:").to_owned()
    }
}

/// The flows of an enver on AWS.
#[derive(Default)]
pub struct Flows {
    /// Those that run there.
    pub run: Vec<Flow>,
    /// The ids of those that could not pass there.
    pub left_out: Vec<String>,
}

impl Flows {
    /// Why some are left out.
    const NO_MAILS: &str = "it reads a mail under /_messages, and no enver on AWS shows mails";

    /// Those that are left out, as the manifest has them.
    pub fn left_out(&self) -> Value {
        self.left_out.iter().map(|id| json!({ "id": id, "why": Self::NO_MAILS })).collect()
    }
}

/// Those of an enver, from `bdd/state-machines` below `root`; none for main, in which a flow would leave companies
/// behind that nobody runs, and for a while other rules than those everybody works under.
pub fn of_enver(environment: Environment, root: &Path) -> Result<Flows, PublishError> {
    let folder = root.join("bdd/state-machines");
    if environment == Environment::Main {
        return Ok(Flows::default());
    }
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Flows::default()),
        entries => entries.map_err(unusable(&folder))?,
    };
    let mut flows = Flows::default();
    for entry in entries {
        let path = entry.map_err(unusable(&folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(id) = name.strip_suffix(".asl.json") {
            let text = fs::read_to_string(&path).map_err(unusable(&path))?;
            let definition = serde_json::from_str(&text).map_err(|error| unusable(&path)(error.into()))?;
            match reads_mails(&definition) {
                true => flows.left_out.push(id.to_owned()),
                false => flows.run.push(Flow { id: id.to_owned(), definition }),
            }
        }
    }
    flows.run.sort_by(|one, other| one.id.cmp(&other.id));
    flows.left_out.sort();
    Ok(flows)
}

/// Whether a task asks for what mails would carry.
fn reads_mails(machine: &Value) -> bool {
    let states = machine["States"].as_object().into_iter().flat_map(|states| states.values());
    let mut endpoints = states.filter_map(|state| state.pointer("/Parameters/ApiEndpoint.$")?.as_str());
    endpoints.any(|endpoint| endpoint.contains(messages::PATH))
}

/// The build of what they ask; null where none is recorded. It holds a dataset, so main has none.
pub fn values(environment: Environment, deployments: &Deployments) -> Value {
    let stage = Stage::named(environment.name()).filter(|stage| *stage != Stage::Main);
    let build = stage.and_then(|stage| deployments.of(stage, deployments::VALUES));
    build.and_then(|build| serde_json::to_value(build).ok()).unwrap_or_default()
}
