//! `enver scan`: reads code, reports what configuration should say instead, and ends with a code that scripts can use.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use scan::{Report, ScanError};

use crate::arguments::Scan;

/// Scans and reports. The code is 0 when nothing was found, 1 when something was, and 2 when the scan is not whole.
pub fn run(options: &Scan) -> Result<ExitCode, ScanError> {
    const FINDINGS: u8 = 1;
    let mut report = Report::begin(options.format.into(), BufWriter::new(io::stdout().lock()))?;
    let outcome = scan::scan(&options.path, &options.services, &mut |event| report.tell(event))?;
    report.end(&outcome)?;
    Ok(if outcome.unreadable > 0 {
        ExitCode::from(NOT_DONE)
    } else if outcome.findings > 0 {
        ExitCode::from(FINDINGS)
    } else {
        ExitCode::SUCCESS
    })
}

/// How a scan ends that could not be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;
