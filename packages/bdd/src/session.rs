//! One flow under way: each of its steps is taken once, in order, when somebody first asks for it or a later one.

use std::sync::Arc;
use std::time::Duration;

use dataset::{Credentials, Request, Run};
use http::StatusCode;
use verify::{Exchange, Secrets};

use crate::plan::{Plan, Plans, is_case};
use crate::report::{self, Outcome};
use crate::target::{Target, now};

/// A flow under way.
pub struct Session {
    run: Run,
    plans: Plans,
    flow: usize,
    target: Target,
    /// What came of the steps so far.
    taken: Vec<Taken>,
    /// A step failed whose state the later ones stand on.
    broken: bool,
}

/// What came of a step.
#[derive(Debug, Clone)]
pub struct Taken {
    /// How it ended.
    pub outcome: Outcome,
    /// What was said, unless nothing was.
    pub exchange: Option<report::Exchange>,
}

/// How long to wait at least when an answer says that it should be waited.
const PAUSE: Duration = Duration::from_millis(50);

/// How long to wait in all when a request is answered with how long. Who is locked out waits longer, and has failed.
const PATIENCE: Duration = Duration::from_secs(60);

impl Session {
    /// Prepares a flow; it begins when its first step is asked for.
    pub fn prepare(plans: &Plans, plan: &Plan, target: &Target) -> Self {
        let run = begin(plans, plan, target);
        Self { run, plans: plans.clone(), flow: plan.number, target: target.clone(), taken: Vec::new(), broken: false }
    }

    /// Takes every step that was not taken yet, to that of this place, and says what came of it.
    pub async fn reach(&mut self, place: usize) -> Taken {
        // Its times are reckoned from now, however long ago it was prepared.
        if let (true, Some(plan)) = (self.taken.is_empty(), self.plans.all.get(self.flow)) {
            self.run = begin(&self.plans, plan, &self.target);
        }
        while self.taken.len() <= place {
            let Some(step) = self.run.step().map(Arc::clone) else { break };
            let taken = if self.broken { self.skip() } else { self.take().await };
            self.broken |= taken.outcome != Outcome::Passed && !is_case(&step);
            self.taken.push(taken);
        }
        let beyond = Taken { outcome: Outcome::Skipped, exchange: None };
        self.taken.get(place).cloned().unwrap_or(beyond)
    }

    /// What came of the steps so far.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    fn skip(&mut self) -> Taken {
        self.run.skip();
        Taken { outcome: Outcome::Skipped, exchange: None }
    }

    async fn take(&mut self) -> Taken {
        loop {
            let request = match self.run.next(now()) {
                Some(Ok(request)) => request,
                Some(Err(problem)) => return self.failed(problem.to_string()),
                None => return self.failed("the flow has no such step".to_owned()),
            };
            let exchange = match self.send(request).await {
                Ok(exchange) => exchange,
                Err(why) => return self.failed(why),
            };
            let (head, body) = (exchange.response.headers(), exchange.response.body());
            let result = self.run.answer(exchange.response.status().as_u16(), head, body);
            if let Some(pause) = result.again {
                tokio::time::sleep(pause).await;
                continue;
            }
            let outcome = match result.mismatches.is_empty() {
                true => Outcome::Passed,
                false => Outcome::Failed(result.mismatches.iter().map(ToString::to_string).collect()),
            };
            let curl = self.target.client.curl(&exchange.request, Secrets::Masked);
            let said = report::Exchange::of(&exchange.request, &exchange.response, exchange.took, curl);
            return Taken { outcome, exchange: Some(said) };
        }
    }

    fn failed(&mut self, why: String) -> Taken {
        self.run.skip();
        Taken { outcome: Outcome::Failed(vec![why]), exchange: None }
    }

    /// Sends a request. Whoever is told to wait, waits, unless that is what the step expects: scenarios run at the same
    /// time, and only so many log-ins of one person are looked at at once.
    async fn send(&self, request: Request) -> Result<Exchange, String> {
        let expect = &request.step.expect;
        let may_be_limited = [&[expect.status][..], &expect.also].concat().contains(&429);
        let mut waited = Duration::ZERO;
        loop {
            let mut message = request.message.clone();
            if request.credentials == Credentials::Signature {
                let secret =
                    self.target.secret.as_ref().ok_or("the secret that services sign with is not known here")?;
                operation::sign(&mut message, secret, &request.step.actor, verify::now_micros());
            }
            let exchange = self.target.client.send(message).await.map_err(|unreachable| chain(&unreachable))?;
            let is_limited = exchange.response.status() == StatusCode::TOO_MANY_REQUESTS && !may_be_limited;
            let wait = verify::retry_after(exchange.response.headers()).filter(|_| is_limited);
            match wait.map(|wait| wait.max(PAUSE)) {
                Some(wait) if waited.saturating_add(wait) <= PATIENCE => {
                    waited += wait;
                    tokio::time::sleep(wait).await;
                }
                _ => return Ok(exchange),
            }
        }
    }
}

fn begin(plans: &Plans, plan: &Plan, target: &Target) -> Run {
    Run::new(&plans.dataset, &plans.published, &plan.flow, target.setting(plan.number), now())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
