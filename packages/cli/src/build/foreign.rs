//! What a program for another processor takes: the standard library for it, and a linker. Looked for before anything is
//! compiled, because the compiler misses the linker last.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is not there, and what brings it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a program for {target} cannot be built here yet:\n{}", .mends.join("\n"))]
pub struct Lacking {
    target: String,
    mends: Vec<String>,
}

/// Where things are looked for.
pub struct Here<'a> {
    /// The root of the repository.
    pub root: &'a Path,
    /// Where cargo keeps what is the user's.
    pub home: Option<&'a Path>,
    /// The folders of programs.
    pub path: &'a OsStr,
    /// The variable that names the linker, if it is set.
    pub linker: Option<&'a str>,
}

/// The variable that names the linker for a target.
pub fn linker_variable(target: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"))
}

/// The linker that cargo has to be told of; `None` when it knows one.
///
/// # Errors
///
/// Everything that is missing, each with the command that brings it.
pub fn linker(here: &Here<'_>, target: &str) -> Result<Option<String>, Lacking> {
    let mut mends = Vec::new();
    if !library(here.root, target).is_some_and(|folder| folder.is_dir()) {
        mends.push(format!("  its standard library: rustup target add {target}"));
    }
    // As Debian calls it: aarch64-linux-gnu-gcc.
    let processor = target.split('-').next().unwrap_or_default();
    let usual = format!("{processor}-linux-gnu-gcc");
    let found = match here.linker {
        Some(named) if named.contains('/') => Path::new(named).is_file().then_some(None),
        Some(named) => is_program(here.path, named).then_some(None),
        None if is_configured(here, target) => Some(None),
        None => is_program(here.path, &usual).then(|| Some(usual.clone())),
    };
    if found.is_none() {
        let variable = linker_variable(target);
        let package = usual.trim_end_matches("-gcc").replace('_', "-");
        mends.push(match here.linker {
            Some(named) => format!("  a linker: {variable} names {named:?}, which is not there"),
            None => format!("  a linker: apt-get install gcc-{package}, or name another in {variable}"),
        });
    }
    match found {
        Some(linker) if mends.is_empty() => Ok(linker),
        _ => Err(Lacking { target: target.to_owned(), mends }),
    }
}

/// Where the compiler keeps the standard library for a target.
fn library(root: &Path, target: &str) -> Option<PathBuf> {
    let mut rustc = Command::new("rustc");
    let output = rustc.current_dir(root).args(["--print", "target-libdir", "--target", target]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| path.trim().into())
}

fn is_program(path: &OsStr, name: &str) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(name).is_file())
}

/// Whether a configuration of cargo has something to say about the target.
fn is_configured(here: &Here<'_>, target: &str) -> bool {
    let above = here.root.ancestors().map(|folder| folder.join(".cargo"));
    let files = above.chain(here.home.map(Path::to_owned)).map(|folder| folder.join("config.toml"));
    let mut texts = files.filter_map(|file| std::fs::read_to_string(file).ok());
    texts.any(|text| text.contains(&format!("[target.{target}]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target that nobody has, so that no machine has its library.
    const NOWHERE: &str = "m68k-unknown-linux-gnu";
    /// This machine's own target has one, whatever it is.
    fn here() -> &'static str {
        if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" }
    }

    #[test]
    fn what_is_missing_is_named_with_what_brings_it() {
        let empty = tempfile::tempdir().unwrap();
        let here = Here { root: empty.path(), home: None, path: empty.path().as_os_str(), linker: None };

        let text = linker(&here, NOWHERE).unwrap_err().to_string();

        assert!(text.contains("rustup target add m68k-unknown-linux-gnu"), "{text}");
        assert!(text.contains("apt-get install gcc-m68k-linux-gnu"), "{text}");
        assert!(text.contains("CARGO_TARGET_M68K_UNKNOWN_LINUX_GNU_LINKER"), "{text}");
    }

    #[test]
    fn a_linker_that_is_there_under_its_usual_name_is_taken_unless_another_is_named() {
        let programs = tempfile::tempdir().unwrap();
        let usual = format!("{}-linux-gnu-gcc", here().split('-').next().unwrap());
        std::fs::write(programs.path().join(&usual), "").unwrap();
        let at = |linker| Here { root: programs.path(), home: None, path: programs.path().as_os_str(), linker };

        assert_eq!(linker(&at(None), here()), Ok(Some(usual.clone())));
        assert_eq!(linker(&at(Some(&usual)), here()), Ok(None));
        let text = linker(&at(Some("no-such-linker")), here()).unwrap_err().to_string();
        assert!(text.contains("\"no-such-linker\"") && !text.contains("rustup"), "{text}");
    }

    #[test]
    fn what_a_configuration_of_cargo_says_is_left_to_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(".cargo")).unwrap();
        let said = format!("[target.{}]\nlinker = \"somewhere\"\n", here());
        std::fs::write(root.path().join(".cargo/config.toml"), said).unwrap();

        let nothing = Here { root: root.path(), home: None, path: OsStr::new(""), linker: None };
        assert_eq!(linker(&nothing, here()), Ok(None));
    }
}
