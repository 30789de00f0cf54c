//! `enver client generate`: writes the clients that consumers declare, or says which of them are stale.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use spec::client::{ClientError, check, declarations, generate};

use crate::arguments::{Client, Generate};

/// How it ends when a declaration or an artifact cannot be used, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Writes or checks. The code is 0 when everything is as declared, 1 when something is stale.
pub fn run(client: &Client) -> Result<ExitCode, ClientError> {
    let Client::Generate(options) = client;
    let declarations = declarations(&options.places)?;
    if options.check { checked(&declarations, options) } else { written(&declarations) }
}

fn written(declarations: &[PathBuf]) -> Result<ExitCode, ClientError> {
    let mut changed = 0;
    for declaration in declarations {
        for path in generate(declaration)? {
            say(&format!("changed {}\n", path.display()));
            changed += 1;
        }
    }
    say(&format!("{} declarations, {changed} files changed.\n", declarations.len()));
    Ok(ExitCode::SUCCESS)
}

fn checked(declarations: &[PathBuf], options: &Generate) -> Result<ExitCode, ClientError> {
    let mut stale = 0;
    for declaration in declarations {
        for file in check(declaration)? {
            say(&format!("{}: {}\n", file.path.display(), file.why));
            stale += 1;
        }
    }
    if stale == 0 {
        say(&format!("{} declarations, and every client is as declared.\n", declarations.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let places: Vec<String> = options.places.iter().map(|place| place.display().to_string()).collect();
    say(&format!(
        "{stale} files are stale. Run `enver client generate {}`, and commit what it writes.\n",
        places.join(" ")
    ));
    Ok(ExitCode::FAILURE)
}

/// Prints, whether or not anybody still reads.
fn say(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
