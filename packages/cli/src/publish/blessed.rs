//! `main` is blessed: what was published there changes compatibly or under a new version, and goes away after its
//! sunset.

use std::fs;
use std::path::{Path, PathBuf};

use operation::Environment;
use spec::artifact::{self, ASYNCAPI, OPENAPI};
use spec::compatibility::{Change, Document, Options, Unusable, compare};
use validation::types::Timestamp;

use super::{PublishError, Wanted, read};
use crate::constellation::now_millis;

/// A change that `main` does not take.
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// What would break, in words.
    pub why: String,
}

/// Everything in the documents of `main` that would break whoever relies on what is published. `superfluous` are files
/// of services that are no more.
pub fn broken(wanted: &[Wanted], superfluous: &[PathBuf], folder: &Path) -> Result<Vec<Broken>, PublishError> {
    let main = folder.join(Environment::Main.name());
    let blessed = |path: &&PathBuf| {
        path.starts_with(&main) && path.file_name().is_some_and(|name| name == OPENAPI || name == ASYNCAPI)
    };
    let mut broken = Vec::new();
    for (path, text) in wanted.iter().filter(|(path, _)| blessed(&path)) {
        if let Some(published) = read(path)?.filter(|published| published != text.as_bytes()) {
            broken.extend(compared(path, &published, text)?);
        }
    }
    for path in superfluous.iter().filter(blessed) {
        const NOTHING: [&str; 2] = [
            r#"{"openapi":"3.1.0","info":{"title":"","version":""},"paths":{}}"#,
            r#"{"asyncapi":"2.6.0","info":{"title":"","version":""},"channels":{}}"#,
        ];
        let nothing = NOTHING[usize::from(path.file_name().is_some_and(|name| name == ASYNCAPI))];
        broken.extend(compared(path, &fs::read(path).map_err(super::unusable(path))?, nothing)?);
    }
    Ok(broken)
}

fn compared(path: &Path, published: &[u8], text: &str) -> Result<Vec<Broken>, Unusable> {
    const DATE: usize = "2026-11-21".len();
    let name = path.display().to_string();
    if !serde_json::from_slice(published).is_ok_and(|published| artifact::intact(&published)) {
        let why = format!("it was edited by hand, so nobody knows what was promised: git checkout -- {name}");
        return Ok(vec![Broken { path: path.to_owned(), why }]);
    }
    let today = Timestamp::from_unix_millis(now_millis()).to_string().get(..DATE).map(str::to_owned);
    let (old, new) = (Document::parse(published, &name)?, Document::parse(text.as_bytes(), &name)?);
    let report = compare(&old, &new, &Options { today, ..Options::default() });
    Ok(report.breaking().map(|change| Broken { path: path.to_owned(), why: told(change) }).collect())
}

fn told(change: &Change) -> String {
    let operation = change.operation.as_deref().unwrap_or("the document");
    match &change.witness {
        Some(witness) => {
            const SHOWN: usize = 200;
            let value: String = witness.value.to_string().chars().take(SHOWN).collect();
            format!("{operation}: {} ({}), for example {value}", change.message, change.rule.id)
        }
        None => format!("{operation}: {} ({})", change.message, change.rule.id),
    }
}
