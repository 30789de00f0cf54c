//! `enver context`: the documents from which somebody works on one enver of one service.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use context::{Document, DocumentError, Flow, FlowError, Ledger, LedgerError, Setting, Source, documents};
use contracts::{Refusal, Wiring};
use spec::Contract;

use crate::publish;
use crate::repository::{self, NoRepository};

/// What stands below the help of `enver context`.
pub const HELP: &str = "\
Examples:
  enver context generate                      the five documents of every service
  enver context generate --service booking    those of one
  enver context generate --check              nothing is written; 1 when one is stale

Exit codes: 0 done, 1 something is stale, 2 something that documents are made of cannot be used.";

#[derive(Debug, Args)]
pub struct Context {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Writes SERVICE_CONTEXT, SERVICE_OVERVIEW and a document per enver to contracts/docs/<service>, and USE_CASES
    ///
    /// They come from the declared operations, the wiring, the configuration defaults, the use cases of the master
    /// dataset (mock-data/use-cases) and the confirmed phases. The same sources give the same bytes.
    Generate(Generate),
}

#[derive(Debug, Args)]
struct Generate {
    /// A service; may be given again [default: all]
    #[arg(long)]
    service: Vec<String>,
    /// Write nothing: name the documents that are stale
    #[arg(long)]
    check: bool,
    /// The repository; the one around the working directory when nothing is said
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Why documents cannot be written or checked.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// No repository.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// Contradictory declarations.
    #[error("the declarations in contracts/src/builds break a rule: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rules(Vec<Refusal>),
    /// The ledger.
    #[error("{LEDGER} cannot be used")]
    Ledger(#[from] LedgerError),
    /// The dataset.
    #[error("the master dataset cannot be used")]
    Flow(#[from] FlowError),
    /// A configuration default.
    #[error("{path} is no configuration document: {why}")]
    Setting {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// A document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A file.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// Where confirmations are kept.
pub const LEDGER: &str = "contracts/phases.toml";
/// Where documents are kept.
pub const DOCS: &str = "contracts/docs";

/// What could not be read or written ends with this code.
pub const UNUSABLE: u8 = 2;

/// Writes or checks.
pub fn run(options: &Context) -> Result<ExitCode, ContextError> {
    let What::Generate(options) = &options.what;
    let sources = Sources::read(options.root.as_deref())?;
    let wanted = match &options.service[..] {
        [] => documents::all(&sources.source())?,
        services => {
            let mut wanted = Vec::new();
            for service in services {
                wanted.extend(documents::of(&sources.source(), service)?);
            }
            wanted
        }
    };
    let left_over = if options.service.is_empty() { sources.left_over()? } else { Vec::new() };
    let stale = sources.stale(&wanted)?;
    if options.check {
        for path in &stale {
            say(&format!("{DOCS}/{path} is stale\n"));
        }
        for path in &left_over {
            say(&format!("{} is left over: no service makes it\n", path.display()));
        }
        if stale.is_empty() && left_over.is_empty() {
            say(&format!("{} documents are current.\n", wanted.len()));
            return Ok(ExitCode::SUCCESS);
        }
        say("Run `enver context generate`, and commit what it writes.\n");
        return Ok(ExitCode::FAILURE);
    }
    sources.write(&wanted, &stale)?;
    for path in &left_over {
        fs::remove_file(path).map_err(unusable(path))?;
        say(&format!("removed {}\n", path.display()));
    }
    for path in &stale {
        say(&format!("wrote {DOCS}/{path}\n"));
    }
    say(&format!("{} documents, {} of them changed.\n", wanted.len(), stale.len()));
    Ok(ExitCode::SUCCESS)
}

/// Everything that documents and phases are made of, as the repository has it.
pub struct Sources {
    pub root: PathBuf,
    pub contracts: Vec<Contract>,
    pub wiring: Wiring,
    pub ledger: Ledger,
    pub flows: Vec<Flow>,
    settings: Vec<Setting>,
}

impl Sources {
    pub fn read(root: Option<&Path>) -> Result<Self, ContextError> {
        let root = repository::root(root)?;
        Ok(Self {
            contracts: publish::contracts(),
            wiring: contracts::wire().map_err(ContextError::Rules)?,
            ledger: Ledger::parse(&text(&root.join(LEDGER))?.unwrap_or_default())?,
            flows: Flow::read_all(&root.join(crate::dataset::DATASET))?,
            settings: settings(&root.join("functions/config/defaults"))?,
            root,
        })
    }

    pub fn source(&self) -> Source<'_> {
        Source {
            root: &self.root,
            contracts: &self.contracts,
            wiring: &self.wiring,
            ledger: &self.ledger,
            flows: &self.flows,
            settings: &self.settings,
        }
    }

    /// Of these documents the paths of those that are not there as they should be.
    pub fn stale(&self, wanted: &[Document]) -> Result<Vec<String>, ContextError> {
        let mut stale = Vec::new();
        for document in wanted {
            let found = text(&self.root.join(DOCS).join(&document.path))?;
            if found.as_ref() != Some(&document.text) {
                stale.push(document.path.clone());
            }
        }
        Ok(stale)
    }

    /// Documents of services that are no more.
    fn left_over(&self) -> Result<Vec<PathBuf>, ContextError> {
        let services: BTreeSet<&str> = self.contracts.iter().map(|contract| contract.service).collect();
        let folder = self.root.join(DOCS);
        let mut found = Vec::new();
        for entry in folder.read_dir().into_iter().flatten() {
            let entry = entry.map_err(unusable(&folder))?.path();
            let is_known = entry.file_name().and_then(|name| name.to_str()).is_some_and(|name| services.contains(name));
            for file in entry.read_dir().into_iter().flatten().filter(|_| !is_known) {
                let file = file.map_err(unusable(&entry))?.path();
                if file.extension().is_some_and(|end| end == "md") {
                    found.push(file);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Every file is written beside its place before the first one is moved there.
    fn write(&self, wanted: &[Document], stale: &[String]) -> Result<(), ContextError> {
        let mut staged = Vec::new();
        for document in wanted.iter().filter(|document| stale.contains(&document.path)) {
            let path = self.root.join(DOCS).join(&document.path);
            staged.push((stage(&path, &document.text)?, path));
        }
        for (file, path) in staged {
            file.persist(&path).map_err(|error| unusable(&path)(error.error))?;
        }
        Ok(())
    }
}

/// A file beside its place, ready to be moved there.
pub fn stage(path: &Path, text: &str) -> Result<tempfile::NamedTempFile, ContextError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(unusable(folder))?;
    let mut file = tempfile::Builder::new()
        .prefix(".context")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(unusable(path))?;
    file.write_all(text.as_bytes()).map_err(unusable(path))?;
    Ok(file)
}

/// The text of a file, if there is one.
pub fn text(path: &Path) -> Result<Option<String>, ContextError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path)(error)),
    }
}

pub fn unusable(path: &Path) -> impl FnOnce(io::Error) -> ContextError {
    let path = path.display().to_string();
    |source| ContextError::File { path, source }
}

/// Prints, whether or not anybody still reads.
pub fn say(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn settings(folder: &Path) -> Result<Vec<Setting>, ContextError> {
    let mut settings = Vec::new();
    for entry in fs::read_dir(folder).map_err(unusable(folder))? {
        let path = entry.map_err(unusable(folder))?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = fs::read_to_string(&path).map_err(unusable(&path))?;
        let wrong = |why| ContextError::Setting { path: path.display().to_string(), why };
        settings.push(Setting::parse(stem, &text).map_err(wrong)?);
    }
    settings.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(settings)
}
