//! Steps: who calls what, with what, what comes of it, and what holds afterwards.

use crate::fields::{Fields, Report};
use crate::problem::Place;
use crate::use_case::Outline;
use crate::yaml::{Content, Key, Node};

/// One request and what is expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique in its flow.
    pub id: String,
    /// What happens, as a sentence.
    pub title: String,
    /// Who calls: a key of the people, `anonymous`, `platform` or the name of a service.
    pub actor: String,
    /// How the caller shows who they are.
    pub credentials: Credentials,
    /// The service it goes to.
    pub service: String,
    /// The operation it calls.
    pub operation: String,
    /// What is sent.
    pub send: Send,
    /// What is expected.
    pub expect: Expect,
    /// What later steps need: a name, and a pointer into the answer's body or the name of a header field.
    pub save: Vec<(Key, String)>,
    /// The events it leads to.
    pub emits: Vec<Emitted>,
    /// The consumers these reach.
    pub consumes: Vec<Consumed>,
    /// Whether it is asked again until it holds: what follows from events comes a moment later.
    pub eventually: bool,
    /// Tenants whose data it names on purpose, to see that it stays theirs.
    pub crosses: Vec<String>,
    /// What of a flow it is.
    pub part: Part,
    /// Where it stands.
    pub place: Place,
}

/// How a caller shows who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// Not at all.
    None,
    /// By the bearer token that was saved as `tokens.<actor>`.
    Token,
    /// By a bearer token that nobody issued.
    Broken,
    /// By the signature of a service, which the sender of the request adds (`operation::sign`).
    Signature,
}

/// What of a flow a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// One of its steps.
    Step,
    /// A read-back check of the step of this id.
    Check(String),
    /// A row of this outline: a variation of this step.
    Case {
        /// The outline.
        outline: String,
        /// The step it varies.
        base: String,
    },
}

/// What is sent. Everything may refer to values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Send {
    /// Another method than the operation's.
    pub method: Option<String>,
    /// Parameters of the path.
    pub path: Vec<(Key, Node)>,
    /// Parameters of the query; a list is sent as several.
    pub query: Vec<(Key, Node)>,
    /// Header fields.
    pub headers: Vec<(Key, Node)>,
    /// The body.
    pub body: Body,
    /// Changes to what the fields above say: `/body/tonnes` and a value, or nothing to take it away.
    pub changes: Vec<(Key, Option<Node>)>,
}

/// What is sent as body.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// As JSON.
    Json(Node),
    /// As a form.
    Form(Node),
    /// As it stands, under the media type of the operation.
    Raw(Node),
}

/// What is expected of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The status.
    pub status: u16,
    /// Statuses that are as good, whatever else the answer says: somebody else was faster, and what follows holds too.
    pub also: Vec<u16>,
    /// The code of a refusal.
    pub code: Option<String>,
    /// Header fields, matched.
    pub headers: Vec<(Key, Node)>,
    /// The body, matched; a mapping may have more fields than are named.
    pub body: Option<Node>,
    /// That no mapping of the body has more fields than are named.
    pub exact: bool,
    /// Where it stands.
    pub line: usize,
}

/// An event that a step leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Emitted {
    /// `booking.created`
    pub event: String,
    /// What it tells, matched.
    pub data: Option<Node>,
    /// Where it stands.
    pub line: usize,
}

/// A consumer that an event of the step reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumed {
    /// The service.
    pub service: String,
    /// The consumer.
    pub operation: String,
    /// Where it stands.
    pub line: usize,
}

const STEP: &[&str] = &[
    "id",
    "title",
    "actor",
    "credentials",
    "service",
    "operation",
    "method",
    "path",
    "query",
    "headers",
    "body",
    "form",
    "raw",
    "expect",
    "save",
    "emits",
    "consumes",
    "then",
    "eventually",
    "crosses",
];
const ROW: &[&str] = &[
    "id",
    "title",
    "actor",
    "credentials",
    "method",
    "path",
    "query",
    "headers",
    "body",
    "form",
    "raw",
    "change",
    "remove",
    "status",
    "code",
    "issues",
    "expect",
    "eventually",
    "crosses",
];

impl Step {
    /// Reads a step and its read-back checks into `steps`.
    pub fn read(node: &Node, report: &mut Report<'_>, steps: &mut Vec<Self>) {
        let fields = report.fields(node, "a step", STEP);
        let actor = fields.text("actor", report);
        let step = Self {
            id: fields.text("id", report),
            title: fields.text("title", report),
            credentials: credentials(&fields, report).unwrap_or(match actor.as_str() {
                "anonymous" => Credentials::None,
                _ => Credentials::Token,
            }),
            actor,
            service: fields.text("service", report),
            operation: fields.text("operation", report),
            send: Send::read(&fields, report),
            expect: expect(&fields, report),
            save: report
                .map(fields.get("save"))
                .iter()
                .filter_map(|(key, pointer)| Some((key.clone(), pointer.text()?.to_owned())))
                .collect(),
            emits: emits(&fields, report),
            consumes: consumes(&fields, report),
            eventually: fields.flag("eventually", report),
            crosses: report.texts(fields.get("crosses")),
            part: Part::Step,
            place: report.place(node.line),
        };
        let id = step.id.clone();
        steps.push(step);
        for check in report.list(fields.get("then")) {
            let first = steps.len();
            Self::read(check, report, steps);
            for check in steps.iter_mut().skip(first) {
                check.part = Part::Check(id.clone());
            }
        }
    }
}

impl Send {
    fn read(fields: &Fields<'_>, report: &mut Report<'_>) -> Self {
        let given = [("body", 0), ("form", 1), ("raw", 2)].into_iter().filter_map(|(name, kind)| {
            let node = fields.get(name)?.clone();
            Some((node.line, [Body::Json as fn(Node) -> Body, Body::Form, Body::Raw].get(kind)?(node)))
        });
        let mut bodies: Vec<(usize, Body)> = given.collect();
        if let [_, (line, _), ..] = bodies.as_slice() {
            report.add(*line, "form", "there is more than one of body, form and raw", "keep one");
        }
        Self {
            method: fields.optional_text("method", report),
            path: report.map(fields.get("path")).to_vec(),
            query: report.map(fields.get("query")).to_vec(),
            headers: report.map(fields.get("headers")).to_vec(),
            body: if bodies.is_empty() { Body::None } else { bodies.swap_remove(0).1 },
            changes: Vec::new(),
        }
    }
}

/// Reads an outline, and its rows into `steps`, behind the steps they vary.
pub fn read_outline(node: &Node, report: &mut Report<'_>, steps: &mut Vec<Step>) -> Outline {
    let fields = report.fields(node, "an outline of cases", &["id", "title", "base", "rows"]);
    let base = fields.text("base", report);
    let outline = Outline {
        id: fields.optional_text("id", report).unwrap_or_else(|| base.clone()),
        title: fields.text("title", report),
        base,
    };
    let varied = steps.iter().find(|step| step.id == outline.base && !matches!(step.part, Part::Case { .. })).cloned();
    let Some(varied) = varied else {
        let what = format!("there is no step {} before it in this flow", outline.base);
        report.add(node.line, "form", what, "name a step of this flow as base");
        return outline;
    };
    for row in report.list(fields.get("rows")) {
        let fields = report.fields(row, "a case", ROW);
        let mut send = Send::read(&fields, report);
        if send.body == Body::None {
            send.body = varied.send.body.clone();
        }
        send.path = merged(&varied.send.path, send.path);
        send.query = merged(&varied.send.query, send.query);
        send.headers = merged(&varied.send.headers, send.headers);
        let changed = report.map(fields.get("change")).iter().map(|(key, value)| (key.clone(), Some(value.clone())));
        send.changes = changed.collect();
        for pointer in report.texts(fields.get("remove")) {
            send.changes.push((Key { text: pointer, line: row.line }, None));
        }
        let mut expect = expect(&fields, report);
        if let Some(status) = fields.status("status", report) {
            expect.status = status;
        }
        expect.code = fields.optional_text("code", report).or(expect.code);
        if let Some(issues) = fields.get("issues") {
            expect.body = Some(with_issues(issues));
        }
        steps.push(Step {
            id: format!("{}/{}", outline.id, fields.text("id", report)),
            title: fields.text("title", report),
            actor: fields.optional_text("actor", report).unwrap_or_else(|| varied.actor.clone()),
            credentials: credentials(&fields, report).unwrap_or(varied.credentials),
            service: varied.service.clone(),
            operation: varied.operation.clone(),
            send,
            expect,
            save: Vec::new(),
            emits: Vec::new(),
            consumes: Vec::new(),
            eventually: fields.flag("eventually", report),
            crosses: report.texts(fields.get("crosses")),
            part: Part::Case { outline: outline.id.clone(), base: outline.base.clone() },
            place: report.place(row.line),
        });
    }
    outline
}

/// `/error/details/issues` holds each of these.
fn with_issues(issues: &Node) -> Node {
    let line = issues.line;
    let field = |name: &str, node: Node| Node {
        line,
        content: Content::Map(vec![(Key { text: name.to_owned(), line }, node)]),
    };
    field("error", field("details", field("issues", field("$contains", issues.clone()))))
}

fn merged(base: &[(Key, Node)], own: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let kept = base.iter().filter(|(key, _)| !own.iter().any(|(known, _)| known.text == key.text)).cloned();
    let mut all: Vec<_> = kept.collect();
    all.extend(own);
    all
}

fn credentials(fields: &Fields<'_>, report: &mut Report<'_>) -> Option<Credentials> {
    match fields.optional_text("credentials", report)?.as_str() {
        "none" => Some(Credentials::None),
        "token" => Some(Credentials::Token),
        "broken" => Some(Credentials::Broken),
        "signature" => Some(Credentials::Signature),
        other => {
            let line = fields.get("credentials").map_or(fields.line, |node| node.line);
            let mend = "write none, token, broken or signature";
            report.add(line, "form", format!("there are no credentials {other}"), mend);
            None
        }
    }
}

fn expect(fields: &Fields<'_>, report: &mut Report<'_>) -> Expect {
    let Some(node) = fields.get("expect") else {
        if fields.get("status").is_none() {
            report.add(fields.line, "form", "nothing is expected", "add expect: { status: … }");
        }
        let line = fields.get("status").map_or(fields.line, |node| node.line);
        return Expect { status: 0, also: Vec::new(), code: None, headers: Vec::new(), body: None, exact: false, line };
    };
    let expected = report.fields(node, "what is expected", &["status", "also", "code", "headers", "body", "exact"]);
    let status = expected.status("status", report);
    if status.is_none() && expected.get("status").is_none() && fields.get("status").is_none() {
        report.add(node.line, "form", "no status is expected", "add status: 200 or what it is");
    }
    let mut also = Vec::new();
    for other in report.list(expected.get("also")) {
        match other.json().as_u64().and_then(|status| u16::try_from(status).ok()) {
            Some(status) => also.push(status),
            None => report.add(other.line, "form", "this is no status of HTTP", "write a number from 100 to 599"),
        }
    }
    Expect {
        status: status.unwrap_or_default(),
        also,
        code: expected.optional_text("code", report),
        headers: report.map(expected.get("headers")).to_vec(),
        body: expected.get("body").cloned(),
        exact: expected.flag("exact", report),
        line: node.line,
    }
}

fn emits(fields: &Fields<'_>, report: &mut Report<'_>) -> Vec<Emitted> {
    let mut emitted = Vec::new();
    for node in report.list(fields.get("emits")) {
        match node.text() {
            Some(event) => emitted.push(Emitted { event: event.to_owned(), data: None, line: node.line }),
            None => {
                let fields = report.fields(node, "an event", &["event", "data"]);
                let event = fields.text("event", report);
                emitted.push(Emitted { event, data: fields.get("data").cloned(), line: node.line });
            }
        }
    }
    emitted
}

fn consumes(fields: &Fields<'_>, report: &mut Report<'_>) -> Vec<Consumed> {
    let mut consumed = Vec::new();
    for node in report.list(fields.get("consumes")) {
        let fields = report.fields(node, "a consumer", &["service", "operation"]);
        let (service, operation) = (fields.text("service", report), fields.text("operation", report));
        consumed.push(Consumed { service, operation, line: node.line });
    }
    consumed
}
