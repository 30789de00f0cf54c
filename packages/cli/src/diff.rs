//! `enver diff`: compares two contracts, reports every change with its verdict, and ends with a code that scripts can
//! use.

mod arguments;
mod output;

use std::fs::File;
use std::io::{self, Read, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use spec::compatibility::{Document, LONGEST_DOCUMENT, Options, Promise, Unusable, Usage, Verdict, compare};

pub use arguments::{Diff, HELP};

use arguments::{FailOn, Promised};

/// Why there was no comparison.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    #[error("{path} cannot be read")]
    Read { path: String, source: io::Error },
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error("{path} is no usage: {why}. It must look like {}", arguments::USAGE)]
    Usage { path: String, why: String },
    #[error("--promise consumers needs --usage FILE, which says what they use")]
    NoUsage,
    #[error("the report could not be written")]
    Report(#[source] io::Error),
}

/// How a comparison ends that could not be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Compares and reports. The code is 0 when nothing breaks and 1 when something does.
pub fn run(diff: &Diff) -> Result<ExitCode, DiffError> {
    const BREAKING: u8 = 1;
    let promise = match diff.promise {
        Promised::Wire => Promise::Wire,
        Promised::Source => Promise::Source,
        Promised::Consumers => Promise::Consumers(usage(diff.usage.as_deref().ok_or(DiffError::NoUsage)?)?),
    };
    // Reading takes longer than comparing, and one does not wait for the other.
    let (old, new) = thread::scope(|scope| {
        let old = scope.spawn(|| document(&diff.old));
        let new = document(&diff.new);
        (old.join().unwrap_or_else(|panic| resume_unwind(panic)), new)
    });
    let (old, new) = (old?, new?);
    let options = Options { direction: diff.direction.into(), promise, today: Some(arguments::today(diff)) };
    let report = compare(&old, &new, &options);
    let mut out = io::BufWriter::new(io::stdout().lock());
    output::write(&report, &old, &new, diff, &mut out).and_then(|()| out.flush()).map_err(DiffError::Report)?;
    let fails = |verdict| match diff.fail_on {
        FailOn::Breaking => verdict == Verdict::Breaking,
        FailOn::Unproven => verdict != Verdict::Compatible,
    };
    let failed = report.changes.iter().any(|change| fails(change.verdict));
    Ok(if failed { ExitCode::from(BREAKING) } else { ExitCode::SUCCESS })
}

fn document(path: &Path) -> Result<Document, DiffError> {
    Ok(Document::parse(&content(path)?, &path.to_string_lossy())?)
}

/// What a file holds, or standard input for `-`; not much more than a document may have.
fn content(path: &Path) -> Result<Vec<u8>, DiffError> {
    let failed = |source| DiffError::Read { path: path.to_string_lossy().into_owned(), source };
    let from: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut bytes = Vec::new();
    from.take(LONGEST_DOCUMENT as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn usage(path: &Path) -> Result<Usage, DiffError> {
    let wrong = |why: String| DiffError::Usage { path: path.to_string_lossy().into_owned(), why };
    serde_json::from_slice(&content(path)?).map_err(|error| wrong(error.to_string()))
}
