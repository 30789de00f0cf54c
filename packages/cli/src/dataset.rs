//! `enver dataset`: says everything that is wrong with the master dataset, with file, line and mend, and writes the
//! examples that published documents show.

mod messages;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dataset::{Dataset, Problem, Published, PublishedError, Report};
use serde_json::json;

use crate::demo::DemoError;
use crate::repository::{self, NoRepository};

pub const HELP: &str = "\
Examples:
  enver dataset check                    holds mock-data/ against contracts/published/dev
  enver dataset check --enver mock --json

What is checked: every reference resolves; every request, answer and message validates against the published artifact;
every operation succeeds in a flow; every declared refusal is met by a case or listed with the reason why nobody can
provoke it; one value stands in one place; no company's data stands in another's step. mock-data/FORMAT.md teaches the form.

Exit codes: 0 it is as it must be, 1 something is wrong, 2 it could not be checked.";

/// The master dataset
#[derive(Debug, Args)]
pub struct DatasetCommand {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Says everything that is wrong with the master dataset
    #[command(after_help = HELP)]
    Check(Check),
    /// Writes contracts/examples.json: what published documents show of the flows
    #[command(after_help = EXAMPLES_HELP)]
    Examples(Examples),
}

const EXAMPLES_HELP: &str = "\
Examples:
  enver dataset examples            writes the first successful requests and answers of every operation, and the first
                                    message of every type
  enver dataset examples --check    says whether the file is as the dataset says

Messages are those that the flows bring about in a mock of this process: a flow that does not go there as it is written
is told, and nothing is written.

`enver` carries the file, so build it anew before `enver publish` puts the examples into the documents.

Exit codes: 0 it is as the dataset says, 1 it is not, 2 it could not be told.";

#[derive(Debug, Args)]
pub struct Examples {
    /// Writes nothing; says whether the file is stale
    #[arg(long)]
    pub check: bool,
    /// The repository; the one around the working directory when left out
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The enver whose published contracts it is held against
    #[arg(long, default_value = "dev", value_parser = ["mock", "dev", "main"])]
    pub enver: String,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// The repository; the one around the working directory when left out
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// There is no repository.
    #[error(transparent)]
    Nowhere(#[from] NoRepository),
    /// The dataset breaks its own rules.
    #[error("mock-data/ cannot be read: run `enver dataset check`")]
    Dataset,
    /// The file cannot be written.
    #[error("{EXAMPLES} cannot be written")]
    Unwritten(#[source] io::Error),
    /// There are no contracts to hold it against.
    #[error("the published contracts cannot be read")]
    Published(#[from] PublishedError),
    /// No mock can be made of contracts and data.
    #[error("no mock can be made of the published contracts and {DATASET}/: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Mock(Vec<::mock::Problem>),
    /// The mock has no administrator.
    #[error(transparent)]
    Administrator(#[from] DemoError),
    /// The process cannot run it.
    #[error("the mock could not be run")]
    Process(#[source] io::Error),
    /// A flow does not go in the mock as it is written.
    #[error("in the mock, the flow {flow} does not go as it is written: step {step}: {why}")]
    Otherwise {
        /// Which flow.
        flow: String,
        /// At which step.
        step: String,
        /// What differs.
        why: String,
    },
}

/// How it ends when nothing could be checked.
pub const NOT_DONE: u8 = 2;

/// Checks and reports, or writes.
pub fn run(options: &DatasetCommand) -> Result<ExitCode, DatasetError> {
    match &options.what {
        What::Check(options) => check(options),
        What::Examples(options) => examples(options),
    }
}

/// The examples that published documents show.
pub const EXAMPLES: &str = "contracts/examples.json";

/// The enver whose names stand in requests and answers: the one that callers develop against.
const SHOWN: &str = "dev";
/// The enver whose messages are shown: the one that makes them of contracts and data alone.
const MOCKED: &str = "mock";

fn examples(options: &Examples) -> Result<ExitCode, DatasetError> {
    let root = repository::root(options.root.as_deref())?;
    let (contracts, data) = (root.join("contracts/published"), root.join(DATASET));
    let published = Published::load(&contracts.join(SHOWN))?;
    let dataset = Dataset::load(&data).map_err(|_| DatasetError::Dataset)?;
    let operations = dataset.shown(&published, SHOWN);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DatasetError::Process)?;
    let messages = runtime.block_on(messages::first_of_each(dataset, &contracts.join(MOCKED), &data))?;
    let shown = json!({ "messages": messages, "operations": operations });
    let (file, wanted) = (root.join(EXAMPLES), spec::json::text(&shown));
    let is_stale = std::fs::read_to_string(&file).ok().as_deref() != Some(wanted.as_str());
    let said = match (is_stale, options.check) {
        (false, _) => format!("{EXAMPLES} is as the dataset says.\n"),
        (true, true) => format!("{EXAMPLES} is stale. Run `enver dataset examples`, and commit what it writes.\n"),
        (true, false) => {
            written(&file, &wanted).map_err(DatasetError::Unwritten)?;
            format!("wrote {EXAMPLES}; `cargo run -- publish` puts it into the documents.\n")
        }
    };
    // Whether or not anybody still reads.
    let _ = io::stdout().lock().write_all(said.as_bytes());
    Ok(if is_stale && options.check { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Writes a file as a whole or not at all.
fn written(file: &Path, text: &str) -> io::Result<()> {
    let mut staged = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(file.parent().unwrap_or(Path::new(".")))?;
    staged.write_all(text.as_bytes())?;
    staged.persist(file).map(drop).map_err(|error| error.error)
}

fn check(options: &Check) -> Result<ExitCode, DatasetError> {
    let root = repository::root(options.root.as_deref())?;
    let published = Published::load(&root.join("contracts/published").join(&options.enver))?;
    let report = dataset::check_folder(&root.join(DATASET), &published, &options.enver);
    let text = if options.json { json(&report) } else { sentences(&report) };
    // Whether or not anybody still reads.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the master dataset is kept.
pub const DATASET: &str = "mock-data";

fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).map(|text| text + "\n").unwrap_or_default()
}

fn sentences(report: &Report) -> String {
    let mut text = String::new();
    for Problem { file, line, rule, what, mend } in &report.problems {
        let _ = writeln!(text, "{DATASET}/{file}:{line}: {rule}: {what}\n    {mend}");
    }
    if report.flows == 0 {
        let _ =
            writeln!(text, "\n{} problems; nothing more is looked at before it can be read.", report.problems.len());
        return text;
    }
    let unprovoked: usize = report.unprovoked.values().sum();
    if !report.unprovoked.is_empty() {
        let _ = writeln!(text, "Not to be provoked from outside, {unprovoked}:");
        for (why, count) in &report.unprovoked {
            let _ = writeln!(text, "  {count:4}  {why}");
        }
    }
    let _ = writeln!(
        text,
        "{} flows, {} steps, {} declared refusals, {} problems.",
        report.flows,
        report.steps,
        report.refusals,
        report.problems.len()
    );
    text
}
