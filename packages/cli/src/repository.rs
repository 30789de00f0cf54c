//! The repository that a command works on.

use std::path::{Path, PathBuf};

/// There is no repository there.
#[derive(Debug, thiserror::Error)]
#[error("{} is not in a repository of Enver (a folder with Cargo.toml and functions/): go there, or give --root DIR", .0.display())]
pub struct NoRepository(PathBuf);

/// The repository at `root`, or the one around the working directory.
pub fn root(root: Option<&Path>) -> Result<PathBuf, NoRepository> {
    let here = match root {
        Some(root) => root.to_owned(),
        None => std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
    };
    let is_root = |folder: &&Path| folder.join("Cargo.toml").is_file() && folder.join("functions").is_dir();
    let candidates = if root.is_some() { 1 } else { usize::MAX };
    let found = here.ancestors().take(candidates).find(is_root).map(Path::to_owned);
    found.ok_or(NoRepository(here))
}
