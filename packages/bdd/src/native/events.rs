//! Follows a run: says how far it is, and keeps what ran and what failed.

use std::collections::BTreeSet;

use cucumber::event::{self, Cucumber, Feature, Scenario, Step, StepError};
use cucumber::gherkin::StepType;
use cucumber::{Event, cli, parser, writer};

use super::Progress;
use super::lines::World;
use crate::feature::CASES;

/// What happened.
pub struct Events {
    progress: Box<dyn FnMut(Progress)>,
    /// Scenarios that began: the flow's id, and the scenario's name.
    pub reached: BTreeSet<(String, String)>,
    /// Why lines failed, and what could not be read.
    pub failed: Vec<String>,
    /// Whether the scenario of a name failed that has not ended yet.
    open: Vec<(String, usize, String)>,
}

impl Events {
    /// Tells `progress` how far the run is.
    pub fn new(progress: impl FnMut(Progress) + 'static) -> Self {
        Self { progress: Box::new(progress), reached: BTreeSet::new(), failed: Vec::new(), open: Vec::new() }
    }

    fn scenario(&mut self, scenario: &cucumber::gherkin::Scenario, happened: Scenario<World>) {
        let key = (scenario.name.clone(), scenario.position.line);
        match happened {
            Scenario::Started => {
                for tag in &scenario.tags {
                    let flow = tag.trim_start_matches('@').to_owned();
                    self.reached.insert((flow, scenario.name.clone()));
                }
            }
            Scenario::Step(step, Step::Failed(_, _, _, error))
            | Scenario::Background(step, Step::Failed(_, _, _, error)) => {
                let why = format!("{}{}: {}", step.keyword, step.value, said(&error));
                self.failed.push(why.clone());
                self.open.push((key.0, key.1, why));
            }
            Scenario::Step(step, Step::Skipped) | Scenario::Background(step, Step::Skipped) => {
                let why = format!("{}{}: nobody knows this line", step.keyword, step.value);
                self.failed.push(why.clone());
                self.open.push((key.0, key.1, why));
            }
            Scenario::Hook(_, event::Hook::Failed(..)) => {
                self.failed.push(format!("{} could not begin", scenario.name));
            }
            Scenario::Finished => {
                let why = self.open.iter().position(|(name, line, _)| (name, *line) == (&key.0, key.1));
                let why = why.map(|at| self.open.swap_remove(at).2);
                (self.progress)(Progress::Scenario(title(scenario), why));
            }
            _ => {}
        }
    }
}

impl cucumber::Writer<World> for Events {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &cli::Empty) {
        match event.map(Event::into_inner) {
            Ok(Cucumber::Feature(feature, Feature::Started)) => {
                (self.progress)(Progress::Feature(feature.name.clone()))
            }
            Ok(Cucumber::Feature(_, Feature::Scenario(scenario, happened))) => self.scenario(&scenario, happened.event),
            Err(error) => self.failed.push(error.to_string()),
            Ok(_) => {}
        }
    }
}

/// Only counts: the order in which scenarios end does not matter.
impl writer::Normalized for Events {}

/// What reports call it: a row of an outline by its case too.
fn title(scenario: &cucumber::gherkin::Scenario) -> String {
    let case = scenario.steps.iter().find(|step| step.ty == StepType::When);
    match case.filter(|_| scenario.tags.iter().any(|tag| tag.trim_start_matches('@') == CASES)) {
        Some(case) => format!("{}: {}", scenario.name, case.value),
        None => scenario.name.clone(),
    }
}

/// What a line said when it failed.
fn said(error: &StepError) -> String {
    match error {
        StepError::Panic(info) => match info.downcast_ref::<String>() {
            Some(why) => why.clone(),
            None => "it panicked".to_owned(),
        },
        other => other.to_string(),
    }
}
