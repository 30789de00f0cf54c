//! What a process of the tests prints.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What a process prints, in a file, so that nobody has to read it while it runs.
pub struct Output {
    folder: TempDir,
}

impl Output {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// What was printed so far.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.path()).expect("what was printed")
    }

    /// To be appended to.
    pub fn file(&self) -> File {
        File::options().create(true).append(true).open(self.path()).expect("a file")
    }

    /// Where it is, for whatever else the process writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("output")
    }
}
