//! Runs features with cucumber, in this process.
//!
//! The features are the generated ones, parsed; their lines are found again in the dataset by their words, so a line
//! that says something else than the dataset fails. A `When` sends the step's request, a `Then` looks at what came. The
//! rows of an outline go on in the state that their flow left behind: they share its session.

mod events;
mod lines;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use cucumber::feature::Ext as _;
use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{self, GherkinEnv};
use cucumber::{Cucumber, cli, parser, runner};
use futures_util::FutureExt as _;
use futures_util::stream;
use tokio::sync::Mutex;

use crate::feature;
use crate::plan::Plans;
use crate::report::{Outcome, Report, Scenario, Step, UseCase};
use crate::session::{Session, Taken};
use crate::target::{Target, now};
use events::Events;
use lines::{World, collection};

/// What chooses scenarios: an expression of tags, `@UC3 and not @cases`.
#[derive(Debug, Clone)]
pub struct Tags(TagOperation);

impl std::str::FromStr for Tags {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |error| format!("{text:?} is no expression of tags ({error}): write @UC3, or @UC3 and not @cases");
        text.parse().map(Self).map_err(wrong)
    }
}

impl Tags {
    /// Whether they choose what has these tags, written with their `@`.
    pub fn choose(&self, tags: &[String]) -> bool {
        use cucumber::tag::Ext as _;
        let plain: Vec<&str> = tags.iter().map(|tag| tag.trim_start_matches('@')).collect();
        self.0.eval(plain)
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A feature begins: its name.
    Feature(String),
    /// A scenario ended: its name, and why it failed if it did.
    Scenario(String, Option<String>),
}

/// A flow under way, shared by its scenario and the rows of its outlines.
pub(crate) struct Shared {
    pub(crate) plans: Plans,
    pub(crate) sessions: Vec<Mutex<Session>>,
}

/// Why features cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// What was generated is no Gherkin.
    #[error("the feature of {use_case} is no Gherkin: {why}")]
    Gherkin {
        /// Whose.
        use_case: String,
        /// What the parser said.
        why: String,
    },
    /// The verdicts of cucumber and of the flows differ.
    #[error("cucumber counts {cucumber} scenarios that failed, the flows {flows}: {why}")]
    Disagree {
        /// By its events.
        cucumber: usize,
        /// By what was recorded.
        flows: usize,
        /// What cucumber said of the first.
        why: String,
    },
}

/// Runs the chosen scenarios of all use cases, as many at once as are asked for.
///
/// # Errors
///
/// The features cannot be run. That they fail is no error: the report says so.
pub async fn run(
    plans: &Plans,
    target: &Target,
    tags: Option<Tags>,
    at_once: usize,
    progress: impl FnMut(Progress) + 'static,
) -> Result<Report, RunError> {
    let (began, begun) = (now(), Instant::now());
    let features = plans.use_cases.iter().map(|use_case| {
        let failed = |why: String| RunError::Gherkin { use_case: use_case.id.clone(), why };
        let feature = gherkin::Feature::parse(feature::render(use_case, plans), GherkinEnv::default());
        feature.map_err(|error| failed(error.to_string()))?.expand_examples().map_err(|error| failed(error.to_string()))
    });
    let features: Vec<gherkin::Feature> = features.collect::<Result<_, _>>()?;
    let sessions = plans.all.iter().map(|plan| Mutex::new(Session::prepare(plans, plan, target))).collect();
    let shared = Arc::new(Shared { plans: plans.clone(), sessions });

    let context = Rc::new(Arc::clone(&shared));
    let runner = runner::Basic::default().max_concurrent_scenarios(at_once.max(1)).steps(collection()).before(
        move |_, _, scenario, world: &mut World| {
            world.enter(&context, scenario);
            async {}.boxed_local()
        },
    );
    let options = cli::Opts {
        re_filter: None,
        tags_filter: tags.map(|tags| tags.0),
        parser: cli::Empty,
        runner: runner::basic::Cli {
            concurrency: None,
            fail_fast: false,
            retry: None,
            retry_after: None,
            retry_tag_filter: None,
        },
        writer: cli::Empty,
        custom: cli::Empty,
    };
    let cucumber = Cucumber::<_, _, _, _, _, cli::Empty>::custom(InMemory, runner, Events::new(progress))
        .with_cli::<cli::Empty>(options);
    let events = cucumber.run(features).await;

    let report = report(&shared, target, &events.reached, began, begun).await;
    let flows = report.scenarios().filter(|scenario| scenario.outcome() != Outcome::Passed).count();
    match (events.failed.len(), flows) {
        (cucumber, flows) if (cucumber == 0) != (flows == 0) => {
            let why = events.failed.into_iter().next().unwrap_or_default();
            Err(RunError::Disagree { cucumber, flows, why })
        }
        _ => Ok(report),
    }
}

/// What was recorded of the scenarios that were run.
async fn report(
    shared: &Shared,
    target: &Target,
    reached: &BTreeSet<(String, String)>,
    began: i64,
    begun: Instant,
) -> Report {
    let mut use_cases = Vec::new();
    for use_case in &shared.plans.use_cases {
        let mut scenarios = Vec::new();
        for (plan, session) in
            shared.plans.all.iter().zip(&shared.sessions).filter(|(plan, _)| plan.use_case == use_case.id)
        {
            let session = session.lock().await;
            let step = |(place, step): (usize, &Arc<dataset::Step>)| {
                let missed = Taken { outcome: Outcome::Skipped, exchange: None };
                let taken = session.taken().get(place).cloned().unwrap_or(missed);
                Step::of(step, shared.plans.entities(), taken)
            };
            let was_run = |name: &str| reached.contains(&(plan.flow.id.clone(), feature::words::line(name)));
            let tags = plan.tags();
            if plan.own_steps().next().is_some() && was_run(&plan.flow.title) {
                let steps = plan.main_steps().map(step).collect();
                scenarios.push(Scenario {
                    id: plan.flow.id.clone(),
                    title: plan.flow.title.clone(),
                    tags: tags.clone(),
                    steps,
                });
            }
            for outline in plan.flow.outlines.iter().filter(|outline| was_run(&outline.title)) {
                scenarios.extend(plan.cases(outline).map(|(place, case)| Scenario {
                    id: format!("{}/{}", plan.flow.id, case.id),
                    title: format!("{}: {}", outline.title, case.title),
                    tags: tags.clone(),
                    steps: vec![step((place, case))],
                }));
            }
        }
        if !scenarios.is_empty() {
            use_cases.push(UseCase::of(use_case, scenarios));
        }
    }
    Report { target: target.name.clone(), runner: "native", began, took: begun.elapsed(), use_cases }
}

/// Gives features that are there already.
struct InMemory;

impl cucumber::Parser<Vec<gherkin::Feature>> for InMemory {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<gherkin::Feature>>>;

    fn parse(self, features: Vec<gherkin::Feature>, _: cli::Empty) -> Self::Output {
        stream::iter(features.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
