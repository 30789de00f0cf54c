//! The master dataset: everything below `mock-data/` but the behaviour of the mock.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::entity::{Entities, Kind};
use crate::fields::Report;
use crate::problem::{Place, Problem};
use crate::refusals::Refusals;
use crate::step::Step;
use crate::use_case::{Flow, UseCase};
use crate::yaml::Node;

/// The master dataset.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// `entities/`
    pub entities: Entities,
    /// `backgrounds/`: beginnings that flows share, by id.
    pub backgrounds: BTreeMap<String, Arc<Flow>>,
    /// `use-cases/`: in the order of their files.
    pub use_cases: Vec<UseCase>,
    /// `refusals.yaml`
    pub refusals: Refusals,
}

impl Dataset {
    /// Reads the dataset of a folder. Its form is checked, not whether it agrees with the contracts: that is
    /// [`crate::check`].
    ///
    /// # Errors
    ///
    /// Everything that cannot be read, at once.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        let (dataset, problems) = Self::read(folder);
        if problems.is_empty() { Ok(dataset) } else { Err(problems) }
    }

    /// What can be read, and everything that cannot.
    pub(crate) fn read(folder: &Path) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut dataset = Self::default();
        for (name, file, node) in files(folder, "entities", &mut problems) {
            let kind = Kind::read(&node, &mut Report { file: &file, problems: &mut problems });
            dataset.entities.kinds.insert(name, kind);
        }
        for (_, file, node) in files(folder, "backgrounds", &mut problems) {
            let flow = Flow::read(&node, &mut Report { file: &file, problems: &mut problems });
            if let Some(first) = dataset.backgrounds.get(&flow.id) {
                let what = format!("there is a background {} in {} already", flow.id, first.place.file);
                problems.push(flow.place.problem("twice", what, "give it an id of its own"));
            }
            dataset.backgrounds.insert(flow.id.clone(), Arc::new(flow));
        }
        for (_, file, node) in files(folder, "use-cases", &mut problems) {
            let use_case = UseCase::read(&node, &mut Report { file: &file, problems: &mut problems });
            dataset.use_cases.push(use_case);
        }
        for (_, file, node) in files(folder, "", &mut problems).into_iter().filter(|(name, ..)| name == "refusals") {
            dataset.refusals = Refusals::read(&node, &mut Report { file: &file, problems: &mut problems });
        }
        dataset.ids(&mut problems);
        problems.sort();
        (dataset, problems)
    }

    /// Every flow, with its use case.
    pub fn flows(&self) -> impl Iterator<Item = (&UseCase, &Arc<Flow>)> {
        self.use_cases.iter().flat_map(|use_case| use_case.flows.iter().map(move |flow| (use_case, flow)))
    }

    /// A flow by its id.
    pub fn flow(&self, id: &str) -> Option<&Arc<Flow>> {
        self.flows().map(|(_, flow)| flow).find(|flow| flow.id == id)
    }

    /// All steps of a flow in order: those of the backgrounds it includes (each once, theirs before them), then its own.
    pub fn steps(&self, flow: &Flow) -> Vec<Arc<Step>> {
        let mut included = Vec::new();
        for name in &flow.include {
            self.include(name, &mut included);
        }
        let before = included.iter().filter_map(|name| self.backgrounds.get(name)).flat_map(|flow| flow.steps.iter());
        before.chain(&flow.steps).cloned().collect()
    }

    fn include(&self, name: &str, included: &mut Vec<String>) {
        let Some(background) = self.backgrounds.get(name) else { return };
        // A background that includes itself is a problem of its own; here it ends.
        if included.len() > self.backgrounds.len() || included.iter().any(|known| known == name) {
            return;
        }
        for inner in background.include.iter().filter(|inner| *inner != name) {
            self.include(inner, included);
        }
        if !included.iter().any(|known| known == name) {
            included.push(name.to_owned());
        }
    }

    /// Ids that stand twice, and backgrounds that are not there.
    fn ids(&self, problems: &mut Vec<Problem>) {
        let mut seen: BTreeMap<(&str, &str), &Place> = BTreeMap::new();
        let mut once = |kind: &'static str, id, place, problems: &mut Vec<Problem>| {
            if let Some(first) = seen.insert((kind, id), place) {
                let what = format!("{kind} {id} stands in {}:{} already", first.file, first.line);
                problems.push(Place::problem(place, "twice", what, "give it an id of its own"));
            }
        };
        for use_case in &self.use_cases {
            once("use case", &use_case.id, &use_case.place, problems);
            for flow in &use_case.flows {
                once("flow", &flow.id, &flow.place, problems);
            }
        }
        let flows = self.flows().map(|(_, flow)| flow).chain(self.backgrounds.values());
        for flow in flows {
            for name in flow.include.iter().filter(|name| !self.backgrounds.contains_key(*name)) {
                let known = self.backgrounds.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let what = format!("flow {} includes {name}, which is no background", flow.id);
                problems.push(flow.place.problem("reference", what, format!("there are {known}")));
            }
            let mut steps: BTreeMap<&str, usize> = BTreeMap::new();
            for step in &flow.steps {
                if let Some(first) = steps.insert(&step.id, step.place.line) {
                    let what = format!("step {} of flow {} stands in line {first} already", step.id, flow.id);
                    problems.push(step.place.problem("twice", what, "give it an id of its own"));
                }
            }
        }
    }
}

/// The YAML files of a part of the dataset: name without ending, file for messages, content. A part that is not there
/// is empty.
fn files(folder: &Path, part: &str, problems: &mut Vec<Problem>) -> Vec<(String, String, Node)> {
    let unreadable = |file: &str, why: std::io::Error| {
        let place = Place { file: file.to_owned(), line: 0 };
        place.problem("file", format!("it cannot be read: {why}"), "see that it is there and readable")
    };
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder.join(part)) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && folder.is_dir() => Vec::new(),
        Err(error) => {
            problems.push(unreadable(part, error));
            Vec::new()
        }
    };
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml" || end == "yml"));
    paths.sort();
    let mut read = Vec::new();
    for path in paths {
        let name =
            |part: Option<&std::ffi::OsStr>| part.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let file = format!("{part}/{}", name(path.file_name())).trim_start_matches('/').to_owned();
        match fs::read_to_string(&path) {
            Ok(text) => match Node::read(&file, &text, problems) {
                Ok(node) => read.push((name(path.file_stem()), file, node)),
                Err(problem) => problems.push(problem),
            },
            Err(error) => problems.push(unreadable(&file, error)),
        }
    }
    read
}
