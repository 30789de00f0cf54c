//! `enver wiring`: who consumes what, constellation by constellation.

mod mermaid;
mod svg;
mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use contracts::{Constellation, Refusal, Stage};
use serde_json::json;

/// What `enver wiring --help` says at its end.
pub const HELP: &str = "\
Examples:
  enver wiring                                     every constellation, for people
  enver wiring --enver dev --format mermaid        a diagram for Markdown
  enver wiring --format svg --out wiring.svg       a picture
  enver wiring --out contracts/published/wiring.txt

Builds are declared in contracts/src/builds, one file each. What breaks a rule is refused, and each refusal names both
ends and what mends it.

Exit codes: 0 done, 1 the declarations break a rule or a file cannot be written, 2 the arguments are wrong.";

#[derive(Debug, Args)]
pub struct Wiring {
    /// Only the constellation of this enver
    #[arg(long, value_parser = stage, value_name = "ENVER")]
    pub enver: Option<Stage>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
    /// The file to write, whole or not at all [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The forms of a wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Lines for people
    Text,
    /// A Mermaid flowchart
    Mermaid,
    /// One JSON object
    Json,
    /// A picture
    Svg,
}

/// Why the wiring was not told.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// The declarations are contradictory.
    #[error("the declarations in contracts/src/builds break these rules:\n{}", list(.0))]
    Rules(Vec<Refusal>),
    /// The output cannot be written.
    #[error("{path} cannot be written")]
    Output {
        /// Where.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Tells it.
pub fn run(options: &Wiring) -> Result<(), WiringError> {
    let wiring = contracts::wire().map_err(WiringError::Rules)?;
    let mut constellations = wiring.constellations();
    constellations.retain(|one| options.enver.is_none_or(|stage| one.stage() == Some(stage)));
    let text = match options.format {
        Form::Text => text::write(&wiring, &constellations),
        Form::Mermaid => mermaid::write(&constellations),
        Form::Json => json_text(&constellations),
        Form::Svg => svg::write(&constellations),
    };
    match &options.out {
        Some(file) => replace(file, &text).map_err(unusable(&file.display().to_string())),
        None => match io::stdout().lock().write_all(text.as_bytes()) {
            // Whoever stopped reading has what they wanted.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unusable("standard output")(error)),
            _ => Ok(()),
        },
    }
}

/// The argument that names an enver.
pub fn stage(name: &str) -> Result<Stage, String> {
    Stage::named(name).ok_or_else(|| "mock, dev or main is wanted".to_owned())
}

fn json_text(constellations: &[Constellation]) -> String {
    let one = |constellation: &Constellation| {
        json!({
            "stage": constellation.stage(),
            "envers": constellation.envers,
            "edges": constellation.edges,
        })
    };
    let all: Vec<_> = constellations.iter().map(one).collect();
    format!("{:#}\n", json!({ "constellations": all }))
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    beside.persist(file)?;
    Ok(())
}

fn unusable(path: &str) -> impl FnOnce(io::Error) -> WiringError {
    let path = path.to_owned();
    |source| WiringError::Output { path, source }
}

fn list(refusals: &[Refusal]) -> String {
    refusals.iter().map(|refusal| format!("  {refusal}")).collect::<Vec<_>>().join("\n")
}
