//! What the dataset keeps, and what is said where one does not.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod broken;
mod matchers;
mod references;
mod runs;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use dataset::{Dataset, Problem, Published};
use tempfile::TempDir;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The published contracts of an enver.
pub fn published(enver: &str) -> Published {
    Published::load(&root().join("contracts/published").join(enver)).expect("published contracts")
}

/// A dataset of these files.
pub fn load(files: &[(&str, &str)]) -> Result<Dataset, Vec<Problem>> {
    Dataset::load(folder(files).path())
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What `check_folder` says about these files, without what is said about operations that no flow comes to.
pub fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let report = dataset::check_folder(folder(files).path(), &published("dev"), "dev");
    let told = report.problems.iter().filter(|problem| problem.file != "use-cases");
    told.map(Problem::to_string).collect()
}

/// Two people of two companies, and what one of them ships.
pub const PEOPLE: (&str, &str) = (
    "entities/people.yaml",
    "about: People.\nidentity: userId\nitems:\n  \
     ravi: { tenant: acme, value: { userId: a5a00000000000000000000000000002, name: Ravi } }\n  \
     bilal: { tenant: bolt, value: { userId: b0100000000000000000000000000002, name: Bilal } }\n",
);
pub const TENANTS: (&str, &str) = (
    "entities/tenants.yaml",
    "about: Companies.\nitems:\n  acme: { value: { tenantId: acme } }\n  bolt: { value: { tenantId: bolt } }\n",
);

/// A use case of one flow with these steps.
pub fn use_case(steps: &str) -> String {
    format!(
        "id: UC9\ntitle: Nine\nas: tester\nwant: to test\nso that: it holds\nprivacy: none\nflows:\n  - id: nine\n    \
         title: Nine\n    steps:\n{steps}"
    )
}
