//! Checkpoints: what a machine can tell of a phase, and the evidence it leaves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use context::Evidence;
use context::documents::{self, enver_document, step_headings};
use contracts::{Phase, Stage};
use operation::{Access, Declaration, Environment};
use policy::Rule;
use sha2::{Digest, Sha256};
use spec::Contract;
use spec::artifact::Artifacts;
use toml_edit::DocumentMut;

use crate::context::{ContextError, DOCS, Sources, text, unusable};
use crate::dataset::DATASET;

/// Something a phase asks.
pub struct Checkpoint {
    what: &'static str,
    pub outcome: Outcome,
}

/// Whether it holds.
pub enum Outcome {
    /// It does, and this shows it.
    Holds(Vec<Evidence>),
    /// What it is about does not exist yet, so it asks nothing.
    NotYet(String),
    /// It does not: what is missing, and the mend.
    Missing(String),
}

impl Checkpoint {
    /// Whether it stands in nobody's way.
    pub fn holds(&self) -> bool {
        !matches!(self.outcome, Outcome::Missing(_))
    }

    /// As a line for people.
    pub fn line(&self) -> String {
        match &self.outcome {
            Outcome::Holds(evidence) => format!("  ✓ {} (evidence: {})\n", self.what, evidence.len()),
            Outcome::NotYet(why) => format!("  – {}: {why}\n", self.what),
            Outcome::Missing(why) => format!("  ✗ {}: {why}\n", self.what),
        }
    }
}

type Judged = Result<Outcome, ContextError>;

/// The checkpoints of a phase of a service that there is.
pub fn of(sources: &Sources, service: &str, phase: Phase) -> Result<Vec<Checkpoint>, ContextError> {
    let Some(contract) = sources.contracts.iter().find(|contract| contract.service == service) else {
        return Ok(Vec::new());
    };
    let stage = phase.stage();
    let mut found = Vec::new();
    if let Some(before) = Phase::ALL.into_iter().take_while(|before| *before < phase).last() {
        found.push(complete(sources, service, before)?);
    }
    if phase.completes_by_itself() {
        found.push(documented(sources, service)?);
    } else {
        found.push(checkpoint(
            "the artifacts of the enver are published and current",
            published(sources, contract, stage)?,
        ));
        found.push(checkpoint("the enver is wired", wired(sources, service, stage)));
        found.push(checkpoint(
            "every step of a use case stands in the enver's document",
            covered(sources, service, stage)?,
        ));
    }
    match phase {
        Phase::ContractSurface | Phase::ContractVerification => {}
        Phase::CoreDomainLogic => {
            found.push(checkpoint("no mock code is linked", unmocked(&sources.root, service)?));
            found.push(checkpoint("the service has tests of its own", tested(&sources.root, service)?));
        }
        Phase::CoreFeatures => {
            found.push(checkpoint("who reaches what was asked of every operation", asked(&sources.root, contract)?));
            found.push(checkpoint(
                "every operation names who may call it, and every change leaves an audit entry",
                guarded(contract),
            ));
        }
        Phase::ProductionReadiness => {
            found.push(checkpoint(
                "nothing stands in code that configuration should say",
                scanned(&sources.root, service)?,
            ));
            found.push(checkpoint("performance was measured", measured(&sources.root)?));
        }
        Phase::ComprehensiveTesting => {
            found.push(checkpoint("the service has tests of its own", tested(&sources.root, service)?));
            found.push(checkpoint("who reaches what was asked of every operation", asked(&sources.root, contract)?));
            found.push(checkpoint("performance was measured", measured(&sources.root)?));
        }
    }
    Ok(found)
}

/// Whether the context documents of a service are there and current: what completes 0A.
pub fn documented(sources: &Sources, service: &str) -> Result<Checkpoint, ContextError> {
    let wanted = documents::of(&sources.source(), service)?;
    let stale = sources.stale(&wanted)?;
    let outcome = match stale.is_empty() {
        true => Outcome::Holds(
            wanted
                .iter()
                .map(|document| evidence(&format!("{DOCS}/{}", document.path), document.text.as_bytes()))
                .collect(),
        ),
        false => Outcome::Missing(format!("{} are stale: run `enver context generate`", stale.join(", "))),
    };
    Ok(checkpoint("the context documents are current", outcome))
}

fn complete(sources: &Sources, service: &str, before: Phase) -> Result<Checkpoint, ContextError> {
    if before.completes_by_itself() {
        return documented(sources, service);
    }
    let outcome = match sources.ledger.of(service, before) {
        Some(word) => Outcome::Holds(vec![Evidence {
            what: format!("{before}, confirmed by {} on {}", word.by, word.on),
            digest: None,
        }]),
        None => Outcome::Missing(format!("nobody has confirmed {before}: enver phase show {service} {before}")),
    };
    Ok(checkpoint("the phase before is complete", outcome))
}

fn published(sources: &Sources, contract: &Contract, stage: Stage) -> Judged {
    let Some(environment) = Environment::named(stage.name()) else {
        return Ok(Outcome::Missing(format!("{stage} is no environment")));
    };
    let (mut found, mut stale) = (Vec::new(), Vec::new());
    for file in Artifacts::of(contract).files(environment) {
        let path = format!("contracts/published/{stage}/{}/{}", contract.service, file.name);
        let wanted = file.text;
        match text(&sources.root.join(&path))? {
            Some(text) if text == wanted => found.push(evidence(&path, wanted.as_bytes())),
            _ => stale.push(path),
        }
    }
    Ok(match stale.is_empty() {
        true => Outcome::Holds(found),
        false => Outcome::Missing(format!("{} are missing or stale: run `enver publish`", stale.join(", "))),
    })
}

fn wired(sources: &Sources, service: &str, stage: Stage) -> Outcome {
    match sources.wiring.at(service, stage) {
        Some(enver) => {
            let edges = sources.wiring.upstreams(&enver.id).count();
            let what = format!("the wiring of {}, {edges} values of others", enver.id);
            Outcome::Holds(vec![Evidence { what, digest: None }])
        }
        None => Outcome::Missing(format!("{service} has no {stage} enver: declare it in contracts/src/builds")),
    }
}

fn covered(sources: &Sources, service: &str, stage: Stage) -> Judged {
    if sources.flows.is_empty() {
        return Ok(Outcome::NotYet(format!("there is no master dataset yet ({DATASET})")));
    }
    let wanted = step_headings(&sources.flows, service);
    if wanted.is_empty() {
        return Ok(Outcome::Missing(format!("no use case in {DATASET} comes to {service}: add its steps there")));
    }
    let path = format!("{DOCS}/{service}/{}", enver_document(stage));
    let document = text(&sources.root.join(&path))?.unwrap_or_default();
    let there: Vec<&str> = document.lines().collect();
    let missing: Vec<&String> = wanted.iter().filter(|heading| !there.contains(&heading.as_str())).collect();
    Ok(match missing.is_empty() {
        true => Outcome::Holds(vec![evidence(&format!("{path}, {} steps", wanted.len()), document.as_bytes())]),
        false => Outcome::Missing(format!(
            "{path} lacks {} of {} steps: run `enver context generate`",
            missing.len(),
            wanted.len()
        )),
    })
}

/// What is data for tests, or stands in for others, and may not be reached by a service's crate.
const MOCKS: [&str; 4] = ["dataset", "embedded-aws", "spec", "testing"];

fn unmocked(root: &Path, service: &str) -> Judged {
    let mut reached = BTreeSet::from([service.to_owned()]);
    let mut next = vec![service.to_owned()];
    while let Some(name) = next.pop() {
        let folders = [format!("functions/{name}"), format!("packages/{name}")];
        let manifests = folders.map(|folder| root.join(folder).join("Cargo.toml"));
        let Some(manifest) = manifests.iter().find(|manifest| manifest.is_file()) else { continue };
        for dependency in dependencies(manifest)? {
            if reached.insert(dependency.clone()) {
                next.push(dependency);
            }
        }
    }
    let mocks: Vec<&str> = MOCKS.into_iter().filter(|mock| reached.contains(*mock)).collect();
    if !mocks.is_empty() {
        let why = format!("functions/{service} reaches {}: remove the dependency", mocks.join(", "));
        return Ok(Outcome::Missing(why));
    }
    let manifest = format!("functions/{service}/Cargo.toml");
    let text = text(&root.join(&manifest))?.unwrap_or_default();
    Ok(Outcome::Holds(vec![evidence(&manifest, text.as_bytes())]))
}

/// The names under `[dependencies]` of a manifest.
fn dependencies(manifest: &Path) -> Result<Vec<String>, ContextError> {
    let text = text(manifest)?.unwrap_or_default();
    let wrong = |error: toml_edit::TomlError| unusable(manifest)(std::io::Error::other(error.to_string()));
    let parsed: DocumentMut = text.parse().map_err(wrong)?;
    let table = parsed.get("dependencies").and_then(|item| item.as_table_like());
    Ok(table.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned())).collect())
}

fn tested(root: &Path, service: &str) -> Judged {
    let folder = format!("functions/{service}/tests/all");
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in root.join(&folder).read_dir().into_iter().flatten() {
        files.push(entry.map_err(unusable(Path::new(&folder)))?.path());
    }
    files.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    files.sort();
    let mut all = Sha256::new();
    let mut tests = 0;
    for file in &files {
        let text = fs::read_to_string(file).map_err(unusable(file))?;
        tests += text.lines().filter(|line| ["#[test]", "#[tokio::test]"].contains(&line.trim())).count();
        all.update(text.as_bytes());
    }
    Ok(match tests {
        0 => Outcome::Missing(format!("{folder} holds no test: write one per promise")),
        tests => Outcome::Holds(vec![Evidence {
            what: format!("{folder}, {tests} tests in {} files", files.len()),
            digest: Some(digest(&all.finalize())),
        }]),
    })
}

fn asked(root: &Path, contract: &Contract) -> Judged {
    let path = format!("functions/{}/access.md", contract.service);
    let table = text(&root.join(&path))?.unwrap_or_default();
    let rows: BTreeSet<&str> = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).collect();
    let ids = contract.operations.iter().map(|operation| operation.declaration.id);
    let missing: Vec<&str> = ids.filter(|id| !rows.contains(id)).collect();
    Ok(match missing.is_empty() {
        true => Outcome::Holds(vec![evidence(&path, table.as_bytes())]),
        false => Outcome::Missing(format!(
            "{path} has no row for {}: run the access test of the service with BLESS=1 and look at what it wrote",
            missing.join(", ")
        )),
    })
}

fn guarded(contract: &Contract) -> Outcome {
    let facts = || contract.operations.iter().map(|operation| operation.declaration);
    let open = facts().filter(|facts| facts.policy.rule == Rule::Roles(&[])).map(|facts| facts.id);
    let writes = |facts: &Declaration| facts.touches.iter().any(|touch| touch.access == Access::Write);
    let silent = facts().filter(|facts| !facts.method.is_safe() && writes(facts) && facts.audit.is_none());
    let silent = silent.map(|facts| facts.id);
    let missing: Vec<&str> = open.chain(silent).collect();
    match missing.is_empty() {
        true => Outcome::Holds(vec![Evidence {
            what: format!("the declarations of {} operations", facts().count()),
            digest: None,
        }]),
        false => Outcome::Missing(format!("{} lack a policy or an audit action: declare them", missing.join(", "))),
    }
}

fn scanned(root: &Path, service: &str) -> Judged {
    let folder = format!("functions/{service}");
    let outcome = scan::scan(&root.join(&folder), &[root.join("functions")], &mut |_| Ok(()));
    Ok(match outcome {
        Ok(outcome) if outcome.findings == 0 && outcome.unreadable == 0 => {
            let what = format!("enver scan {folder}: nothing in {} files, {} waived", outcome.files, outcome.waived);
            Outcome::Holds(vec![Evidence { what, digest: None }])
        }
        Ok(outcome) => {
            Outcome::Missing(format!("{} findings: run `enver scan {folder}`", outcome.findings + outcome.unreadable))
        }
        Err(error) => Outcome::Missing(format!("the scan did not end: {error}")),
    })
}

fn measured(root: &Path) -> Judged {
    const RESULTS: &str = "bench/results.md";
    Ok(match text(&root.join(RESULTS))? {
        Some(results) if !results.trim().is_empty() => Outcome::Holds(vec![evidence(RESULTS, results.as_bytes())]),
        _ => Outcome::Missing(format!("{RESULTS} is missing: run bench/run")),
    })
}

fn checkpoint(what: &'static str, outcome: Outcome) -> Checkpoint {
    Checkpoint { what, outcome }
}

fn evidence(what: &str, content: &[u8]) -> Evidence {
    Evidence { what: what.to_owned(), digest: Some(digest(&Sha256::digest(content))) }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
