//! Runs state machines: an interpreter of the Amazon States Language executes them, and their HTTP tasks are real
//! requests. The interpreter is a program of Node.js, `bdd/run-state-machines.mjs`; what its machines ask of the Lambda
//! function is answered here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use verify::Secrets;

use crate::native::{Progress, Tags};
use crate::plan::{Plan, Plans};
use crate::report::{Exchange, Outcome, Report, Scenario, Step, UseCase};
use crate::session::Taken;
use crate::signed;
use crate::state_machine::{self, NotExpressible, StateMachine};
use crate::target::{Target, now};
use crate::values;

/// Where the interpreter is.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// The program: `bdd/run-state-machines.mjs`.
    pub program: PathBuf,
    /// The `node_modules` with `aws-local-stepfunctions`.
    pub modules: PathBuf,
    /// The authority (PEM) that it trusts beside those of Node.js.
    pub authority: Option<PathBuf>,
}

/// Why state machines cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum StateMachineError {
    /// A flow is no state machine.
    #[error(transparent)]
    NotExpressible(#[from] NotExpressible),
    /// The interpreter is not installed.
    #[error("{} is not there: run .ci/tools bdd", .0.display())]
    Missing(PathBuf),
    /// The interpreter cannot be started, or broke off.
    #[error("the interpreter of state machines {what}")]
    Interpreter {
        /// What happened.
        what: String,
        /// What the system said.
        source: Option<std::io::Error>,
    },
    /// The deployment has no address.
    #[error("state machines ask over the network: give a base URL")]
    InProcess,
}

/// What the interpreter says, a line each.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Exchange(Said),
    Compute(Asked),
    Ended(Ended),
}

#[derive(Debug, Deserialize)]
struct Said {
    machine: String,
    state: String,
    request: Sent,
    answer: Answered,
    micros: u64,
}

#[derive(Debug, Deserialize)]
struct Sent {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Debug, Deserialize)]
struct Answered {
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

#[derive(Debug, Deserialize)]
struct Asked {
    id: u64,
    machine: String,
    payload: Value,
}

#[derive(Debug, Deserialize)]
struct Ended {
    machine: String,
    succeeded: bool,
    #[serde(default)]
    output: Value,
    #[serde(default)]
    error: String,
    #[serde(default)]
    cause: String,
}

/// What came of one machine.
#[derive(Default)]
struct Outcomes {
    /// The last exchange of each task, by its name.
    exchanges: BTreeMap<String, Exchange>,
    /// What the function did not accept of the answers.
    mismatches: Vec<String>,
    ended: Option<Ended>,
}

/// Runs the state machines of the chosen flows, as many at once as are asked for.
///
/// # Errors
///
/// They cannot be run. That they fail is no error: the report says so.
pub async fn run(
    plans: &Plans,
    target: &Target,
    tags: Option<&Tags>,
    at_once: usize,
    interpreter: &Interpreter,
    mut progress: impl FnMut(Progress),
) -> Result<Report, StateMachineError> {
    if target.client.base().is_empty() {
        return Err(StateMachineError::InProcess);
    }
    let (began, begun) = (now(), Instant::now());
    let chosen = plans.machines().filter(|plan| tags.is_none_or(|tags| tags.choose(&plan.tags())));
    let machines: Vec<(&Plan, StateMachine)> = chosen
        .map(|plan| Ok((plan, state_machine::render(&plans.dataset, &plans.published, plan)?)))
        .collect::<Result<_, NotExpressible>>()?;
    let mut outcomes: BTreeMap<String, Outcomes> = BTreeMap::new();

    let (mut child, mut input) = start(interpreter)?;
    tell(&mut input, &job(&machines, target, at_once)).await?;
    let output = child.stdout.take().ok_or_else(|| broke("says nothing", None))?;
    let mut lines = BufReader::new(output).lines();
    let mut left = machines.len();
    while left > 0 {
        let line = lines.next_line().await.map_err(|error| broke("cannot be read", Some(error)))?;
        let line = line.ok_or_else(|| broke("ended before its machines did: see above", None))?;
        let line: Line = serde_json::from_str(&line)
            .map_err(|error| broke(&format!("says {line:?}, which is no line ({error})"), None))?;
        match line {
            Line::Exchange(said) => {
                let outcome = outcomes.entry(said.machine.clone()).or_default();
                // What the function said of an earlier answer is over.
                outcome.mismatches.clear();
                let state = said.state.clone();
                outcome.exchanges.insert(state, exchange(said, target)?);
            }
            Line::Compute(asked) => {
                let outcome = outcomes.entry(asked.machine).or_default();
                let answer = match signed::is_call(&asked.payload) {
                    true => send_signed(&asked.payload, target, outcome).await,
                    false => values::answer(&plans.dataset, &asked.payload, now()),
                };
                let answer = match answer {
                    Ok(values) => {
                        let mismatches =
                            values["mismatches"].as_array().into_iter().flatten().filter_map(Value::as_str);
                        outcome.mismatches.extend(mismatches.map(str::to_owned));
                        json!({ "id": asked.id, "values": values })
                    }
                    Err(why) => json!({ "id": asked.id, "error": why }),
                };
                tell(&mut input, &answer).await?;
            }
            Line::Ended(ended) => {
                left -= 1;
                let why = (!ended.succeeded).then(|| ended.error.clone());
                progress(Progress::Scenario(ended.machine.clone(), why));
                let outcome = outcomes.entry(ended.machine.clone()).or_default();
                outcome.ended = Some(ended);
            }
        }
    }
    drop(input);
    // It has said everything; how it ends does not matter.
    let _ = child.wait().await;
    Ok(report(plans, target, &machines, &outcomes, began, begun.elapsed()))
}

/// Sends what a service signs, and notes what was said.
async fn send_signed(payload: &Value, target: &Target, outcome: &mut Outcomes) -> Result<Value, String> {
    let secret = target.secret.as_ref().ok_or("the secret that services sign with is not known here")?;
    let said = signed::send(payload, &target.client, secret).await?;
    let curl = target.client.curl(&said.request, Secrets::Masked);
    let step = payload["step"].as_str().unwrap_or_default().to_owned();
    outcome.mismatches.clear();
    outcome.exchanges.insert(step, Exchange::of(&said.request, &said.response, said.took, curl));
    Ok(signed::answer(&said.response))
}

fn start(interpreter: &Interpreter) -> Result<(Child, ChildStdin), StateMachineError> {
    for needed in [&interpreter.program, &interpreter.modules.join("aws-local-stepfunctions")] {
        if !needed.exists() {
            return Err(StateMachineError::Missing(needed.clone()));
        }
    }
    let mut child = Command::new("node")
        .arg(&interpreter.program)
        .arg(&interpreter.modules)
        .envs(interpreter.authority.iter().map(|file| ("NODE_EXTRA_CA_CERTS", file)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| broke("cannot be started: Node.js 20 or later is needed", Some(error)))?;
    let input = child.stdin.take().ok_or_else(|| broke("hears nothing", None))?;
    Ok((child, input))
}

fn job(machines: &[(&Plan, StateMachine)], target: &Target, at_once: usize) -> Value {
    let platform = target.platform.as_ref();
    let input = |plan: &Plan| {
        json!({
            "baseUrl": target.client.base(),
            "connectionArn": "arn:aws:events:us-east-1:000000000000:connection/enver/bdd",
            "run": target.run_of(plan.number),
            "enver": target.enver,
            "platform": {
                "email": platform.map(|log_in| log_in.email.as_str()).unwrap_or_default(),
                "password": platform.map(|log_in| log_in.password.as_str()).unwrap_or_default(),
            },
            "functions": { "values": "arn:aws:lambda:us-east-1:000000000000:function:bdd-values" },
        })
    };
    let machines: Vec<Value> = machines
        .iter()
        .map(|(plan, machine)| json!({ "id": plan.flow.id, "definition": machine.definition, "input": input(plan) }))
        .collect();
    json!({ "baseUrl": target.client.base(), "concurrency": at_once.max(1), "machines": machines })
}

async fn tell(input: &mut ChildStdin, line: &Value) -> Result<(), StateMachineError> {
    let text = format!("{line}\n");
    let told = async {
        input.write_all(text.as_bytes()).await?;
        input.flush().await
    };
    told.await.map_err(|error| broke("hears nothing any more", Some(error)))
}

fn exchange(said: Said, target: &Target) -> Result<Exchange, StateMachineError> {
    let wrong = |what: &str| broke(&format!("tells of a request that is none: {what}"), None);
    let path = said.request.url.strip_prefix(target.client.base()).unwrap_or(&said.request.url);
    let mut request = Request::builder().method(said.request.method.as_str()).uri(path);
    for (name, value) in &said.request.headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(said.request.body)).map_err(|error| wrong(&error.to_string()))?;
    let mut answer = Response::new(Bytes::from(said.answer.body));
    *answer.status_mut() = http::StatusCode::from_u16(said.answer.status).map_err(|error| wrong(&error.to_string()))?;
    for (name, values) in &said.answer.headers {
        for value in values {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                answer.headers_mut().append(name, value);
            }
        }
    }
    let curl = target.client.curl(&request, Secrets::Masked);
    Ok(Exchange::of(&request, &answer, Duration::from_micros(said.micros), curl))
}

fn report(
    plans: &Plans,
    target: &Target,
    machines: &[(&Plan, StateMachine)],
    outcomes: &BTreeMap<String, Outcomes>,
    began: i64,
    took: Duration,
) -> Report {
    let nothing = Outcomes::default();
    let mut use_cases = Vec::new();
    for use_case in &plans.use_cases {
        let of_it = machines.iter().filter(|(plan, _)| plan.use_case == use_case.id);
        let scenarios: Vec<Scenario> = of_it
            .map(|(plan, machine)| scenario(plans, plan, machine, outcomes.get(&plan.flow.id).unwrap_or(&nothing)))
            .collect();
        if !scenarios.is_empty() {
            use_cases.push(UseCase::of(use_case, scenarios));
        }
    }
    Report { target: target.name.clone(), runner: "step-functions", began, took, use_cases }
}

/// What the machine's summary says of each step: it stands in its output, or in the cause of its failure.
fn scenario(plans: &Plans, plan: &Plan, machine: &StateMachine, outcome: &Outcomes) -> Scenario {
    let ended = outcome.ended.as_ref();
    let summary = match ended {
        Some(ended) if ended.succeeded => ended.output.clone(),
        Some(ended) => serde_json::from_str(&ended.cause).unwrap_or_default(),
        None => Value::Null,
    };
    let mut broken = false;
    let steps = plan.main_steps().zip(&machine.tasks).enumerate().map(|(at, ((_, step), task))| {
        let verdict = &summary["steps"][state_machine::key(at)]["passed"];
        let outcome_of = match verdict.as_bool() {
            Some(true) => Outcome::Passed,
            Some(false) => {
                broken = true;
                Outcome::Failed(reasons(step, outcome, task))
            }
            // The machine itself broke off here, before it could sum up.
            None if !broken && ended.is_some() => {
                broken = true;
                let ended = ended.map(|ended| format!("{}: {}", ended.error, ended.cause)).unwrap_or_default();
                Outcome::Failed(vec![ended])
            }
            None => Outcome::Skipped,
        };
        Step::of(step, plans.entities(), Taken { outcome: outcome_of, exchange: outcome.exchanges.get(task).cloned() })
    });
    let steps = steps.collect();
    Scenario { id: plan.flow.id.clone(), title: plan.flow.title.clone(), tags: plan.tags(), steps }
}

fn reasons(step: &dataset::Step, outcome: &Outcomes, task: &str) -> Vec<String> {
    if !outcome.mismatches.is_empty() {
        return outcome.mismatches.clone();
    }
    let expected = crate::feature::words::then(step);
    vec![match outcome.exchanges.get(task) {
        Some(exchange) if exchange.status != step.expect.status => {
            format!("{expected}, and it was {}", exchange.status)
        }
        Some(_) => format!("{expected}, and the choice did not find in it what is expected"),
        None => format!("{expected}, and none came"),
    }]
}

fn broke(what: &str, source: Option<std::io::Error>) -> StateMachineError {
    StateMachineError::Interpreter { what: what.to_owned(), source }
}
