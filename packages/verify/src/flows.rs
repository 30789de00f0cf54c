//! The flows of the dataset against a deployment: each answer is held against what the flow says and against the
//! contract. What succeeded is known to be good, and the people of the flows have tokens.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use dataset::{Credentials, Dataset, Flow, LogIn, Published, Run, Setting, Step};
use document::Api;
use http::{Request, StatusCode, header};
use serde_json::Value;

use crate::asking::{Asking, Halt};
use crate::caller::Caller;
use crate::client::Exchange;
use crate::curl::{Secrets, quoted};
use crate::judge::{Deserves, Strictness, judge};
use crate::renewal::Renewals;
use crate::report::{Check, Ended, Finding, Report};
use crate::verifier::{count, shown};

/// The dataset, and what its flows need of the deployment.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The contracts of all services of the constellation.
    pub published: Arc<Published>,
    /// The service whose flows are run.
    pub service: String,
    /// Which of them.
    pub which: Which,
    /// What keeps the people of this run apart from those of others: letters and digits.
    pub run: String,
    /// Where it runs: `mock`, `dev` or `main`.
    pub enver: String,
    /// The log-in of the platform's administrator.
    pub platform: Option<LogIn>,
    /// The secret that services sign their calls with, for the steps of services.
    pub secret: Option<[u8; 32]>,
}

/// Which flows are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every one in which the service has a step.
    All,
    /// As few as it takes to answer each operation well that any of them answers.
    Operations,
    /// Of those, as few as it takes to have everybody who calls the service.
    People,
}

/// What is known after the flows.
#[derive(Debug, Default)]
pub struct Known {
    /// Requests that succeeded, by operation id, and who sent them.
    pub good: Vec<(String, Option<Caller>, Request<Bytes>)>,
    /// The people of the flows who have tokens.
    pub callers: Vec<Caller>,
    renewals: Renewals,
}

impl Stage {
    /// Runs the flows. What is found goes to `report`; `progress` hears each step.
    pub async fn play(
        &self,
        api: &Api,
        asking: &mut Asking,
        report: &mut Report,
        progress: &mut (dyn FnMut(&Flow, &Step) + Send),
    ) -> Result<Known, Ended> {
        let mut known = Known::default();
        for (number, flow) in self.chosen() {
            // Each flow makes companies and people of its own.
            let run = format!("{}x{number}", self.run);
            self.flow((flow, run), api, asking, report, &mut known, progress).await?;
        }
        // Whoever came last has the youngest token.
        known.good.reverse();
        known.callers.reverse();
        // Within a flow a token that is refused is what the flow is about.
        asking.renewals = std::mem::take(&mut known.renewals);
        Ok(known)
    }

    /// The flows, with their numbers in the dataset, in its order.
    fn chosen(&self) -> Vec<(usize, &Arc<Flow>)> {
        let flows = self.dataset.flows().map(|(_, flow)| flow).enumerate();
        let has_a_step = |flow: &Flow| self.dataset.steps(flow).iter().any(|step| step.service == self.service);
        let own: Vec<_> = flows.filter(|(_, flow)| has_a_step(flow)).collect();
        let answered = |step: &Arc<Step>| step.operation.clone();
        match self.which {
            Which::All => own,
            Which::Operations => self.covering(own, answered),
            Which::People => self.covering(self.covering(own, answered), |step| step.actor.clone()),
        }
    }

    /// The steps that the service answers well.
    fn own_steps(&self, flow: &Flow) -> impl Iterator<Item = Arc<Step>> {
        let own = |step: &Arc<Step>| step.service == self.service && step.expect.status < 400;
        self.dataset.steps(flow).into_iter().filter(own)
    }

    /// Few of these flows with every key that the service's steps in any of them have: again and again the one that adds
    /// most for its length.
    fn covering<'a>(
        &self,
        mut flows: Vec<(usize, &'a Arc<Flow>)>,
        key: impl Fn(&Arc<Step>) -> String,
    ) -> Vec<(usize, &'a Arc<Flow>)> {
        let (mut covered, mut chosen) = (BTreeSet::new(), Vec::new());
        loop {
            let worth = |flow: &Flow| {
                let added: BTreeSet<_> =
                    self.own_steps(flow).map(|step| key(&step)).filter(|key| !covered.contains(key)).collect();
                added.len() * 1_000 / self.dataset.steps(flow).len().max(1)
            };
            let best = flows.iter().enumerate().max_by_key(|(_, (number, flow))| (worth(flow), Reverse(*number)));
            let Some((place, _)) = best.filter(|(_, (_, flow))| worth(flow) > 0) else { break };
            let (number, flow) = flows.remove(place);
            covered.extend(self.own_steps(flow).map(|step| key(&step)));
            chosen.push((number, flow));
        }
        chosen.sort_by_key(|(number, _)| *number);
        chosen
    }

    async fn flow(
        &self,
        (flow, run): (&Arc<Flow>, String),
        api: &Api,
        asking: &mut Asking,
        report: &mut Report,
        known: &mut Known,
        progress: &mut (dyn FnMut(&Flow, &Step) + Send),
    ) -> Result<(), Ended> {
        let setting = Setting { run, enver: self.enver.clone(), platform: self.platform.clone() };
        let mut run = Run::new(&self.dataset, &self.published, flow, setting, now());
        let mut told: Vec<String> = self.again(flow, asking).into_iter().collect();
        // How people logged in, and where the answer had their token.
        let mut log_ins: HashMap<String, (Request<Bytes>, String)> = HashMap::new();
        // Whether what is missing later is missing because something was left out.
        let mut lacking = false;
        while let Some(next) = run.next(now()) {
            let request = match next {
                Ok(request) => request,
                Err(problem) => {
                    // What a step needs was not saved, because one before it failed: that one was reported.
                    if report.findings.is_empty() && !lacking {
                        report.findings.push(unusable(flow, &problem.to_string()));
                    }
                    run.skip();
                    continue;
                }
            };
            let step = request.step;
            progress(flow, &step);
            let mut message = request.message;
            if request.credentials == Credentials::Signature {
                let Some(secret) = &self.secret else {
                    lacking = true;
                    if step.service != self.service {
                        run.skip();
                        continue;
                    }
                    let left = report.operations.entry(step.operation.clone()).or_default();
                    let why = "the secret of the services was not given: steps of services are left out".to_owned();
                    if !left.left_out.contains(&why) {
                        left.left_out.push(why);
                    }
                    run.skip();
                    continue;
                };
                operation::sign(&mut message, secret, &step.actor, now_micros());
            }
            let limited = step.expect.status == StatusCode::TOO_MANY_REQUESTS;
            let asked = if limited { asking.once(&message).await } else { asking.ask(&message).await };
            let exchange = match asked {
                Ok(exchange) => exchange,
                Err(Halt::Stopped) => return Err(Ended::Stopped),
                Err(Halt::Silent(unreachable)) => return Err(Ended::Unreachable(unreachable.why())),
                Err(Halt::Limited(wait)) => {
                    self.leave_out(flow, &step, wait, report);
                    return Ok(());
                }
            };
            let response = &exchange.response;
            let result = run.answer(response.status().as_u16(), response.headers(), response.body());
            if let Some(pause) = result.again {
                tokio::time::sleep(pause).await;
                continue;
            }
            told.push(asking.client.curl(&message, Secrets::Masked));
            let wrong: Vec<String> = result
                .mismatches
                .iter()
                .map(|mismatch| {
                    format!("{}: {} was expected, {} came", mismatch.pointer, mismatch.expected, mismatch.found)
                })
                .collect();
            self.told(&step, api, report, &exchange, &wrong, &told);
            for Token { name, pointer, text } in tokens(&step, response.body()) {
                if request.credentials == Credentials::None {
                    log_ins.entry(name.to_owned()).or_insert_with(|| (message.clone(), pointer.to_owned()));
                }
                if let Some((log_in, pointer)) = log_ins.get(name) {
                    known.renewals.add(&text, log_in.clone(), pointer);
                }
            }
            if wrong.is_empty() && step.service == self.service && response.status().as_u16() < 400 {
                known.good.push((step.operation.clone(), caller_of(&step, &message), without_credentials(message)));
            }
        }
        for (name, value) in run.saved() {
            if let (Some(actor), Some(token)) = (name.strip_prefix("tokens."), value.as_str())
                && let Ok(caller) = Caller::bearer(actor, token)
            {
                known.callers.retain(|known| known.name != caller.name);
                known.callers.push(caller);
            }
        }
        Ok(())
    }

    /// The line that plays a flow again: those of its requests leave out the secrets that it needs.
    fn again(&self, flow: &Flow, asking: &Asking) -> Option<String> {
        let base = Some(asking.client.base()).filter(|base| !base.is_empty())?;
        let (enver, url) = (&self.enver, quoted(base.as_bytes()));
        Some(format!("enver bdd --enver {enver} --url {url} --tags @{}   # all of it again, with its secrets", flow.id))
    }

    /// Notes the service's steps that a flow did not come to.
    fn leave_out(&self, flow: &Flow, last: &Step, wait: Duration, report: &mut Report) {
        let Flow { title, .. } = flow;
        let seconds = wait.as_secs();
        let why = format!("{title}: step {} answers 429 and wants to be left alone for {seconds} s", last.id);
        let steps = self.dataset.steps(flow);
        for step in steps.iter().skip_while(|step| step.id != last.id).filter(|step| step.service == self.service) {
            let left_out = &mut report.operations.entry(step.operation.clone()).or_default().left_out;
            if !left_out.contains(&why) {
                left_out.push(why.clone());
            }
        }
    }

    /// Counts a step, and reports what is wrong with its answer.
    fn told(
        &self,
        step: &Step,
        api: &Api,
        report: &mut Report,
        exchange: &Exchange,
        wrong: &[String],
        told: &[String],
    ) {
        let operation = api.operation(&step.operation).filter(|_| step.service == self.service);
        let broken =
            operation.and_then(|operation| judge(operation, exchange, &Deserves::Anything, Strictness::Strict));
        let failed = !wrong.is_empty() || broken.is_some();
        let id = match operation {
            Some(operation) => {
                let known = report.operations.entry(operation.id.clone()).or_default();
                known.route = format!("{} {}", operation.method, operation.template.as_str());
                count(known, Check::Dataset, Some(exchange), failed);
                operation.id.clone()
            }
            None => String::new(),
        };
        if !failed {
            return;
        }
        let (expected, wrong) = match broken {
            Some(broken) if wrong.is_empty() => (broken.expected, broken.wrong),
            _ => ("what the flow says".to_owned(), wrong.join("\n")),
        };
        report.findings.push(Finding {
            operation: id,
            check: Check::Dataset,
            sent: format!("{} (mock-data/{}:{})", step.title, step.place.file, step.place.line),
            expected,
            got: shown(Some(exchange), &wrong),
            curl: told.to_vec(),
            again: 0,
        });
    }
}

fn unusable(flow: &Flow, why: &str) -> Finding {
    Finding {
        operation: String::new(),
        check: Check::Dataset,
        sent: format!("{} (mock-data/{}:{})", flow.title, flow.place.file, flow.place.line),
        expected: "the flow can be played".to_owned(),
        got: why.to_owned(),
        curl: Vec::new(),
        again: 0,
    }
}

/// A token in an answer.
struct Token<'s> {
    name: &'s str,
    pointer: &'s str,
    text: String,
}

/// The tokens of people that a step saves from the body of its answer.
fn tokens<'s>(step: &'s Step, body: &[u8]) -> Vec<Token<'s>> {
    let mut saved = step.save.iter().filter(|(key, _)| key.text.starts_with("tokens.")).peekable();
    if saved.peek().is_none() {
        return Vec::new();
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let token =
        |name, pointer: &'s str| Some(Token { name, pointer, text: body.pointer(pointer)?.as_str()?.to_owned() });
    saved.filter_map(|(key, pointer)| token(&key.text, pointer)).collect()
}

/// Who sent it, if it was by a token.
fn caller_of(step: &Step, message: &Request<Bytes>) -> Option<Caller> {
    let given = message.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    Caller::bearer(&step.actor, given.strip_prefix("Bearer ")?).ok()
}

fn without_credentials(mut message: Request<Bytes>) -> Request<Bytes> {
    message.headers_mut().remove(header::AUTHORIZATION);
    message
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    now_micros() / 1000
}

/// Microseconds since 1970, which calls of services are signed at: a signature is good once, and two equal calls can be
/// sent in one millisecond.
pub fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn stage(service: &str, which: Which) -> Stage {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let dataset = Dataset::load(&root.join("mock-data")).unwrap_or_else(|problems| panic!("{problems:?}"));
        let published = Published::load(&root.join("contracts/published/dev")).unwrap();
        Stage {
            dataset: Arc::new(dataset),
            published: Arc::new(published),
            service: service.to_owned(),
            which,
            run: "t".to_owned(),
            enver: "dev".to_owned(),
            platform: None,
            secret: None,
        }
    }

    #[test]
    fn a_few_flows_answer_every_operation_and_fewer_have_everybody_who_asks() {
        for service in ["config", "auth", "booking"] {
            let [all, few, fewer] = [Which::All, Which::Operations, Which::People].map(|which| stage(service, which));
            let keys = |stage: &Stage, key: fn(&Step) -> &String| -> BTreeSet<String> {
                let steps = stage.chosen().into_iter().flat_map(|(_, flow)| stage.own_steps(flow).collect::<Vec<_>>());
                steps.map(|step| key(&step).clone()).collect()
            };

            assert_eq!(keys(&few, |step| &step.operation), keys(&all, |step| &step.operation), "{service}");
            assert_eq!(keys(&fewer, |step| &step.actor), keys(&few, |step| &step.actor), "{service}");
            assert!(few.chosen().len() * 2 < all.chosen().len(), "{service}: {}", few.chosen().len());
            assert!(fewer.chosen().len() <= few.chosen().len(), "{service}");
        }
    }
}
