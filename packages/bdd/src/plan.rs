//! The flows of a dataset as they are run: the steps of their backgrounds, their own, and the rows of their outlines.

use std::sync::Arc;

use dataset::{Dataset, Entities, Flow, Outline, Part, Published, Step, UseCase};

use crate::feature;

/// Every flow of a dataset.
#[derive(Debug, Clone)]
pub struct Plans {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The contracts it is about.
    pub published: Arc<Published>,
    /// Those of the dataset, and behind them what every operation refuses.
    pub use_cases: Vec<UseCase>,
    /// In the order of the use cases.
    pub all: Vec<Plan>,
}

/// One flow.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its place among all flows.
    pub number: usize,
    /// The use case it belongs to.
    pub use_case: String,
    /// The flow.
    pub flow: Arc<Flow>,
    /// What it begins with, each once, in order.
    pub backgrounds: Vec<Arc<Flow>>,
    /// All steps, in the order of a run.
    pub steps: Vec<Arc<Step>>,
}

impl Plans {
    /// The flows of a dataset.
    pub fn of_dataset(dataset: Arc<Dataset>, published: Arc<Published>) -> Self {
        let mut use_cases = dataset.use_cases.clone();
        use_cases.extend(refusals(&dataset, &published));
        let flows = use_cases.iter().flat_map(|use_case| use_case.flows.iter().map(move |flow| (use_case, flow)));
        let all =
            flows.enumerate().map(|(number, (use_case, flow))| Plan::new(&dataset, number, use_case, flow)).collect();
        Self { dataset, published, use_cases, all }
    }

    /// The flows of a use case.
    pub fn of<'p>(&'p self, use_case: &'p UseCase) -> impl Iterator<Item = &'p Plan> {
        self.all.iter().filter(|plan| plan.use_case == use_case.id)
    }

    /// The flows that are state machines: those with steps of their own, and not only cases.
    pub fn machines(&self) -> impl Iterator<Item = &Plan> {
        self.all.iter().filter(|plan| plan.own_steps().next().is_some())
    }

    /// The tags of every scenario, without their `@`: of the flows' own and, where error cases are run, of these.
    pub fn tags(&self, cases: bool) -> Vec<Vec<String>> {
        let mut all: Vec<Vec<String>> = self.machines().map(Plan::tags).collect();
        let with_cases = self.all.iter().filter(|plan| plan.steps.iter().any(|step| is_case(step)));
        all.extend(with_cases.filter(|_| cases).map(|plan| [plan.tags(), vec![feature::CASES.to_owned()]].concat()));
        all
    }

    /// The entities that flows refer to.
    pub fn entities(&self) -> &Entities {
        &self.dataset.entities
    }
}

impl Plan {
    fn new(dataset: &Dataset, number: usize, use_case: &UseCase, flow: &Arc<Flow>) -> Self {
        let mut backgrounds = Vec::new();
        for name in &flow.include {
            include(dataset, name, &mut backgrounds);
        }
        Self { number, use_case: use_case.id.clone(), flow: Arc::clone(flow), backgrounds, steps: dataset.steps(flow) }
    }

    /// Those of its use case, of itself and of the dataset, without their `@`.
    pub fn tags(&self) -> Vec<String> {
        let own = self.flow.tags.iter().cloned();
        [self.use_case.clone(), self.flow.id.clone()].into_iter().chain(own).collect()
    }

    /// Where in `steps` those of a background stand.
    pub fn background_steps(&self, at: usize) -> std::ops::Range<usize> {
        let before: usize = self.backgrounds.iter().take(at).map(|flow| flow.steps.len()).sum();
        before..before + self.backgrounds.get(at).map_or(0, |flow| flow.steps.len())
    }

    /// Where in `steps` the flow's own begin.
    pub fn first_own(&self) -> usize {
        self.backgrounds.iter().map(|flow| flow.steps.len()).sum()
    }

    /// Its own steps and read-back checks, each with its place in `steps`.
    pub fn own_steps(&self) -> impl Iterator<Item = (usize, &Arc<Step>)> {
        self.steps.iter().enumerate().skip(self.first_own()).filter(|(_, step)| !is_case(step))
    }

    /// All steps and read-back checks, those of backgrounds too, each with its place in `steps`.
    pub fn main_steps(&self) -> impl Iterator<Item = (usize, &Arc<Step>)> {
        self.steps.iter().enumerate().filter(|(_, step)| !is_case(step))
    }

    /// The rows of an outline of its own, each with its place in `steps`.
    pub fn cases<'p>(&'p self, outline: &'p Outline) -> impl Iterator<Item = (usize, &'p Arc<Step>)> {
        self.steps
            .iter()
            .enumerate()
            .skip(self.first_own())
            .filter(|(_, step)| matches!(&step.part, Part::Case { outline: of, .. } if *of == outline.id))
    }
}

/// What every operation refuses in the same way, as a use case of everybody's.
fn refusals(dataset: &Dataset, published: &Published) -> Option<UseCase> {
    let flows = dataset.refusal_flows(published);
    let place = flows.first()?.place.clone();
    Some(UseCase {
        id: "ALL".to_owned(),
        title: "What every operation refuses".to_owned(),
        role: "caller of any operation".to_owned(),
        want: "to be refused in the same way everywhere".to_owned(),
        benefit: "I handle a refusal once".to_owned(),
        privacy: "A refusal tells nothing about what it hides.".to_owned(),
        flows,
        place,
    })
}

/// Whether a step is a row of an outline.
pub fn is_case(step: &Step) -> bool {
    matches!(step.part, Part::Case { .. })
}

/// Those a background includes come before it.
fn include(dataset: &Dataset, name: &str, included: &mut Vec<Arc<Flow>>) {
    let Some(background) = dataset.backgrounds.get(name) else { return };
    if included.len() > dataset.backgrounds.len() || included.iter().any(|known| known.id == *name) {
        return;
    }
    for inner in background.include.iter().filter(|inner| *inner != name) {
        include(dataset, inner, included);
    }
    if !included.iter().any(|known| known.id == *name) {
        included.push(Arc::clone(background));
    }
}
