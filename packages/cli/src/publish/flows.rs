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

/// Those that an enver runs, from `bdd/state-machines` below `root`; none for main, in which a flow would leave companies
/// behind that nobody runs, and for a while other rules than those everybody works under.
pub fn of_enver(environment: Environment, root: &Path) -> Result<Vec<Flow>, PublishError> {
    let folder = root.join("bdd/state-machines");
    if environment == Environment::Main {
        return Ok(Vec::new());
    }
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unusable(&folder))?,
    };
    let mut flows = Vec::new();
    for entry in entries {
        let path = entry.map_err(unusable(&folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(id) = name.strip_suffix(".asl.json") {
            let text = fs::read_to_string(&path).map_err(unusable(&path))?;
            let definition = serde_json::from_str(&text).map_err(|error| unusable(&path)(error.into()))?;
            flows.push(Flow { id: id.to_owned(), definition });
        }
    }
    flows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(flows)
}

/// The build of what they ask; null where none is recorded. It holds a dataset, so main has none.
pub fn values(environment: Environment, deployments: &Deployments) -> Value {
    let stage = Stage::named(environment.name()).filter(|stage| *stage != Stage::Main);
    let build = stage.and_then(|stage| deployments.of(stage, deployments::VALUES));
    build.and_then(|build| serde_json::to_value(build).ok()).unwrap_or_default()
}
