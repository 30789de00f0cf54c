//! What every operation refuses in the same way, written once for all of them, and what cannot be provoked from outside.
//!
//! ```yaml
//! path: { bookingId: BK-0000000000000000 }   # parameters of paths, where nothing has to be there
//! callers: { admin: asha, role: asha, … }    # somebody whom the rule of a policy lets in
//! strangers: [ravi, fatima, deepak]          # people of whom one is not let in
//! every:
//!   - id: wrong-method
//!     title: under a method that its path does not have
//!     include: [acme]
//!     caller: nobody                         # nobody | allowed | refused | a person
//!     method: PATCH
//!     status: 405
//!     codes: [METHOD_NOT_ALLOWED, invalid_request]   # applies to what declares one of them under this status
//! unprovoked:
//!   - { status: 500, codes: [INTERNAL_ERROR, server_error], why: a fault of ours, by definition }
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::dataset::Dataset;
use crate::fields::Report;
use crate::problem::Place;
use crate::published::{Operation, Published, resolved};
use crate::step::{Body, Credentials, Expect, Part, Send, Step};
use crate::use_case::{Flow, Outline};
use crate::yaml::{Key, Node};

/// `refusals.yaml`
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refusals {
    path: Vec<(Key, Node)>,
    callers: Vec<(String, String)>,
    strangers: Vec<String>,
    every: Vec<Rule>,
    /// What cannot be provoked from outside.
    pub unprovoked: Vec<Unprovoked>,
}

/// One thing that operations refuse.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    id: String,
    title: String,
    include: Vec<String>,
    caller: String,
    /// Operations it leaves out, and policies' rules it is for; none for all.
    except: BTreeSet<String>,
    rules: BTreeSet<String>,
    /// Only for operations that take a body, or only for those that take none.
    body: Option<bool>,
    send: Send,
    status: u16,
    codes: Vec<String>,
    headers: Vec<(Key, Node)>,
    eventually: bool,
    place: Place,
}

/// Refusals that cannot be provoked from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprovoked {
    /// The status.
    pub status: u16,
    /// The codes; any when none is named.
    pub codes: BTreeSet<String>,
    /// The operations (`booking/createBooking`); any when none is named.
    pub operations: BTreeSet<String>,
    /// The rules of policies; any when none is named.
    pub rules: BTreeSet<String>,
    /// Only of operations that take no body.
    pub bodiless: bool,
    /// Why not.
    pub why: String,
    /// Where it stands.
    pub place: Place,
}

impl Refusals {
    /// Reads the file.
    pub fn read(node: &Node, report: &mut Report<'_>) -> Self {
        let known = &["about", "path", "callers", "strangers", "every", "unprovoked"];
        let fields = report.fields(node, "the file of refusals", known);
        let mut refusals = Self {
            path: report.map(fields.get("path")).to_vec(),
            strangers: report.texts(fields.get("strangers")),
            ..Self::default()
        };
        for (rule, caller) in report.map(fields.get("callers")) {
            refusals.callers.push((rule.text.clone(), caller.text().unwrap_or_default().to_owned()));
        }
        for rule in report.list(fields.get("every")) {
            refusals.every.push(Rule::read(rule, report));
        }
        for listed in report.list(fields.get("unprovoked")) {
            let known = &["status", "codes", "operations", "rules", "bodiless", "why"];
            let fields = report.fields(listed, "what cannot be provoked", known);
            refusals.unprovoked.push(Unprovoked {
                status: fields.status("status", report).unwrap_or_default(),
                codes: report.texts(fields.get("codes")).into_iter().collect(),
                operations: report.texts(fields.get("operations")).into_iter().collect(),
                rules: report.texts(fields.get("rules")).into_iter().collect(),
                bodiless: fields.flag("bodiless", report),
                why: fields.text("why", report),
                place: report.place(listed.line),
            });
        }
        refusals
    }

    /// Who may have to do with the platform by this file.
    pub fn actors(&self) -> impl Iterator<Item = &str> {
        self.callers.iter().map(|(_, caller)| caller.as_str()).chain(self.strangers.iter().map(String::as_str))
    }
}

impl Unprovoked {
    /// Whether it is about this refusal of this operation.
    pub fn covers(&self, service: &str, operation: &Operation, status: u16, code: &str) -> bool {
        let any = |names: &BTreeSet<String>, name: &str| names.is_empty() || names.contains(name);
        self.status == status
            && any(&self.codes, code)
            && any(&self.operations, &format!("{service}/{}", operation.id))
            && any(&self.rules, operation.policy["rule"].as_str().unwrap_or_default())
            && !(self.bodiless && operation.document.get("requestBody").is_some())
    }
}

impl Rule {
    fn read(node: &Node, report: &mut Report<'_>) -> Self {
        let known = &[
            "id",
            "title",
            "include",
            "caller",
            "except",
            "rules",
            "body",
            "method",
            "query",
            "headers",
            "raw",
            "send",
            "status",
            "codes",
            "expect headers",
            "eventually",
        ];
        let fields = report.fields(node, "a refusal", known);
        let body = match (fields.get("raw"), fields.get("send")) {
            (Some(raw), _) => Body::Raw(raw.clone()),
            (None, Some(json)) => Body::Json(json.clone()),
            (None, None) => Body::None,
        };
        Self {
            id: fields.text("id", report),
            title: fields.text("title", report),
            include: report.texts(fields.get("include")),
            caller: fields.text("caller", report),
            except: report.texts(fields.get("except")).into_iter().collect(),
            rules: report.texts(fields.get("rules")).into_iter().collect(),
            body: fields.get("body").map(|_| fields.flag("body", report)),
            send: Send {
                method: fields.optional_text("method", report),
                query: report.map(fields.get("query")).to_vec(),
                headers: report.map(fields.get("headers")).to_vec(),
                body,
                ..Send::default()
            },
            status: fields.status("status", report).unwrap_or_default(),
            codes: report.texts(fields.get("codes")),
            headers: report.map(fields.get("expect headers")).to_vec(),
            eventually: fields.flag("eventually", report),
            place: report.place(node.line),
        }
    }

    /// The code this operation refuses it with, if it does.
    fn code_of(&self, service: &str, operation: &Operation) -> Option<&String> {
        let rule = operation.policy["rule"].as_str().unwrap_or_default();
        let takes_body = operation.document.get("requestBody").is_some();
        if self.except.contains(&format!("{service}/{}", operation.id))
            || (!self.rules.is_empty() && !self.rules.contains(rule))
            || self.body.is_some_and(|wanted| wanted != takes_body)
        {
            return None;
        }
        let declared = operation.answers.get(&self.status)?;
        self.codes.iter().find(|code| declared.contains(*code))
    }
}

impl Dataset {
    /// The flows in which every operation refuses what all of them refuse: one per refusal and service.
    pub fn refusal_flows(&self, published: &Published) -> Vec<Arc<Flow>> {
        let mut flows = Vec::new();
        for rule in &self.refusals.every {
            for (name, service) in &published.services {
                let steps: Vec<Arc<Step>> = service
                    .operations
                    .values()
                    .filter_map(|operation| {
                        let code = rule.code_of(name, operation)?;
                        Some(Arc::new(self.refused(rule, name, &service.openapi, operation, code)))
                    })
                    .collect();
                if steps.is_empty() {
                    continue;
                }
                let title = format!("Every operation of {name} refuses a call {}", rule.title);
                flows.push(Arc::new(Flow {
                    id: format!("refusals-{}-{name}", rule.id),
                    outlines: vec![Outline { id: rule.id.clone(), title: title.clone(), base: String::new() }],
                    title,
                    tags: vec!["refusals".to_owned()],
                    include: rule.include.clone(),
                    steps,
                    place: rule.place.clone(),
                }));
            }
        }
        flows
    }

    fn refused(&self, rule: &Rule, service: &str, document: &Value, operation: &Operation, code: &str) -> Step {
        let (actor, credentials) = self.caller(rule, operation);
        let line = rule.place.line;
        let of_path = |(key, _): &&(Key, Node)| operation.path.contains(&format!("{{{}}}", key.text));
        let mut send = rule.send.clone();
        send.path = self.refusals.path.iter().filter(of_path).cloned().collect();
        // A body for an operation that takes none is a refusal of its own.
        let media = resolved(document, &operation.document["requestBody"])["content"].as_object();
        if let Some((media, _)) = media.and_then(|content| content.iter().next())
            && !send.headers.iter().any(|(key, _)| key.text.eq_ignore_ascii_case("content-type"))
            && matches!(send.body, Body::Raw(_))
        {
            send.headers.push((Key { text: "content-type".to_owned(), line }, Node::of(json!(media), line)));
        }
        if let (Body::Json(node), Some(media)) = (&send.body, media)
            && media.keys().all(|media| media == "application/x-www-form-urlencoded")
        {
            send.body = Body::Form(node.clone());
        }
        Step {
            id: format!("{}/{}", rule.id, operation.id),
            title: format!("{} refuses a call {}", operation.id, rule.title),
            actor,
            credentials,
            service: service.to_owned(),
            operation: operation.id.clone(),
            send,
            expect: Expect {
                status: rule.status,
                also: Vec::new(),
                code: Some(code.to_owned()),
                headers: rule.headers.clone(),
                body: None,
                exact: false,
                line,
            },
            save: Vec::new(),
            emits: Vec::new(),
            consumes: Vec::new(),
            eventually: rule.eventually,
            crosses: Vec::new(),
            part: Part::Case { outline: rule.id.clone(), base: String::new() },
            place: rule.place.clone(),
        }
    }

    /// Who calls.
    fn caller(&self, rule: &Rule, operation: &Operation) -> (String, Credentials) {
        let of_policy = operation.policy["rule"].as_str().unwrap_or_default();
        let roles = operation.policy["roles"].as_array().map(Vec::as_slice).unwrap_or_default();
        match rule.caller.as_str() {
            "nobody" => ("anonymous".to_owned(), Credentials::None),
            "broken" => ("anonymous".to_owned(), Credentials::Broken),
            "allowed" => match of_policy {
                "public" => ("anonymous".to_owned(), Credentials::None),
                _ => {
                    let known = self.refusals.callers.iter().find(|(name, _)| name == of_policy);
                    let actor = known.map_or("anonymous", |(_, actor)| actor.as_str()).to_owned();
                    let signs = of_policy == "internal";
                    (actor, if signs { Credentials::Signature } else { Credentials::Token })
                }
            },
            "refused" => {
                let held = |person: &str| {
                    let entity = self.entities.get("people", person).ok();
                    entity.and_then(|entity| entity.value.get("roles")).map(Node::json).unwrap_or_default()
                };
                let holds_one =
                    |person: &&String| held(person).as_array().into_iter().flatten().any(|role| roles.contains(role));
                let stranger = self.refusals.strangers.iter().find(|person| !holds_one(person));
                (stranger.cloned().unwrap_or_else(|| "anonymous".to_owned()), Credentials::Token)
            }
            person => (person.to_owned(), Credentials::Token),
        }
    }
}
