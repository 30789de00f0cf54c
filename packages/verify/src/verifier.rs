//! Verification of a deployment: what is asked in which order, and what becomes of the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use document::{Api, Operation};
use http::{Method, StatusCode};

use crate::asking::{Asking, Halt};
use crate::caller::Caller;
use crate::client::Exchange;
use crate::curl::{Secrets, masked_body};
use crate::draft::Draft;
use crate::judge::{Complaint, Deserves, Strictness, judge};
use crate::minimise::Seen;
use crate::report::{self, Check, Ended, Finding, Report};

/// What is asked, and by whom.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The same requests for the same seed.
    pub seed: u64,
    /// How many valid requests are generated for an operation.
    pub valid: usize,
    /// How many violations of an operation are sent at most.
    pub invalid: usize,
    /// Ids of the only operations that are asked; all when it is empty.
    pub only: Vec<String>,
    /// Nothing but GET, HEAD and OPTIONS is sent.
    pub read_only: bool,
    /// Who calls; the first that is let in does.
    pub callers: Vec<Caller>,
    /// People of another tenant, who may see nothing of theirs; whoever has the caller's name asks in their place.
    pub others: Vec<Caller>,
    /// Requests that are known to be good, by operation id, and who sent them.
    pub good: Vec<(String, Option<Caller>, http::Request<bytes::Bytes>)>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            valid: 4,
            invalid: 200,
            only: Vec::new(),
            read_only: false,
            callers: Vec::new(),
            others: Vec::new(),
            good: Vec::new(),
        }
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The operation that is asked now.
    pub operation: &'a str,
    /// How many requests were sent.
    pub requests: usize,
    /// What was found so far.
    pub findings: usize,
    /// The share that is done, from 0 to 1.
    pub done: f64,
}

/// Asks everything, and adds to a report; when `asking` is stopped, what was found until then.
pub async fn verify(
    api: &Api,
    asking: &mut Asking,
    plan: &Plan,
    report: Report,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Report {
    let mut verifier = Verifier::new(api, asking, plan, report, progress);
    let ended = match verifier.everything().await {
        Ok(()) => Ended::Complete,
        Err(ended) => ended,
    };
    let mut report = verifier.report;
    report.ended = ended;
    report
}

/// Why an operation is not asked any further.
#[derive(Debug)]
pub(crate) enum Break {
    /// Nothing more at all.
    End(Ended),
    /// This operation is left out, and why.
    LeaveOut(String),
}

/// A request that is good for an operation.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    pub caller: Option<Caller>,
    pub draft: Draft,
    /// Whether it was seen to succeed.
    pub succeeded: bool,
}

/// Whether any secured operation let anybody in whose credentials were given.
#[derive(Default)]
struct Entry {
    /// The names of those who tried.
    tried: BTreeSet<String>,
    /// Whether requests that keep the contract got in: whether others do may be decided before their caller is known.
    valid: Option<bool>,
    other: bool,
}

pub(crate) struct Verifier<'a> {
    pub api: &'a Api,
    pub plan: &'a Plan,
    pub asking: &'a mut Asking,
    pub report: Report,
    /// By the operation's place in the contract.
    pub good: BTreeMap<usize, Vec<Good>>,
    /// How many things sequences made: each may need to be another one.
    pub made: u64,
    callers: BTreeMap<usize, Option<Caller>>,
    entry: Entry,
    silent: usize,
    progress: &'a mut (dyn FnMut(Progress<'_>) + Send),
    share: f64,
}

impl<'a> Verifier<'a> {
    fn new(
        api: &'a Api,
        asking: &'a mut Asking,
        plan: &'a Plan,
        report: Report,
        progress: &'a mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Self {
        let mut good: BTreeMap<usize, Vec<Good>> = BTreeMap::new();
        for (id, caller, request) in &plan.good {
            let Some(index) = api.operations.iter().position(|operation| operation.id == *id) else { continue };
            let draft = api.operations.get(index).and_then(|operation| Draft::of(operation, request));
            let known = draft.map(|draft| Good { caller: caller.clone(), draft, succeeded: true });
            good.entry(index).or_default().extend(known);
        }
        Self {
            api,
            plan,
            asking,
            report,
            good,
            made: 0,
            callers: BTreeMap::new(),
            entry: Entry::default(),
            silent: 0,
            progress,
            share: 0.0,
        }
    }

    async fn everything(&mut self) -> Result<(), Ended> {
        let chosen: Vec<usize> = (0..self.api.operations.len()).filter(|index| self.is_chosen(*index)).collect();
        for index in &chosen {
            if let Some(operation) = self.api.operations.get(*index) {
                let route = format!("{} {}", operation.method, operation.template.as_str());
                self.report.operations.entry(operation.id.clone()).or_default().route = route;
            }
        }
        // What is refused changes nothing, so it is asked before anything else; what deletes comes last.
        let mut valid = chosen.clone();
        valid.sort_by_key(|index| self.api.operations.get(*index).map(|operation| rank(&operation.method)));
        let all = (chosen.len() * 2).max(1) as f64;
        for (done, index) in chosen.iter().enumerate() {
            self.share = done as f64 / all;
            let asked = self.refusals(*index).await;
            self.unless_left_out(*index, asked)?;
        }
        for (done, index) in valid.iter().enumerate() {
            self.share = (chosen.len() + done) as f64 / all;
            let asked = self.valid(*index).await;
            self.unless_left_out(*index, asked)?;
        }
        for index in &chosen {
            let asked = self.strangers(*index).await;
            self.unless_left_out(*index, asked)?;
        }
        for index in &chosen {
            let asked = self.sequence(*index).await;
            self.unless_left_out(*index, asked)?;
        }
        self.told_who_was_kept_out();
        Ok(())
    }

    /// Credentials that are good nowhere are most likely not those that were meant, and most of what was to be seen was not.
    fn told_who_was_kept_out(&mut self) {
        let Entry { tried, valid, other } = &self.entry;
        if tried.is_empty() || valid.unwrap_or(*other) {
            return;
        }
        let names = tried.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.report.findings.push(Finding {
            operation: String::new(),
            check: Check::Credentials,
            sent: format!("the credentials of {names}"),
            expected: "a secured operation that lets their caller in".to_owned(),
            got: format!("401 or 403 each time: the credentials of {names} were accepted nowhere"),
            curl: Vec::new(),
            again: 0,
        });
    }

    /// Notes how a secured operation took somebody whose credentials were given; whether it kept them out.
    pub fn keeps_out(&mut self, caller: &Caller, valid: bool, exchange: Option<&Exchange>) -> bool {
        let Some(exchange) = exchange else { return false };
        let kept_out = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&exchange.response.status());
        self.entry.tried.insert(caller.name.clone());
        match valid {
            true => self.entry.valid = Some(self.entry.valid == Some(true) || !kept_out),
            false => self.entry.other |= !kept_out,
        }
        kept_out
    }

    fn is_chosen(&self, index: usize) -> bool {
        let Some(operation) = self.api.operations.get(index) else { return false };
        let named = self.plan.only.is_empty() || self.plan.only.contains(&operation.id);
        named && (!self.plan.read_only || rank(&operation.method) == 0)
    }

    fn unless_left_out(&mut self, index: usize, asked: Result<(), Break>) -> Result<(), Ended> {
        match asked {
            Ok(()) => Ok(()),
            Err(Break::End(ended)) => Err(ended),
            Err(Break::LeaveOut(why)) => {
                self.leave_out(index, why);
                Ok(())
            }
        }
    }

    /// Notes what was not asked of an operation.
    pub fn leave_out(&mut self, index: usize, why: String) {
        let Some(operation) = self.api.operations.get(index) else { return };
        let known = self.report.operations.entry(operation.id.clone()).or_default();
        if !known.left_out.contains(&why) {
            known.left_out.push(why);
        }
    }

    /// How strictly the contract of an operation is taken: ours says who may call it.
    pub fn strictness(operation: &Operation) -> Strictness {
        match operation.extension("x-policy") {
            Some(_) => Strictness::Strict,
            None => Strictness::Usual,
        }
    }

    /// A request that keeps the contract: one that succeeded, or else a plain one.
    pub fn base(&self, index: usize) -> Option<Draft> {
        let known = self.good.get(&index).and_then(|known| known.first()).map(|good| good.draft.clone());
        known.or_else(|| Draft::generated(self.api.operations.get(index)?, 0))
    }

    /// Who calls an operation: whoever called it before, or the first whom it lets in. `probe` is a request that
    /// changes nothing.
    pub async fn caller(&mut self, index: usize, probe: Option<&Draft>) -> Result<Option<Caller>, Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(None) };
        if let Some(known) = self.callers.get(&index) {
            return Ok(known.clone());
        }
        let known = self.good.get(&index).and_then(|known| known.first()).and_then(|good| good.caller.clone());
        let mut candidates: Vec<Caller> = known.into_iter().chain(self.plan.callers.iter().cloned()).collect();
        if operation.security.is_empty() || candidates.is_empty() {
            self.callers.insert(index, None);
            return Ok(None);
        }
        let mut chosen = candidates.first().cloned();
        if let Some(probe) = probe.filter(|_| candidates.len() > 1) {
            for candidate in candidates.drain(..) {
                let Some(mut request) = probe.request(operation) else { break };
                candidate.sign(&mut request);
                let exchange = self.ask(&request).await?;
                if exchange.is_some() && !self.keeps_out(&candidate, false, exchange.as_ref()) {
                    chosen = Some(candidate);
                    break;
                }
            }
        }
        self.callers.insert(index, chosen.clone());
        Ok(chosen)
    }

    /// Waits, unless somebody says stop.
    pub async fn pause(&mut self, time: Duration) -> Result<(), Break> {
        self.asking.wait(time).await.map_err(|_| Break::End(Ended::Stopped))
    }

    /// Sends a request; `None` when no answer came although the deployment is still there.
    pub async fn ask(&mut self, request: &http::Request<bytes::Bytes>) -> Result<Option<Exchange>, Break> {
        const MOST_SILENT: usize = 3;
        match self.asking.ask(request).await {
            Ok(exchange) => {
                self.silent = 0;
                Ok(Some(exchange))
            }
            Err(Halt::Stopped) => Err(Break::End(Ended::Stopped)),
            Err(Halt::Limited(wait)) => {
                let seconds = wait.as_secs();
                Err(Break::LeaveOut(format!("it answers 429 and wants to be left alone for {seconds} s")))
            }
            Err(Halt::Silent(unreachable)) => {
                self.silent += 1;
                // Where no answer ever came there is nobody who did anything wrong with a request.
                match self.silent < MOST_SILENT && self.asking.answered {
                    true => Ok(None),
                    false => Err(Break::End(Ended::Unreachable(unreachable.why()))),
                }
            }
        }
    }

    /// Sends a draft and judges the answer; a complaint becomes a finding.
    pub async fn check(
        &mut self,
        index: usize,
        check: Check,
        title: &str,
        draft: &Draft,
        caller: Option<&Caller>,
        deserves: &Deserves,
    ) -> Result<Option<Exchange>, Break> {
        let Some(operation) = self.api.operations.get(index) else { return Ok(None) };
        let Some(mut request) = draft.request(operation) else { return Ok(None) };
        if let Some(caller) = caller {
            caller.sign(&mut request);
        }
        let exchange = self.ask(&request).await?;
        if let Some(caller) = caller.filter(|_| check == Check::Valid) {
            self.keeps_out(caller, true, exchange.as_ref());
        }
        let complaint = match &exchange {
            Some(exchange) => judge(operation, exchange, deserves, Self::strictness(operation)),
            None => Some(no_answer()),
        };
        self.count(operation, check, exchange.as_ref(), complaint.is_some());
        let Some(complaint) = complaint else { return Ok(exchange) };

        if self.is_known(operation, check, title, &complaint) {
            return Ok(exchange);
        }
        let seen = Seen { check, draft, caller, deserves, complaint };
        let (request, exchange, complaint) = self.minimised(operation, &seen, request, exchange).await;
        let finding = Finding {
            operation: operation.id.clone(),
            check,
            sent: title.to_owned(),
            expected: complaint.expected,
            got: shown(exchange.as_ref(), &complaint.wrong),
            curl: vec![self.asking.client.curl(&request, Secrets::Masked)],
            again: 0,
        };
        self.report.findings.push(finding);
        Ok(exchange)
    }

    /// Adds to the counts of an operation.
    pub fn count(&mut self, operation: &Operation, check: Check, exchange: Option<&Exchange>, failed: bool) {
        let known = self.report.operations.entry(operation.id.clone()).or_default();
        count(known, check, exchange, failed);
        let (requests, findings) = (self.report.requests(), self.report.findings.len());
        (self.progress)(Progress { operation: &operation.id, requests, findings, done: self.share });
    }

    /// Whether the same was found of this operation before; then it is only counted.
    pub fn is_known(&mut self, operation: &Operation, check: Check, title: &str, complaint: &Complaint) -> bool {
        /// So many findings of one operation and check tell all there is to tell.
        const MOST_ALIKE: usize = 8;
        let mut of_check: Vec<&mut Finding> = self
            .report
            .findings
            .iter_mut()
            .filter(|finding| finding.operation == operation.id && finding.check == check)
            .collect();
        let count = of_check.len();
        let same = of_check.iter().position(|finding| {
            // Each rule that is not kept is one to mend; what is wrong with answers mostly is the same thing.
            let alike = check != Check::Invalid && finding.got.contains(&complaint.wrong);
            finding.expected == complaint.expected && (finding.sent == title || alike)
        });
        let index = same.or_else(|| (count >= MOST_ALIKE).then(|| count - 1));
        match index.and_then(|index| of_check.get_mut(index)) {
            Some(finding) => {
                finding.again += 1;
                true
            }
            None => false,
        }
    }
}

pub(crate) fn no_answer() -> Complaint {
    Complaint { expected: "an answer".to_owned(), wrong: "no answer came".to_owned() }
}

/// Adds an exchange to what is known of an operation.
pub(crate) fn count(known: &mut report::Operation, check: Check, exchange: Option<&Exchange>, failed: bool) {
    let (sent, wanting) = known.checks.entry(check).or_default();
    *sent += 1;
    *wanting += usize::from(failed);
    if let Some(exchange) = exchange {
        known.statuses.insert(exchange.response.status().as_u16());
        let micros = u64::try_from(exchange.took.as_micros()).unwrap_or(u64::MAX);
        known.slowest_micros = known.slowest_micros.max(micros);
    }
}

/// What came, as a report shows it: without secrets, and not all of a long answer.
pub(crate) fn shown(exchange: Option<&Exchange>, wrong: &str) -> String {
    const MOST: usize = 600;
    let Some(exchange) = exchange else { return wrong.to_owned() };
    let masked = masked_body(exchange.response.body());
    let body = String::from_utf8_lossy(&masked);
    let mut text: String = body.chars().take(MOST).collect();
    if text.len() < body.len() {
        text.push('…');
    }
    format!("{} {}\n{wrong}", exchange.response.status(), text.trim()).trim().to_owned()
}

/// The order in which methods are used: what changes nothing first, what deletes last.
pub(crate) fn rank(method: &Method) -> u8 {
    match method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => 0,
        "POST" => 1,
        "DELETE" => 3,
        _ => 2,
    }
}
