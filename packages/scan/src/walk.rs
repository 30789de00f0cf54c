//! The files below a path, one after another: memory holds one file and the names of the folders around it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::file;
use crate::language::{Language, is_test};
use crate::{Event, Outcome, ScanError};

/// The longest file that is read, in bytes: what is longer was written by a machine.
pub const LONGEST_FILE: u64 = 1024 * 1024;

/// Scans a file, or all files below a folder, and tells each event as it happens. Files and folders that `.gitignore`
/// names, hidden ones, tests and `node_modules` are passed over; what is a service is said by `services`, or by
/// [`Services`].
///
/// # Errors
///
/// The path does not exist or is neither a file nor a folder; a folder of `services` does not exist; or `tell` failed.
pub fn scan(
    path: &Path,
    services: &[PathBuf],
    tell: &mut dyn FnMut(Event<'_>) -> io::Result<()>,
) -> Result<Outcome, ScanError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        |source| ScanError::Path { path, source }
    };
    let root = path.canonicalize().map_err(unreadable(path))?;
    let kind = root.metadata().map_err(unreadable(path))?;
    if !kind.is_file() && !kind.is_dir() {
        return Err(ScanError::Neither(path.display().to_string()));
    }
    let services = if services.is_empty() {
        Services::around(&root)
    } else {
        let folders = services.iter().map(|folder| folder.canonicalize().map_err(unreadable(folder)));
        Services(folders.collect::<Result<_, _>>()?)
    };
    let mut outcome = Outcome::default();
    if kind.is_file() {
        one(path, services.hold(&root), &mut outcome, tell)?;
        return Ok(outcome);
    }
    let walk = WalkBuilder::new(path)
        .require_git(false)
        .git_global(false)
        .filter_entry(|entry| entry.file_name() != OsStr::new("node_modules"))
        .sort_by_file_name(Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if is_code(&entry, path) => {
                let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
                one(entry.path(), services.hold(&root.join(below)), &mut outcome, tell)?;
            }
            Ok(_) => {}
            Err(error) => {
                outcome.unreadable += 1;
                tell(Event::Skipped { file: path, why: &error.to_string() })?;
            }
        }
    }
    Ok(outcome)
}

fn is_code(entry: &DirEntry, root: &Path) -> bool {
    let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
    entry.file_type().is_some_and(|kind| kind.is_file()) && Language::of(entry.path()).is_some() && !is_test(below)
}

/// Scans one file, whatever its name says about tests.
fn one(
    path: &Path,
    in_service: bool,
    outcome: &mut Outcome,
    tell: &mut dyn FnMut(Event<'_>) -> io::Result<()>,
) -> Result<(), ScanError> {
    let mut skip = |why: &str, count: &mut usize| {
        *count += 1;
        tell(Event::Skipped { file: path, why })
    };
    let Some(language) = Language::of(path) else {
        skip("it is not Rust, TypeScript, JavaScript, Python or YAML", &mut outcome.skipped)?;
        return Ok(());
    };
    let text = match read(path) {
        Ok(Content::Text(text)) => text,
        Ok(Content::Binary) => return Ok(skip("it is not UTF-8 text", &mut outcome.skipped)?),
        Ok(Content::TooLarge) => return Ok(skip("it is longer than 1 MiB", &mut outcome.skipped)?),
        Err(error) => return Ok(skip(&error.to_string(), &mut outcome.unreadable)?),
    };
    outcome.files += 1;
    let findings = file::judge(&text, language, in_service);
    if let Some(why) = findings.broken {
        skip(&why, &mut outcome.skipped)?;
    }
    for found in &findings.found {
        let count = if found.waived.is_some() { &mut outcome.waived } else { &mut outcome.findings };
        *count += 1;
        tell(Event::Found { file: path, found })?;
    }
    Ok(())
}

enum Content {
    Text(String),
    Binary,
    TooLarge,
}

fn read(path: &Path) -> io::Result<Content> {
    let mut bytes = Vec::new();
    // A file can grow while it is read.
    File::open(path)?.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Ok(Content::TooLarge);
    }
    if bytes.contains(&0) {
        return Ok(Content::Binary);
    }
    Ok(String::from_utf8(bytes).map_or(Content::Binary, Content::Text))
}

/// The folders that hold services. Without any, all code is a service's.
struct Services(Vec<PathBuf>);

impl Services {
    /// In a repository with a folder for services, what is in it; otherwise all of it.
    fn around(root: &Path) -> Self {
        const FOLDERS: [&str; 4] = ["functions", "services", "lambdas", "handlers"];
        let is_repository = |folder: &&Path| folder.join(".git").exists();
        let folder = if root.is_dir() { root } else { root.parent().unwrap_or(root) };
        let repository = root.ancestors().find(is_repository).unwrap_or(folder);
        Self(FOLDERS.iter().map(|name| repository.join(name)).filter(|folder| folder.is_dir()).collect())
    }

    fn hold(&self, file: &Path) -> bool {
        self.0.is_empty() || self.0.iter().any(|folder| file.starts_with(folder))
    }
}
