//! The repository as a command changes it: read through what is to be written, and written as a whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use crate::repository::{self, NoRepository};

/// Why the repository stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// No repository around here.
    #[error(transparent)]
    NoRoot(#[from] NoRepository),
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written; nothing was changed")]
    Write {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A list is not where it usually is.
    #[error("{path} has no {what}: {mend}")]
    Shape {
        /// Which file.
        path: String,
        /// What is missing.
        what: String,
        /// What to do.
        mend: String,
    },
    /// Changes that git has not seen.
    #[error("{0} differ from the last commit: commit or stash them, or give --allow-dirty")]
    Dirty(String),
    /// git cannot say what differs.
    #[error("git cannot say whether files differ from the last commit ({0}): mend that, or give --allow-dirty")]
    Git(String),
    /// rustfmt is missing.
    #[error("rustfmt cannot be started: install it with `rustup component add rustfmt`")]
    NoRustfmt(#[source] io::Error),
    /// rustfmt does not understand the result.
    #[error("{path} would not be Rust any more: {why}")]
    NotRust {
        /// Which.
        path: String,
        /// What rustfmt says.
        why: String,
    },
}

/// A repository, and what is to change in it.
pub struct Tree {
    root: PathBuf,
    changes: BTreeMap<String, String>,
}

impl Tree {
    /// The repository at `root`, or the one around the working directory.
    pub fn open(root: Option<&Path>) -> Result<Self, TreeError> {
        Ok(Self { root: repository::root(root)?, changes: BTreeMap::new() })
    }

    /// Whether there is, or will be, something at this path.
    pub fn has(&self, path: &str) -> bool {
        self.changes.contains_key(path) || self.root.join(path).exists()
    }

    /// The text of a file as it will be.
    pub fn read(&self, path: &str) -> Result<String, TreeError> {
        match self.changes.get(path) {
            Some(text) => Ok(text.clone()),
            None => fs::read_to_string(self.root.join(path))
                .map_err(|source| TreeError::Read { path: path.to_owned(), source }),
        }
    }

    /// The Rust files directly in a folder, by name.
    pub fn sources(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let failed = |source| TreeError::Read { path: folder.to_owned(), source };
        let mut found = Vec::new();
        if self.root.join(folder).is_dir() {
            for entry in fs::read_dir(self.root.join(folder)).map_err(failed)? {
                let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
                if name.ends_with(".rs") {
                    found.push(format!("{folder}/{name}"));
                }
            }
        }
        let new = self.changes.keys().filter(|path| path.rsplit_once('/').is_some_and(|(inside, _)| inside == folder));
        found.extend(new.filter(|path| path.ends_with(".rs")).cloned());
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Plans a file's text.
    pub fn write(&mut self, path: &str, text: String) {
        self.changes.insert(path.to_owned(), text);
    }

    /// Plans a line of a sorted list: before the first line that `is_of_list` and sorts behind it, or after the last.
    /// A line may be several. `mend` says what to do where there is no such list.
    pub fn insert_sorted(
        &mut self,
        path: &str,
        line: &str,
        mend: &str,
        is_of_list: impl Fn(&str) -> bool,
    ) -> Result<(), TreeError> {
        let text = self.read(path)?;
        let lines: Vec<&str> = text.lines().collect();
        let of_list: Vec<usize> = (0..lines.len()).filter(|&index| is_of_list(lines[index])).collect();
        let behind = of_list.iter().copied().find(|&index| lines[index] > line);
        let place = behind.or_else(|| of_list.last().map(|last| last + 1));
        let place = place.ok_or_else(|| TreeError::Shape {
            path: path.to_owned(),
            what: format!("list for `{}`", line.lines().next().unwrap_or_default().trim()),
            mend: mend.to_owned(),
        })?;
        self.insert_at(path, &lines, place, line);
        Ok(())
    }

    /// Plans text before the first line that `is_place`.
    pub fn insert_before(
        &mut self,
        path: &str,
        text: &str,
        mend: &str,
        is_place: impl Fn(&str) -> bool,
    ) -> Result<(), TreeError> {
        let old = self.read(path)?;
        let lines: Vec<&str> = old.lines().collect();
        let place = lines.iter().position(|line| is_place(line)).ok_or_else(|| TreeError::Shape {
            path: path.to_owned(),
            what: format!("place for `{}`", text.lines().next().unwrap_or_default().trim()),
            mend: mend.to_owned(),
        })?;
        self.insert_at(path, &lines, place, text);
        Ok(())
    }

    fn insert_at(&mut self, path: &str, lines: &[&str], place: usize, text: &str) {
        let mut all = lines.to_vec();
        all.insert(place, text);
        self.write(path, all.join("\n") + "\n");
    }

    /// Writes everything, formatted, or nothing; says per file what was done.
    pub fn commit(mut self, allow_dirty: bool) -> Result<Vec<String>, TreeError> {
        for (path, text) in &mut self.changes {
            if path.ends_with(".rs") {
                *text = formatted(&self.root, path, text)?;
            }
        }
        let changed: Vec<&String> = self.changes.keys().filter(|path| self.root.join(path).exists()).collect();
        if !allow_dirty {
            clean(&self.root, &changed)?;
        }
        let report = self.changes.keys().map(|path| {
            let verb = if changed.contains(&path) { "changed" } else { "wrote  " };
            format!("{verb} {path}")
        });
        let report = report.collect();
        self.write_all()?;
        Ok(report)
    }

    /// Every file is written beside its place first; then all are renamed. What fails leaves things as they were.
    fn write_all(&self) -> Result<(), TreeError> {
        let mut made = Made::default();
        let mut staged = Vec::new();
        for (path, text) in &self.changes {
            let failed = |source| TreeError::Write { path: path.clone(), source };
            let place = self.root.join(path);
            let folder = place.parent().unwrap_or(&self.root);
            made.folders(folder).map_err(failed)?;
            let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
            file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
            let before = match fs::metadata(&place) {
                Ok(metadata) => {
                    fs::set_permissions(file.path(), metadata.permissions()).map_err(failed)?;
                    Some(fs::read(&place).map_err(failed)?)
                }
                Err(_) => {
                    readable(file.path()).map_err(failed)?;
                    None
                }
            };
            staged.push((path, place, file, before));
        }
        for (path, place, file, before) in staged {
            file.persist(&place).map_err(|error| TreeError::Write { path: path.clone(), source: error.error })?;
            made.files.push((place, before));
        }
        made.keep = true;
        Ok(())
    }
}

/// What was made so far; unless it is kept, it is undone.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    keep: bool,
}

impl Made {
    fn folders(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // The error that led here is the one to tell; a file that cannot be put back cannot be helped.
        for (place, before) in self.files.drain(..) {
            let _ = match before {
                Some(text) => fs::write(&place, text),
                None => fs::remove_file(&place),
            };
        }
        for folder in self.folders.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(unix)]
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const LIKE_OTHER_FILES: u32 = 0o644;
    fs::set_permissions(path, fs::Permissions::from_mode(LIKE_OTHER_FILES))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A source as rustfmt writes it by the rules of the repository.
fn formatted(root: &Path, path: &str, text: &str) -> Result<String, TreeError> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(TreeError::NoRustfmt)?;
    let text = text.to_owned();
    let stdin = rustfmt.stdin.take();
    let feed = std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes())));
    let output = rustfmt.wait_with_output().map_err(TreeError::NoRustfmt)?;
    let is_fed = matches!(feed.join(), Ok(Ok(())));
    let formatted = String::from_utf8(output.stdout).ok().filter(|_| is_fed && output.status.success());
    formatted.ok_or_else(|| TreeError::NotRust {
        path: path.to_owned(),
        why: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// Refuses files that git follows and that differ from the last commit.
fn clean(root: &Path, paths: &[&String]) -> Result<(), TreeError> {
    if paths.is_empty() {
        return Ok(());
    }
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--untracked-files=no", "--"]).args(paths).current_dir(root);
    let output = git.output().map_err(|error| TreeError::Git(error.to_string()))?;
    if !output.status.success() {
        return Err(TreeError::Git(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let dirty: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.get(3..)).map(str::to_owned).collect();
    if dirty.is_empty() { Ok(()) } else { Err(TreeError::Dirty(dirty.join(", "))) }
}
