//! `enver bdd`: runs the use cases as features or as state machines, against an enver it starts or one that runs, and
//! reports; and writes both from the master dataset.

mod target;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bdd::native::{Progress, Tags};
use bdd::step_functions::{self, Interpreter};
use bdd::{Plans, Summary, generated, native, report};
use clap::{Args, Subcommand, ValueEnum};
use dataset::{Dataset, Problem, Published};

use crate::arguments::{Enver, PORT_BASE};
use crate::kept::Kept;
use crate::repository;
use target::Running;

/// What follows `--help`.
pub const HELP: &str = "\
Examples:
  enver bdd                                  every use case against a dev of its own, in this process
  enver bdd --tags '@UC3 and not @cases'     one use case, without its error cases
  enver bdd --enver mock                     against the mock that `enver up --enver mock,dev` started
  enver bdd --url http://127.0.0.1:5200      against an enver that runs elsewhere
  enver bdd --runner step-functions          the same flows as state machines
  enver bdd --html report.html --junit report.xml
  enver bdd generate                         writes bdd/features and bdd/state-machines
  enver bdd generate --check                 nothing is written; 1 when a file is stale

A scenario has the tags of its use case (@UC3), of its flow (@uc3-quote-and-book) and those of the dataset; the error
cases have @cases besides. The flows need the platform's administrator, and some steps are those of services: of an enver
that runs, the log-in and the secret are read where `enver up` keeps them, or from --platform and --service-secret. Of one
that is deployed, --signed reads the secret with the credentials of its account and, for an emulator, AWS_ENDPOINT_URL.

Flows raise the limits of calls of the whole platform (global.operational.rate-limits) and leave them raised, log-ins
included; `enver config --help` says how to take that back. Run them against what is made for tests.

The coverage (operation, answer, caller) of a whole native run is held against bdd/coverage.txt: what was met once and is
no longer fails the run; --record adds what is new.

Exit codes: 0 all passed, 1 something failed or is stale, 2 it could not be run.";

/// How the command ends that could not do its work.
pub const NOT_DONE: u8 = 2;
const NO: u8 = 1;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bdd {
    #[command(subcommand)]
    pub command: Option<BddCommand>,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Subcommand)]
pub enum BddCommand {
    /// Writes the features and state machines of all use cases
    Generate(Generate),
}

#[derive(Debug, Args)]
pub struct Generate {
    /// Write nothing: name the files that are stale
    #[arg(long)]
    pub check: bool,
    /// The repository [default: the one around the working directory]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Run against the enver of this kind that `enver up` started; with --url, the kind of what answers there [default:
    /// a dev of its own, in this process, with nothing kept]
    #[arg(long, value_enum)]
    pub enver: Option<Enver>,
    /// With --enver: the port base of that `enver up`
    #[arg(long, value_name = "PORT", default_value_t = PORT_BASE, value_parser = clap::value_parser!(u16).range(1..=65_335))]
    #[arg(requires = "enver", conflicts_with = "url")]
    pub port_base: u16,
    /// Run against the enver that answers here: a dev, unless --enver says otherwise
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub kept: Kept,
    /// The log-in of its platform's administrator, as JSON with email and password [default: platform.json in the
    /// enver's folder of the data directory]
    #[arg(long, value_name = "FILE")]
    pub platform: Option<PathBuf>,
    /// The secret that its services sign with, in hexadecimal [default: service-secret in that folder, if it is there]
    #[arg(long, value_name = "FILE")]
    pub service_secret: Option<PathBuf>,
    /// With --url: sign the steps of services with the secret in the platform's table, which is read with the AWS
    /// credentials of the environment
    #[arg(long, requires = "url")]
    pub signed: bool,
    /// With --url: where /_messages answers, if something stands before the enver that does not have it, as the edge
    #[arg(long, value_name = "URL", requires = "url")]
    pub messages: Option<String>,
    /// Who runs
    #[arg(long, value_enum, default_value_t = Runner::Native)]
    pub runner: Runner,
    /// Which scenarios: an expression of tags
    #[arg(long, value_name = "EXPRESSION")]
    pub tags: Option<Tags>,
    /// Write a report for build servers
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a report for people
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many scenarios at once
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    pub at_once: usize,
    /// Add what is met for the first time to bdd/coverage.txt
    #[arg(long)]
    pub record: bool,
    /// The repository [default: the one around the working directory]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Who runs the flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Runner {
    /// Gherkin features by cucumber, with all error cases
    Native,
    /// State machines by an interpreter of the Amazon States Language
    StepFunctions,
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum BddError {
    /// There is no repository.
    #[error(transparent)]
    Repository(#[from] repository::NoRepository),
    /// The dataset is wrong.
    #[error("the dataset cannot be used:\n{}", Lines(.0))]
    Dataset(Vec<Problem>),
    /// The contracts cannot be read.
    #[error(transparent)]
    Published(#[from] dataset::PublishedError),
    /// Flows are no state machines.
    #[error("not every flow is a state machine:\n{}", Lines(.0))]
    NotExpressible(Vec<bdd::state_machine::NotExpressible>),
    /// Nothing would be run.
    #[error("no scenario has these tags (--tags); there are {0} and others")]
    NoScenario(String),
    /// The deployment cannot be asked.
    #[error(transparent)]
    Target(#[from] target::TargetError),
    /// The features cannot be run.
    #[error(transparent)]
    Native(#[from] native::RunError),
    /// The state machines cannot be run.
    #[error(transparent)]
    StateMachines(#[from] step_functions::StateMachineError),
    /// A file cannot be read or written.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no runtime.
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
}

/// Runs, or writes what is run.
pub fn run(options: &Bdd) -> Result<ExitCode, BddError> {
    match &options.command {
        Some(BddCommand::Generate(options)) => generate(options),
        None => {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(BddError::Process)?;
            let done = tokio::task::LocalSet::new().block_on(&runtime, flows(&options.run));
            runtime.shutdown_background();
            done
        }
    }
}

fn generate(options: &Generate) -> Result<ExitCode, BddError> {
    let root = repository::root(options.root.as_deref())?;
    let files = generated::files(&plans(&root, Enver::Dev)?).map_err(BddError::NotExpressible)?;
    let folder = root.join("bdd");
    if options.check {
        let stale = generated::stale(&folder, &files).map_err(unusable(&folder))?;
        for path in &stale {
            println!("stale: bdd/{}", path.display());
        }
        if !stale.is_empty() {
            println!("Run `enver bdd generate` and commit what it writes.");
        }
        return Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NO) });
    }
    let changed = generated::write(&folder, &files).map_err(unusable(&folder))?;
    for path in &changed {
        println!("wrote bdd/{}", path.display());
    }
    println!("{} files, {} changed", files.len(), changed.len());
    Ok(ExitCode::SUCCESS)
}

async fn flows(options: &Run) -> Result<ExitCode, BddError> {
    let root = repository::root(options.root.as_deref())?;
    let plans = plans(&root, options.enver.unwrap_or(Enver::Dev))?;
    some_scenario(options, &plans)?;
    let running = Running::start(options).await?;
    let progress = |progress| match progress {
        Progress::Feature(name) => eprintln!("{name}"),
        Progress::Scenario(name, None) => eprintln!("  ✓ {name}"),
        Progress::Scenario(name, Some(why)) => eprintln!("  ✗ {name}: {}", why.lines().next().unwrap_or_default()),
    };
    let done = match options.runner {
        Runner::Native => native::run(&plans, &running.target, options.tags.clone(), options.at_once, progress).await?,
        Runner::StepFunctions => {
            let interpreter = Interpreter {
                program: root.join("bdd/run-state-machines.mjs"),
                modules: root.join(".tools/npm/node_modules"),
                authority: options.kept.authority(),
            };
            let tags = options.tags.as_ref();
            step_functions::run(&plans, &running.target, tags, options.at_once, &interpreter, progress).await?
        }
    };
    running.stop().await;

    let coverage = Summary::of(&done, &plans.published);
    print!("{}", report::text::render(&done, &coverage));
    if let Some(file) = &options.junit {
        write(file, &report::junit::render(&done))?;
    }
    if let Some(file) = &options.html {
        write(file, &report::html::render(&done, &coverage))?;
    }
    let kept = !is_whole(options) || keeps(&root.join("bdd/coverage.txt"), &coverage, options.record)?;
    Ok(if done.passed() && kept { ExitCode::SUCCESS } else { ExitCode::from(NO) })
}

/// Tags that choose nothing are most likely misspelt.
fn some_scenario(options: &Run, plans: &Plans) -> Result<(), BddError> {
    const MOST_NAMED: usize = 12;
    let all = plans.tags(options.runner == Runner::Native);
    if options.tags.as_ref().is_none_or(|tags| all.iter().any(|known| tags.choose(known))) {
        return Ok(());
    }
    // First those of use cases, which choose most.
    let mut named: Vec<String> = Vec::new();
    for tag in all.iter().flat_map(|tags| tags.first()).chain(all.iter().flatten()) {
        let tag = format!("@{tag}");
        if named.len() < MOST_NAMED && !named.contains(&tag) {
            named.push(tag);
        }
    }
    Err(BddError::NoScenario(named.join(", ")))
}

/// Only a run of everything can be held against what was met before.
fn is_whole(options: &Run) -> bool {
    options.tags.is_none() && options.runner == Runner::Native
}

/// Whether everything is met that was met before; says what is not.
fn keeps(file: &Path, coverage: &Summary, record: bool) -> Result<bool, BddError> {
    let kept = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(unusable(file))?,
    };
    let lost = coverage.lost(&kept);
    for line in &lost {
        println!("no longer met: {line}");
    }
    let gained = coverage.gained(&kept).len();
    match (gained, record) {
        (0, _) => {}
        (_, true) => write(file, &coverage.with(&kept))?,
        (_, false) => println!("{gained} met for the first time: --record keeps them"),
    }
    Ok(lost.is_empty())
}

fn plans(root: &Path, enver: Enver) -> Result<Plans, BddError> {
    let dataset = Dataset::load(&root.join("mock-data")).map_err(BddError::Dataset)?;
    let published = Published::load(&root.join("contracts/published").join(enver.environment().name()))?;
    Ok(Plans::of_dataset(Arc::new(dataset), Arc::new(published)))
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), BddError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || {
        let mut beside = tempfile::NamedTempFile::new_in(parent)?;
        io::Write::write_all(&mut beside, text.as_bytes())?;
        use std::os::unix::fs::PermissionsExt as _;
        beside.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        beside.persist(path).map(drop).map_err(|error| error.error)
    };
    written().map_err(unusable(path))
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> BddError {
    let path = path.display().to_string();
    |source| BddError::File { path, source }
}

/// Each on a line of its own.
struct Lines<'l, T>(&'l [T]);

impl<T: fmt::Display> fmt::Display for Lines<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(at, line)| match at {
            0 => write!(f, "  {line}"),
            _ => write!(f, "\n  {line}"),
        })
    }
}
