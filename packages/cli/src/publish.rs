//! `enver publish`: writes what the services promise to the files others build on, or says which of them are stale.

mod blessed;
mod flows;
mod infrastructure;
mod upload;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contracts::Stage;
use operation::Environment;
use serde_json::{Map, Value};
use spec::artifact::{self, Artifacts};
use spec::{Contract, Examples, json};

use crate::arguments::Publish;
use crate::deployments::{Deployments, DeploymentsError};

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// This is not the root of a repository of services.
    #[error("there is no folder {0} here: run this at the root of the repository, or name another folder with --dir")]
    NoFolder(String),
    /// The manifest holds other envers, and cannot be read.
    #[error("{0} is not a manifest, and what it says of other envers would be lost: restore it, or publish all envers")]
    Manifest(String),
    /// A contract cannot be said in OpenAPI 3.0.
    #[error("a contract does not fit into the types of OpenAPI 3.0")]
    Unsayable(#[from] serde_json::Error),
    /// What is published cannot be compared with.
    #[error("what is published for main cannot be read: restore it from the last commit")]
    Published(#[from] spec::compatibility::Unusable),
    /// An artifact belongs to one enver.
    #[error("--upload needs the enver whose bucket it is: give exactly one --enver")]
    WhichEnver,
    /// The bucket did not take it.
    #[error(transparent)]
    Upload(#[from] upload::UploadError),
    /// The declarations of builds break a rule.
    #[error("the declarations of builds break a rule: run `enver wiring`")]
    Rules(Vec<contracts::Refusal>),
    /// A default of the configuration is not what it should be.
    #[error("a configuration document that this platform comes with cannot be read: {0}")]
    Default(String),
    /// Nobody knows which builds run.
    #[error(transparent)]
    Deployments(#[from] DeploymentsError),
    /// A file cannot be read or written.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// How it ends when nothing could be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// The contracts of all services, by name, with the examples that their documents show.
pub fn contracts() -> Vec<Contract> {
    const SHOWN: &str = include_str!("../../../contracts/examples.json");
    // The command that writes the file is held to it by a test.
    let shown: Examples = serde_json::from_str(SHOWN).unwrap_or_default();
    let mut contracts =
        vec![Contract::of(&auth::service()), Contract::of(&booking::service()), Contract::of(&config::service())];
    for contract in &mut contracts {
        shown.give(contract);
    }
    contracts
}

/// Publishes or checks. The code is 0 when everything is as the code says, 1 when something is stale.
pub fn run(options: &Publish) -> Result<ExitCode, PublishError> {
    let parent = options.dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        return Err(PublishError::NoFolder(parent.display().to_string()));
    }
    let mut envers: Vec<Environment> = options.enver.iter().map(|enver| enver.environment()).collect();
    if envers.is_empty() {
        envers = vec![Environment::Mock, Environment::Dev, Environment::Main];
    }
    let contracts = contracts();
    let artifacts = contracts.iter().map(Artifacts::of).collect::<Vec<_>>();
    let wanted = wanted(&artifacts, &envers, &options.dir)?;
    let superfluous = superfluous(&contracts, &envers, &options.dir)?;
    let differing = differing(&wanted, &superfluous)?;
    let broken = blessed::broken(&wanted, &superfluous, &options.dir)?;
    for broken in &broken {
        say(&format!("{} breaks: {}\n", broken.path.display(), broken.why));
    }
    if options.check {
        return Ok(report(&differing, wanted.len()));
    }
    if !broken.is_empty() {
        say(MEND);
        return Ok(ExitCode::FAILURE);
    }
    if let Some(upload) = &options.upload {
        let [enver] = envers.as_slice() else { return Err(PublishError::WhichEnver) };
        if !differing.is_empty() {
            return Ok(report(&differing, wanted.len()));
        }
        let commit = upload::commit_of(&options.dir)?;
        let flows = flows::of_enver(*enver, root_of(&options.dir))?;
        for (producer, place) in upload::upload(&artifacts, &flows.run, *enver, &commit, upload)? {
            say(&format!("{producer} {place}\n"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    write(&wanted, &differing)?;
    for file in &superfluous {
        fs::remove_file(file).map_err(unusable(file))?;
    }
    for (path, state) in &differing {
        say(&format!("{} {}\n", state.done(), path.display()));
    }
    say(&format!("{} files, {} of them changed.\n", wanted.len(), differing.len()));
    Ok(ExitCode::SUCCESS)
}

const MEND: &str = "Nothing was written: main changes compatibly. Let the operation be as it was, and declare the change as \
                    a new one under the next version of the path; the old one can be deprecated, and may go after its \
                    sunset.\n";

/// A file and what it should hold.
type Wanted = (PathBuf, String);

/// Every file of these envers, and the manifest, which keeps what it says of others.
fn wanted(artifacts: &[Artifacts<'_>], envers: &[Environment], folder: &Path) -> Result<Vec<Wanted>, PublishError> {
    const ENVERS: usize = 3;
    let manifest = folder.join("manifest.json");
    let mut sections = if envers.len() < ENVERS { known_sections(&manifest)? } else { Map::new() };
    let wiring = contracts::wire().map_err(PublishError::Rules)?;
    let deployments = Deployments::read(folder.parent().unwrap_or(Path::new("")))?;
    let mut wanted = Vec::new();
    for enver in envers {
        let mut services = Map::new();
        for artifacts in artifacts {
            let files = artifacts.files(*enver);
            let mut facts = artifacts.facts(*enver, &files);
            if let (Some(facts), Some(stage)) = (facts.as_object_mut(), Stage::named(enver.name())) {
                facts.extend(infrastructure::of_service(artifacts.service(), stage, &wiring, &deployments));
            }
            services.insert(artifacts.service().to_owned(), facts);
            let place = folder.join(enver.name()).join(artifacts.service());
            wanted.extend(files.into_iter().map(|file| (place.join(file.name), file.text)));
        }
        let mut section = infrastructure::of_enver(*enver)?;
        section.insert("services".to_owned(), services.into());
        let flows = flows::of_enver(*enver, root_of(folder))?;
        section.insert("flows".to_owned(), flows.run.iter().map(flows::Flow::facts).collect());
        section.insert("flowsLeftOut".to_owned(), flows.left_out());
        section.insert("values".to_owned(), flows::values(*enver, &deployments));
        sections.insert(enver.name().to_owned(), section.into());
    }
    wanted.push((manifest, json::text(&artifact::manifest(sections))));
    Ok(wanted)
}

/// The root of the repository whose contracts are published in `folder`.
fn root_of(folder: &Path) -> &Path {
    folder.parent().and_then(Path::parent).unwrap_or(Path::new(""))
}

fn known_sections(manifest: &Path) -> Result<Map<String, Value>, PublishError> {
    let Some(text) = read(manifest)? else { return Ok(Map::new()) };
    let known = serde_json::from_slice::<Value>(&text).ok().filter(artifact::intact);
    match known.and_then(|mut known| known.get_mut("envers").map(Value::take)) {
        Some(Value::Object(sections)) => Ok(sections),
        _ => Err(PublishError::Manifest(manifest.display().to_string())),
    }
}

/// Files of services that are no more.
fn superfluous(contracts: &[Contract], envers: &[Environment], folder: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let services: BTreeSet<&str> = contracts.iter().map(|contract| contract.service).collect();
    let mut found = Vec::new();
    for enver in envers.iter().map(|enver| folder.join(enver.name())).filter(|enver| enver.is_dir()) {
        for entry in fs::read_dir(&enver).map_err(unusable(&enver))? {
            let entry = entry.map_err(unusable(&enver))?;
            if !entry.file_name().to_str().is_some_and(|name| services.contains(name)) {
                let files = artifact::NAMES.iter().map(|name| entry.path().join(name));
                found.extend(files.filter(|file| file.is_file()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// How a file differs from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Stale,
    EditedByHand,
    Superfluous,
}

impl State {
    fn why(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Stale => "is stale: the code promises something else",
            Self::EditedByHand => "was edited by hand: its content is not what its digest says",
            Self::Superfluous => "is left over: no service makes it",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Missing => "new     ",
            Self::Stale => "changed ",
            Self::EditedByHand => "restored",
            Self::Superfluous => "removed ",
        }
    }
}

fn differing(wanted: &[Wanted], superfluous: &[PathBuf]) -> Result<Vec<(PathBuf, State)>, PublishError> {
    let mut differing = Vec::new();
    for (path, text) in wanted {
        match read(path)? {
            None => differing.push((path.clone(), State::Missing)),
            Some(found) if found == text.as_bytes() => {}
            Some(found) => {
                let intact = serde_json::from_slice::<Value>(&found).is_ok_and(|found| artifact::intact(&found));
                differing.push((path.clone(), if intact { State::Stale } else { State::EditedByHand }));
            }
        }
    }
    differing.extend(superfluous.iter().map(|path| (path.clone(), State::Superfluous)));
    Ok(differing)
}

fn report(differing: &[(PathBuf, State)], files: usize) -> ExitCode {
    for (path, state) in differing {
        say(&format!("{} {}\n", path.display(), state.why()));
    }
    match differing.len() {
        0 => {
            say(&format!("{files} files are as the code says.\n"));
            ExitCode::SUCCESS
        }
        stale => {
            say(&format!(
                "{stale} of {files} files are not as the code says. Run `enver publish`, and commit what it writes.\n"
            ));
            ExitCode::FAILURE
        }
    }
}

/// Writes all or nothing: every file is staged beside its place before the first one is moved there.
fn write(wanted: &[Wanted], differing: &[(PathBuf, State)]) -> Result<(), PublishError> {
    let mut staged = Vec::new();
    for (path, text) in wanted.iter().filter(|(path, _)| differing.iter().any(|(differing, _)| differing == path)) {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(unusable(folder))?;
        let mut file = tempfile::Builder::new()
            .prefix(".publish")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)
            .map_err(unusable(path))?;
        file.write_all(text.as_bytes()).map_err(unusable(path))?;
        staged.push((file, path));
    }
    for (file, path) in staged {
        file.persist(path).map_err(|error| unusable(path)(error.error))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, PublishError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path)(error)),
    }
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.display().to_string();
    |source| PublishError::File { path, source }
}

/// Prints, whether or not anybody still reads.
fn say(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
