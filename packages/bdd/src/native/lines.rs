//! What the lines of features do: each is found in its flow by its words.

use std::convert::Infallible;
use std::sync::Arc;

use cucumber::gherkin;
use cucumber::step::{Collection, Context};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use regex::Regex;

use super::Shared;
use crate::feature::words;
use crate::plan::Plan;
use crate::report::Outcome;
use crate::session::Taken;

/// What a scenario knows.
#[derive(Default)]
pub struct World {
    shared: Option<Arc<Shared>>,
    /// Which flow it belongs to.
    flow: usize,
    /// The scenario's name.
    name: String,
    /// How many of the flow's own steps were taken in it.
    at: usize,
    /// The place of the step that was taken last, and what came of it.
    last: Option<(usize, Taken)>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("scenario", &self.name).field("at", &self.at).finish_non_exhaustive()
    }
}

impl cucumber::World for World {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self::default())
    }
}

/// The lines there are. Every line is somebody's, so that one which the dataset does not know fails and is not skipped.
pub fn collection() -> Collection<World> {
    let Ok(any) = Regex::new("(?s)^.*$") else { return Collection::new() };
    Collection::new().given(None, any.clone(), given).when(None, any.clone(), when).then(None, any, then)
}

fn given(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    async move { settle(world.given(&context.step.value).await) }.boxed_local()
}

fn when(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    async move { settle(world.when(&context.step.value).await) }.boxed_local()
}

fn then(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
    async move { settle(world.then(&context.step.value).await) }.boxed_local()
}

/// cucumber learns that a line failed by its unwinding; nothing is printed by that.
fn settle(done: Result<(), String>) {
    if let Err(why) = done {
        std::panic::resume_unwind(Box::new(why));
    }
}

impl World {
    /// Begins a scenario.
    pub fn enter(&mut self, shared: &Arc<Shared>, scenario: &gherkin::Scenario) {
        let of_tag = |plan: &Plan| scenario.tags.iter().any(|tag| tag.trim_start_matches('@') == plan.flow.id);
        self.flow = shared.plans.all.iter().position(of_tag).unwrap_or(usize::MAX);
        self.name.clone_from(&scenario.name);
        self.shared = Some(Arc::clone(shared));
    }

    /// What is there before: a background, or what the flow left behind.
    async fn given(&mut self, line: &str) -> Result<(), String> {
        let shared = self.shared()?;
        let plan = self.plan(&shared)?;
        let places: Vec<usize> = if line == words::after(&plan.flow) {
            plan.main_steps().map(|(place, _)| place).collect()
        } else {
            let background = plan.backgrounds.iter().position(|background| words::background(background) == line);
            plan.background_steps(background.ok_or_else(|| unknown(line))?).collect()
        };
        for place in places {
            let taken = self.reach(&shared, place).await?;
            verdict(&taken).map_err(|why| format!("{}: {why}", plan.steps[place].title))?;
        }
        Ok(())
    }

    /// A step is taken; what came of it is the next line's.
    async fn when(&mut self, line: &str) -> Result<(), String> {
        let shared = self.shared()?;
        let plan = self.plan(&shared)?;
        let of_outline = plan.flow.outlines.iter().filter(|outline| words::line(&outline.title) == self.name);
        let case = of_outline.flat_map(|outline| plan.cases(outline)).find(|(_, step)| words::when(step) == line);
        let place = match case {
            Some((place, _)) => place,
            None => self.next(plan, line)?,
        };
        let taken = self.reach(&shared, place).await?;
        let said = taken.exchange.is_some();
        let verdict = verdict(&taken);
        self.last = Some((place, taken));
        // Without an answer there is nothing to look at.
        if said { Ok(()) } else { verdict }
    }

    /// What came of the last step; or a read-back check, which is a step of its own.
    async fn then(&mut self, line: &str) -> Result<(), String> {
        let shared = self.shared()?;
        let plan = self.plan(&shared)?;
        if let Some((place, taken)) = self.last.take()
            && words::then(&plan.steps[place]) == line
        {
            return verdict(&taken);
        }
        let place = self.next(plan, line)?;
        verdict(&self.reach(&shared, place).await?)
    }

    /// The place of the flow's next own step, which must be this one.
    fn next(&mut self, plan: &Plan, line: &str) -> Result<usize, String> {
        let (place, step) = plan.own_steps().nth(self.at).ok_or_else(|| unknown(line))?;
        if words::when(step) != line {
            return Err(unknown(line));
        }
        self.at += 1;
        Ok(place)
    }

    async fn reach(&self, shared: &Shared, place: usize) -> Result<Taken, String> {
        let session = shared.sessions.get(self.flow).ok_or("this scenario is not tagged with its flow")?;
        Ok(session.lock().await.reach(place).await)
    }

    fn shared(&self) -> Result<Arc<Shared>, String> {
        self.shared.clone().ok_or_else(|| "this scenario was not begun".to_owned())
    }

    fn plan<'s>(&self, shared: &'s Shared) -> Result<&'s Plan, String> {
        shared.plans.all.get(self.flow).ok_or_else(|| "this scenario is not tagged with its flow".to_owned())
    }
}

fn verdict(taken: &Taken) -> Result<(), String> {
    match &taken.outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed(why) => Err(why.join("\n")),
        Outcome::Skipped => Err("a step before it failed".to_owned()),
    }
}

fn unknown(line: &str) -> String {
    format!("the dataset has no such line here: {line:?}; run `enver bdd generate`")
}
