//! Which files are read, and how.

use std::path::Path;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust
    Rust,
    /// TypeScript and JavaScript, whose tokens are the same
    JavaScript,
    /// Python
    Python,
    /// YAML
    Yaml,
}

impl Language {
    /// By the extension of the file's name.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "rs" => Some(Self::Rust),
            "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => Some(Self::JavaScript),
            "py" | "pyi" => Some(Self::Python),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Whether this path, seen from what was asked to be scanned, holds tests.
pub fn is_test(path: &Path) -> bool {
    const FOLDERS: [&str; 7] = ["tests", "test", "__tests__", "testdata", "fixtures", "benches", "mock-data"];
    let folders = path.parent().into_iter().flat_map(Path::components);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    folders.filter_map(|folder| folder.as_os_str().to_str()).any(|folder| FOLDERS.contains(&folder))
        || name.contains(".test.")
        || name.contains(".spec.")
        || (name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py"))
}
