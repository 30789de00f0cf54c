//! The files that are made from use cases and committed: features and state machines.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::feature;
use crate::plan::Plans;
use crate::state_machine::{self, NotExpressible};

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the folder: `features/uc3-a-shipper-books.feature`.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// All files: a feature per use case, a state machine per flow.
///
/// # Errors
///
/// Every flow that cannot be a state machine.
pub fn files(plans: &Plans) -> Result<Vec<File>, Vec<NotExpressible>> {
    let mut files = Vec::new();
    for use_case in &plans.use_cases {
        let name = Path::new(&use_case.place.file).file_stem().unwrap_or(use_case.id.as_ref());
        let path = Path::new("features").join(name).with_extension("feature");
        files.push(File { path, text: feature::render(use_case, plans) });
    }
    let mut refused = Vec::new();
    for plan in plans.machines() {
        match state_machine::render(&plans.dataset, &plans.published, plan) {
            Ok(machine) => {
                let path = Path::new("state-machines").join(format!("{}.asl.json", plan.flow.id));
                let text = serde_json::to_string_pretty(&machine.definition).unwrap_or_default() + "\n";
                files.push(File { path, text });
            }
            Err(why) => refused.push(why),
        }
    }
    if refused.is_empty() { Ok(files) } else { Err(refused) }
}

/// What of a folder is not as it would be made now: files that are missing or differ, and those that nothing makes.
///
/// # Errors
///
/// The folder cannot be read.
pub fn stale(folder: &Path, files: &[File]) -> io::Result<Vec<PathBuf>> {
    let differs = |file: &&File| match fs::read_to_string(folder.join(&file.path)) {
        Ok(text) => text != file.text,
        Err(_) => true,
    };
    let mut stale: Vec<PathBuf> = files.iter().filter(differs).map(|file| file.path.clone()).collect();
    stale.extend(left_over(folder, files)?);
    Ok(stale)
}

/// Writes the files, each whole or not at all, and takes away those that nothing makes any more. Says what changed.
///
/// # Errors
///
/// A file cannot be written.
pub fn write(folder: &Path, files: &[File]) -> io::Result<Vec<PathBuf>> {
    let changed = stale(folder, files)?;
    for file in files.iter().filter(|file| changed.contains(&file.path)) {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        let mut beside = tempfile::NamedTempFile::new_in(parent)?;
        io::Write::write_all(&mut beside, file.text.as_bytes())?;
        readable(beside.as_file())?;
        beside.persist(&path)?;
    }
    for path in left_over(folder, files)? {
        fs::remove_file(folder.join(path))?;
    }
    Ok(changed)
}

/// A temporary file is its owner's alone; what is committed is everybody's.
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

/// Features and state machines that no use case makes.
fn left_over(folder: &Path, files: &[File]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (part, ending) in [("features", ".feature"), ("state-machines", ".asl.json")] {
        let entries = match fs::read_dir(folder.join(part)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = Path::new(part).join(entry?.file_name());
            let is_ours = path.to_string_lossy().ends_with(ending);
            if is_ours && !files.iter().any(|file| file.path == path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
