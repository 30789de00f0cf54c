//! Contracts and behaviour as they stand in folders, and what they must say of each other.

use std::path::{Path, PathBuf};

use crate::Problem;
use crate::behaviour::{Behaviour, Collections, Step};
use crate::contract::Contract;

/// Reads every place, and gathers what is wrong with any.
pub fn read_all<T>(
    places: &[PathBuf],
    read: impl Fn(&Path) -> Result<T, Vec<Problem>>,
    problems: &mut Vec<Problem>,
) -> Vec<T> {
    let read = places.iter().filter_map(|place| read(place).map_err(|found| problems.extend(found)).ok());
    read.collect()
}

/// The folders of services.
pub fn folders(of: &Path) -> Result<Vec<PathBuf>, Vec<Problem>> {
    Ok(entries(of)?.into_iter().filter(|path| path.join("openapi.json").is_file()).collect())
}

/// The YAML files of a folder.
pub fn files(of: &Path) -> Result<Vec<PathBuf>, Vec<Problem>> {
    Ok(entries(of)?.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "yaml")).collect())
}

fn entries(of: &Path) -> Result<Vec<PathBuf>, Vec<Problem>> {
    let problem = |what: String| vec![Problem { file: of.display().to_string(), place: String::new(), what }];
    let read = std::fs::read_dir(of).map_err(|error| problem(format!("cannot be read: {error}")))?;
    let mut found: Vec<_> = read.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    Ok(found)
}

/// What behaviour and contracts say of each other.
pub fn check(contracts: &[Contract], behaviours: &[Behaviour], problems: &mut Vec<Problem>) {
    let collections = Collections::of(behaviours);
    for behaviour in behaviours {
        let file = format!("behaviour/{}.yaml", behaviour.service);
        let mut wrong = |place: &str, what: String| {
            problems.push(Problem { file: file.clone(), place: place.to_owned(), what });
        };
        let Some(contract) = contracts.iter().find(|contract| contract.service == behaviour.service) else {
            wrong("service", format!("no contract of {} is published", behaviour.service));
            continue;
        };
        let promised = |id: &str| contract.operations.iter().find(|operation| operation.declaration.id == id);
        for id in behaviour.operations.keys().filter(|id| promised(id).is_none()) {
            wrong(id, "the contract has no operation of this id".to_owned());
        }
        for operation in contract.operations.iter().filter(|operation| operation.declaration.lifecycle.is_some()) {
            let id = operation.declaration.id;
            if behaviour.operations.contains_key(id) && !goes_on(behaviour, id) {
                wrong(id, "the contract says what it does in a record's life: `transition` is missing".to_owned());
            }
        }
        for (name, step) in behaviour.every_step() {
            if matches!(step, Step::Transition(_))
                && promised(name).is_none_or(|operation| operation.declaration.lifecycle.is_none())
            {
                wrong(name, "has a `transition`, and no operation with an x-lifecycle has this id".to_owned());
            }
            if let Step::Refuse { code, .. } = step
                && let Some(operation) = promised(name)
                && !operation.declaration.all_errors().iter().any(|error| error.code == *code)
            {
                wrong(name, format!("refuses with {code}, which the operation does not declare"));
            }
            if let Step::Put { collection, .. } | Step::Change { collection, .. } = step
                && !collections.contains(collection)
            {
                wrong(name, format!("writes to {collection}, which is no collection"));
            }
            if let Step::Emit { kind, .. } = step
                && !contract.messages.iter().any(|(known, _)| known == kind)
            {
                wrong(name, format!("emits {kind}, which the contract does not have"));
            }
        }
    }
}

/// Whether an operation's own steps go on in a record's life.
fn goes_on(behaviour: &Behaviour, operation: &str) -> bool {
    behaviour.every_step().iter().any(|(name, step)| *name == operation && matches!(step, Step::Transition(_)))
}
