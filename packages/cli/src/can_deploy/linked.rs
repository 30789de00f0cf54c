//! Which crates of ours a service's binary links, as their manifests say; and that the mock is none of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::Stage;
use toml_edit::{DocumentMut, Item, TableLike};

use super::answer::{Answer, Reason};
use super::published::{bytes, content};
use super::{Question, Unusable};

/// Crates of mocks and tests.
const NEVER_DEPLOYED: [&str; 4] = ["dataset", "embedded-aws", "mock", "testing"];

/// The crates of the repository, and which reaches which by a normal dependency, optional ones too.
pub struct Crates {
    folders: BTreeMap<String, PathBuf>,
    reaches: BTreeMap<String, Vec<String>>,
}

impl Crates {
    /// Reads the manifests below `root`: the workspace's, those it names by their path, and those of services.
    pub fn read(root: &Path) -> Result<Self, Unusable> {
        let mut crates = Self { folders: BTreeMap::new(), reaches: BTreeMap::new() };
        let Some(workspace) = manifest(&root.join("Cargo.toml"))? else { return Ok(crates) };
        let shared =
            workspace.get("workspace").and_then(|table| table.get("dependencies")).and_then(Item::as_table_like);
        for (name, dependency) in shared.into_iter().flat_map(TableLike::iter) {
            if let Some(path) = dependency.get("path").and_then(Item::as_str) {
                crates.folders.insert(name.to_owned(), root.join(path));
            }
        }
        for (name, folder) in crates.folders.clone() {
            let Some(manifest) = manifest(&folder.join("Cargo.toml"))? else { continue };
            crates.reaches.insert(name, crates.dependencies(&manifest));
        }
        Ok(crates)
    }

    /// The crates of ours under a manifest's normal dependencies.
    fn dependencies(&self, manifest: &DocumentMut) -> Vec<String> {
        let plain = manifest.get("dependencies");
        let targets = manifest.get("target").and_then(Item::as_table_like);
        let of_targets = targets.into_iter().flat_map(TableLike::iter).filter_map(|(_, one)| one.get("dependencies"));
        let tables = plain.into_iter().chain(of_targets).filter_map(Item::as_table_like);
        let names = tables
            .flat_map(TableLike::iter)
            .map(|(name, dependency)| dependency.get("package").and_then(Item::as_str).unwrap_or(name).to_owned());
        names.filter(|name| self.folders.contains_key(name)).collect()
    }

    /// Every crate that one reaches, itself first, with its folder.
    pub fn reached_from(&self, from: &str) -> Vec<(String, PathBuf)> {
        let names = self.chains(from).into_iter().filter_map(|chain| chain.last().cloned());
        names.filter_map(|name| self.folders.get(&name).map(|folder| (name.clone(), folder.clone()))).collect()
    }

    /// For every crate that one reaches, a shortest way to it.
    fn chains(&self, from: &str) -> Vec<Vec<String>> {
        let mut chains: Vec<Vec<String>> = vec![vec![from.to_owned()]];
        let mut next = 0;
        while let Some(chain) = chains.get(next).cloned() {
            next += 1;
            for to in chain.last().and_then(|name| self.reaches.get(name)).into_iter().flatten() {
                if !chains.iter().any(|known| known.last() == Some(to)) {
                    chains.push([&chain[..], std::slice::from_ref(to)].concat());
                }
            }
        }
        chains
    }
}

fn manifest(file: &Path) -> Result<Option<DocumentMut>, Unusable> {
    let Some(text) = bytes(file)? else { return Ok(None) };
    let wrong = |why: String| content(&file.display().to_string(), why);
    let text = String::from_utf8(text).map_err(|error| wrong(error.to_string()))?;
    text.parse().map(Some).map_err(|error: toml_edit::TomlError| wrong(error.to_string()))
}

/// Says no when real logic would be deployed with mock code in it.
pub fn check(question: &Question<'_>, answer: &mut Answer) {
    if question.to == Stage::Mock {
        return;
    }
    let chains = question.crates.chains(question.service);
    let mock = chains.iter().filter(|chain| chain.last().is_some_and(|name| NEVER_DEPLOYED.contains(&name.as_str())));
    let reasons: Vec<Reason> = mock
        .map(|chain| {
            let message =
                format!("{} is linked into {}: {}", chain[chain.len() - 1], question.service, chain.join(" → "));
            Reason::new("mock-linked", message, "Make it a dev-dependency, or take it out.")
        })
        .collect();
    if reasons.is_empty() {
        answer.checked("linked", format!("none of {} crates is of the mock or of tests", chains.len()));
    }
    answer.no(reasons);
}
