//! The state machines of the flows, which an enver runs against itself: the manifest names each with its digest, and the
//! bucket keeps each under it.

use std::fs;
use std::io;
use std::path::Path;

use contracts::Stage;
use operation::Environment;
use serde_json::{Map, Value, json};
use spec::json;

use super::{PublishError, unusable};
use crate::deployments::{self, Deployments};

/// Header fields that Step Functions lets no HTTP task send: it makes no state machine that has one. The origin that flows
/// ask sends what comes as `x-passed-authorization` on as `authorization`.
const REFUSED: [&str; 5] = ["authorization", "cache-control", "if-match", "if-none-match", "origin"];

/// The state machine of a flow, as AWS takes it.
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
            let machine = serde_json::from_str(&text).map_err(|error| unusable(&path)(error.into()))?;
            flows.push(Flow { id: id.to_owned(), definition: passed_on(machine) });
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

/// The machine whose tasks send refused fields under other names.
fn passed_on(mut machine: Value) -> Value {
    let states =
        machine.get_mut("States").and_then(Value::as_object_mut).into_iter().flat_map(|states| states.values_mut());
    for task in states.filter(|state| state["Resource"] == "arn:aws:states:::http:invoke") {
        if let Some(fields) = task.pointer_mut("/Parameters/Headers").and_then(Value::as_object_mut) {
            let renamed = std::mem::take(fields).into_iter().map(|(name, value)| {
                let field = name.strip_suffix(".$").unwrap_or(&name);
                (if REFUSED.contains(&field) { format!("x-passed-{name}") } else { name }, value)
            });
            *fields = renamed.collect::<Map<_, _>>();
        }
    }
    machine
}
