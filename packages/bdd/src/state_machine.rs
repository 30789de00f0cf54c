//! A flow as a state machine of AWS Step Functions (Amazon States Language, JSONPath).
//!
//! A step is an HTTP task, a choice on its answer, and a note of what came of it. What the language cannot compute (a
//! time from now, a one-time password) and cannot judge (a list that contains an item) a Lambda function does, whose
//! name is part of the input; it is given the very text of the dataset (`values`). The input:
//!
//! ```json
//! { "baseUrl": "https://…", "connectionArn": "arn:aws:events:…", "run": "a1b2c3", "enver": "dev",
//!   "platform": { "email": "…", "password": "…" }, "functions": { "values": "arn:aws:lambda:…" } }
//! ```
//!
//! The output is a summary: every step that was reached, with its status and whether it was as expected. A flow that
//! fails ends in `FlowFailed`, with the summary as its cause.

mod choices;
mod template;

use dataset::{Dataset, Published, Step};
use serde_json::{Map, Value, json};

use crate::plan::Plan;
use choices::Choices;
use template::{Computed, Known, Request};

/// Why a flow is no state machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("flow {flow}, step {step}: Step Functions cannot perform it: {why}")]
pub struct NotExpressible {
    /// Its id.
    pub flow: String,
    /// The step's.
    pub step: String,
    /// What it is that cannot be done.
    pub why: String,
}

/// A state machine, and which of its tasks sends the request of which step.
#[derive(Debug, Clone, PartialEq)]
pub struct StateMachine {
    /// In the Amazon States Language.
    pub definition: Value,
    /// The name of each step's HTTP task, in the order of [`Plan::main_steps`].
    pub tasks: Vec<String>,
}

/// How long a whole flow may take.
const MACHINE_SECONDS: u64 = 300;
/// How long an answer may take.
const ANSWER_SECONDS: u64 = 30;
/// How often is asked for what follows from events.
const ATTEMPTS: u64 = 60;

/// The state machine of a flow. Its cases are not in it: they are the native run's.
///
/// # Errors
///
/// A step that Step Functions cannot perform.
pub fn render(dataset: &Dataset, published: &Published, plan: &Plan) -> Result<StateMachine, NotExpressible> {
    let mut known = Known::default();
    let mut built = Vec::new();
    for (at, (_, step)) in plan.main_steps().enumerate() {
        let refused = |why| NotExpressible { flow: plan.flow.id.clone(), step: step.id.clone(), why };
        built.push(build(dataset, published, at, step, &mut known).map_err(refused)?);
    }
    let mut states = Map::new();
    let mut next = SUMMARY.to_owned();
    let tasks = built.iter().map(|step| step.name.clone()).collect();
    for mut step in built.into_iter().rev() {
        step.link(&next);
        next = step.entry();
        states.extend(step.chain.into_iter().chain(step.beside));
    }
    let reached = format!("$.steps.{}", key(plan.main_steps().count().saturating_sub(1)));
    ending(plan, &reached, &mut states);
    let definition = json!({
        "Comment": format!("{}. Made from the use cases by `enver bdd generate`.", plan.flow.title),
        "StartAt": next,
        "TimeoutSeconds": MACHINE_SECONDS,
        "States": states,
    });
    Ok(StateMachine { definition, tasks })
}

const SUMMARY: &str = "Summary";

/// The states of one step.
struct Built {
    /// The name of its HTTP task.
    name: String,
    /// One after another.
    chain: Vec<(String, Value)>,
    /// Those that are reached by a choice or a catch.
    beside: Vec<(String, Value)>,
}

impl Built {
    fn entry(&self) -> String {
        self.chain.first().map_or_else(|| SUMMARY.to_owned(), |(name, _)| name.clone())
    }

    /// Lets each state go on to the one after it, and the last to the next step.
    fn link(&mut self, next: &str) {
        let mut following = next.to_owned();
        for (name, state) in self.chain.iter_mut().rev() {
            match state["Type"].as_str() {
                Some("Choice") => state["Choices"][0]["Next"] = following.as_str().into(),
                _ => state["Next"] = following.as_str().into(),
            }
            following.clone_from(name);
        }
    }
}

fn build(dataset: &Dataset, published: &Published, at: usize, step: &Step, known: &mut Known) -> Result<Built, String> {
    let (name, key) = (name(at, &step.id), key(at));
    let part = |what: &str| format!("{name} · {what}");
    let mut computed = Computed::default();
    let request = Request::of(dataset, published, step, known, &mut computed)?;
    let choices = Choices::of(dataset, step, known, &mut computed)?;
    let mut chain: Vec<(String, Value)> = Vec::new();
    let mut beside: Vec<(String, Value)> = Vec::new();

    if step.eventually {
        let begin = json!({ "Type": "Pass", "Result": { "n": 0 }, "ResultPath": "$.attempts" });
        chain.push((part("begin"), begin));
    }
    let first = chain.len();
    if let Some(values) = computed.payload(known)? {
        chain.push((part("values"), lambda(values, json!({ "values.$": "$.Payload.values" }), "$.computed")));
    }
    let task = chain.len();
    let sends = match &request.signed_by {
        Some(service) => signed_task(&name, service, &request, &part("failed")),
        None => http_task(step, &request, &part("refused"), &part("failed")),
    };
    chain.push((name.clone(), sends));
    if !choices.prepared.is_empty() {
        let prepared = Value::Object(choices.prepared.clone());
        chain.push((part("expects"), json!({ "Type": "Pass", "Parameters": prepared, "ResultPath": "$.expected" })));
    }
    if let Some(judged) = choices.judged(known)? {
        let verdict = json!({ "matches.$": "$.Payload.values.matches", "mismatches.$": "$.Payload.values.mismatches" });
        chain.push((part("judged"), lambda(judged, verdict, "$.judged")));
    }
    let otherwise = if step.eventually { part("again?") } else { part("failed") };
    let mut choice = vec![json!({ "And": choices.rules })];
    choice.extend(
        step.expect.also.iter().map(
            |status| json!({ "Variable": "$.answer.StatusCode", "NumericEquals": status, "Next": part("passed") }),
        ),
    );
    chain.push((part("as expected?"), json!({ "Type": "Choice", "Choices": choice, "Default": otherwise })));
    if !step.save.is_empty() {
        let saved = known.remember(&key, step)?;
        let state = json!({ "Type": "Pass", "Parameters": saved, "ResultPath": format!("$.saved.{key}") });
        chain.push((part("remembers"), state));
    }
    chain.push((part("passed"), note(step, &key, true)));

    let after_task = chain.get(task + 1).map_or_else(String::new, |(name, _)| name.clone());
    // The cause of the error is the answer as text; a `Pass` state puts a computed value under a name only.
    let refused = json!({
        "Type": "Pass",
        "Parameters": { "answer.$": "States.StringToJson($.failure.Cause)" },
        "ResultPath": "$.parsed",
        "Next": part("answer"),
    });
    let lift = json!({ "Type": "Pass", "InputPath": "$.parsed.answer", "ResultPath": "$.answer", "Next": after_task });
    if request.signed_by.is_none() {
        beside.push((part("refused"), refused));
        beside.push((part("answer"), lift));
    }
    if step.eventually {
        let again = json!({ "Variable": "$.attempts.n", "NumericLessThan": ATTEMPTS, "Next": part("wait") });
        beside.push((part("again?"), json!({ "Type": "Choice", "Choices": [again], "Default": part("failed") })));
        beside.push((part("wait"), json!({ "Type": "Wait", "Seconds": 1, "Next": part("count") })));
        let back_to = chain.get(first).map_or_else(String::new, |(name, _)| name.clone());
        let count = json!({
            "Type": "Pass",
            "Parameters": { "n.$": "States.MathAdd($.attempts.n, 1)" },
            "ResultPath": "$.attempts",
            "Next": back_to,
        });
        beside.push((part("count"), count));
    }
    let mut failed = note(step, &key, false);
    failed["Next"] = SUMMARY.into();
    beside.push((part("failed"), failed));
    Ok(Built { name, chain, beside })
}

/// A request; an answer that is not 2xx comes as an error, and is an answer all the same.
fn http_task(step: &Step, request: &Request, refused: &str, failed: &str) -> Value {
    let mut transient: Vec<String> = [429, 502, 503, 504]
        .into_iter()
        .filter(|status| *status != step.expect.status)
        .map(|status| format!("States.Http.StatusCode.{status}"))
        .collect();
    // Nobody knows what became of a request without an answer, so only what changes nothing is sent again.
    if request.is_safe {
        transient.extend(["States.Http.Socket".to_owned(), "States.Timeout".to_owned()]);
    }
    json!({
        "Type": "Task",
        "Comment": step.title,
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": request.parameters,
        "TimeoutSeconds": ANSWER_SECONDS,
        "ResultPath": "$.answer",
        // enver:allow(hardcoded-rate) how a test asks again
        "Retry": [{ "ErrorEquals": transient, "IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 3 }],
        "Catch": [
            { "ErrorEquals": ["States.Http.Socket", "States.Timeout"], "ResultPath": "$.failure", "Next": failed },
            { "ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": refused },
        ],
    })
}

/// A request that a service signs is sent by the function, which has the secret.
fn signed_task(name: &str, service: &str, request: &Request, failed: &str) -> Value {
    let mut call = request.parameters.clone();
    if let Some(call) = call.as_object_mut() {
        call.remove("Authentication");
    }
    let answer = json!({
        "StatusCode.$": "$.Payload.values.StatusCode",
        "Headers.$": "$.Payload.values.Headers",
        "ResponseBody.$": "$.Payload.values.ResponseBody",
    });
    let mut task = lambda(json!({ "call": call, "as": service, "step": name }), answer, "$.answer");
    task["Catch"] = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": failed }]);
    task
}

fn lambda(input: Value, selected: Value, result: &str) -> Value {
    json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName.$": "$.functions.values", "Payload": input },
        "TimeoutSeconds": ANSWER_SECONDS,
        "ResultSelector": selected,
        "ResultPath": result,
        "Retry": [{ "ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3 }],
    })
}

/// What came of a step.
fn note(step: &Step, key: &str, passed: bool) -> Value {
    let mut note = json!({ "id": step.id, "title": step.title, "passed": passed });
    if passed {
        note["status.$"] = "$.answer.StatusCode".into();
    }
    json!({ "Type": "Pass", "Parameters": note, "ResultPath": format!("$.steps.{key}") })
}

fn ending(plan: &Plan, last: &str, states: &mut Map<String, Value>) {
    let parameters = json!({ "flow": plan.flow.id, "title": plan.flow.title, "steps.$": "$.steps" });
    let summary = json!({ "Type": "Pass", "Parameters": parameters, "ResultPath": "$.summary", "Next": "All passed?" });
    let whole = json!([
        { "Variable": last, "IsPresent": true },
        { "Variable": format!("{last}.passed"), "BooleanEquals": true },
    ]);
    let choice = json!({ "Type": "Choice", "Choices": [{ "And": whole, "Next": "Passed" }], "Default": "Why" });
    let why = json!({
        "Type": "Pass",
        "Parameters": { "text.$": "States.JsonToString($.summary)" },
        "ResultPath": "$.why",
        "Next": "Failed",
    });
    states.insert(SUMMARY.to_owned(), summary);
    states.insert("All passed?".to_owned(), choice);
    states.insert("Passed".to_owned(), json!({ "Type": "Succeed", "OutputPath": "$.summary" }));
    states.insert("Why".to_owned(), why);
    states.insert("Failed".to_owned(), json!({ "Type": "Fail", "Error": "FlowFailed", "CausePath": "$.why.text" }));
}

/// The name under which the summary has a step.
pub(crate) fn key(at: usize) -> String {
    format!("s{:02}", at + 1)
}

/// The name of a step's task: short enough that what is added stays under the 80 characters of a name.
fn name(at: usize, id: &str) -> String {
    const LONGEST: usize = 56;
    format!("{:02} {}", at + 1, id.chars().take(LONGEST).collect::<String>())
}

/// What a Lambda function is told: what references may refer to, beside the entities.
fn told(known: &Known, names: &[String]) -> Result<Map<String, Value>, String> {
    let mut saved = Map::new();
    for name in names {
        saved.insert(format!("{name}.$"), known.path(name)?.into());
    }
    let mut told = Map::new();
    told.insert("began.$".to_owned(), "$$.Execution.StartTime".into());
    told.insert("run.$".to_owned(), "$.run".into());
    told.insert("enver.$".to_owned(), "$.enver".into());
    told.insert("platform.$".to_owned(), "$.platform".into());
    told.insert("saved".to_owned(), saved.into());
    Ok(told)
}
