//! The two documents while they are compared: what was found, in which operation, and what it means for the promise.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::document::Document;
use super::report::{Change, Flow, Report, Side, Verdict, Where, Witness};
use super::rules::{Rule, rule};
use super::schema::{Engine, Found};
use super::source::{self, Place};
use super::usage::{Usage, Used};
use super::{Direction, Options, Promise};

/// Something in a document, and where: references are followed one by one, and each gives a new place.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    pub value: &'a Value,
    pub pointer: String,
}

impl<'a> Spot<'a> {
    /// What stands under a key, its references followed.
    pub fn get(&self, document: &'a Document, key: &str) -> Option<Self> {
        let value = match self.value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            value => value.get(key)?,
        };
        let pointer = format!("{}/{}", self.pointer, escaped(key));
        let (value, followed) = document.resolve(value);
        Some(Self { value, pointer: followed.map_or(pointer, str::to_owned) })
    }

    /// The same without following: schemas keep their references.
    pub fn raw(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { value, pointer: format!("{}/{}", self.pointer, escaped(key)) })
    }

    /// The keys of an object; none of anything else.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    pub fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }
}

/// A key as a part of a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// In which direction a change breaks that is no schema's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    /// Old clients and messages meet a new server.
    Backward,
    /// New clients meet an old server.
    Forward,
    Both,
    Never,
    /// It depends on what the documents do not say.
    Perhaps,
}

/// A change before its line is known.
struct Draft {
    rule: &'static Rule,
    verdict: Verdict,
    flow: Flow,
    operation: Option<String>,
    side: Side,
    pointer: String,
    message: String,
    witness: Option<Witness>,
}

pub struct Sides<'a> {
    pub old: &'a Document,
    pub new: &'a Document,
    pub options: &'a Options,
    engine: Engine<'a>,
    operation: Option<String>,
    used: Option<&'a Used>,
    drafts: Vec<Draft>,
}

impl<'a> Sides<'a> {
    pub fn new(old: &'a Document, new: &'a Document, options: &'a Options) -> Self {
        let engine = Engine::new(old, new);
        Self { old, new, options, engine, operation: None, used: None, drafts: Vec::new() }
    }

    /// The tops of the documents.
    pub fn tops(&self) -> (Spot<'a>, Spot<'a>) {
        let top = |document: &'a Document| Spot { value: document.root(), pointer: String::new() };
        (top(self.old), top(self.new))
    }

    /// What both sides have under a key.
    pub fn pair(&self, old: &Spot<'a>, new: &Spot<'a>, key: &str) -> (Option<Spot<'a>>, Option<Spot<'a>>) {
        (old.get(self.old, key), new.get(self.new, key))
    }

    /// Every key of either side, with what each has under it.
    pub fn pairs(
        &self,
        old: Option<&Spot<'a>>,
        new: Option<&Spot<'a>>,
    ) -> Vec<(&'a str, Option<Spot<'a>>, Option<Spot<'a>>)> {
        let keys: BTreeSet<&str> = old.into_iter().chain(new).flat_map(Spot::keys).collect();
        let get = |spot: Option<&Spot<'a>>, document, key| spot.and_then(|spot| spot.get(document, key));
        keys.into_iter().map(|key| (key, get(old, self.old, key), get(new, self.new, key))).collect()
    }

    /// Begins an operation, unless no consumer uses it.
    pub fn enter(&mut self, name: String, ids: [Option<&str>; 2]) -> bool {
        self.used = None;
        if let Promise::Consumers(Usage { operations }) = &self.options.promise {
            let mut names = ids.into_iter().flatten().chain([name.as_str()]);
            let Some(used) = names.find_map(|name| operations.get(name)) else { return false };
            self.used = Some(used);
        }
        self.operation = Some(name);
        true
    }

    /// Ends it.
    pub fn leave(&mut self) {
        self.operation = None;
        self.used = None;
    }

    pub fn promises_source(&self) -> bool {
        self.options.promise == Promise::Source
    }

    /// Notes a change that is no schema's.
    pub fn note(&mut self, id: &str, flow: Flow, side: Side, pointer: &str, breaks: Breaks, message: String) {
        let rule = rule(id);
        let breaking = match (breaks, self.options.direction) {
            (Breaks::Both, _) => true,
            (Breaks::Backward, direction) => direction != Direction::Forward,
            (Breaks::Forward, direction) => direction != Direction::Backward,
            (Breaks::Never | Breaks::Perhaps, _) => false,
        };
        let verdict = if breaking || rule.source && self.promises_source() {
            Verdict::Breaking
        } else if breaks == Breaks::Perhaps {
            Verdict::Unproven
        } else {
            Verdict::Compatible
        };
        let (operation, pointer) = (self.operation.clone(), pointer.to_owned());
        self.drafts.push(Draft { rule, verdict, flow, operation, side, pointer, message, witness: None });
    }

    /// Compares the schemas of values that go this way.
    pub fn schemas(&mut self, old: &Spot<'a>, new: &Spot<'a>, flow: Flow, form: Form) {
        let receives_new = matches!(flow, Flow::Request | Flow::Consumed);
        let sender_is_old: &[bool] = match self.options.direction {
            Direction::Backward => &[receives_new],
            Direction::Forward => &[!receives_new],
            Direction::Full => &[receives_new, !receives_new],
        };
        for &sender_is_old in sender_is_old {
            for found in self.engine.compare(old, new, flow, form, sender_is_old) {
                self.keep(found, flow, sender_is_old == receives_new);
            }
        }
    }

    fn keep(&mut self, found: Found, flow: Flow, backward: bool) {
        let Found { rule, mut verdict, side, pointer, touches, mut message, witness } = found;
        if rule.source && self.promises_source() {
            verdict = Verdict::Breaking;
        }
        let sends = matches!(flow, Flow::Request | Flow::Consumed);
        if verdict != Verdict::Compatible && self.used.is_some_and(|used| !used.touches(sends, &touches)) {
            verdict = Verdict::Compatible;
            message.push_str("; no given consumer uses it");
        }
        if self.options.direction == Direction::Full && verdict != Verdict::Compatible {
            message.push_str(if backward { " (new server, old clients)" } else { " (old server, new clients)" });
        }
        let witness = witness.filter(|_| verdict == Verdict::Breaking);
        let operation = self.operation.clone();
        self.drafts.push(Draft { rule, verdict, flow, operation, side, pointer, message, witness });
    }

    /// One document is HTTP, the other messages.
    pub fn incomparable(&mut self) {
        let message = format!("the old document is {}, the new one {}", self.old.kind(), self.new.kind());
        self.note("documents-incomparable", Flow::Request, Side::New, "", Breaks::Both, message);
    }

    /// All that was noted, breaking first, then in the order of the documents; each change once.
    pub fn report(self) -> Report {
        let (old, new) = (self.old, self.new);
        let places = |side: Side, document: &Document| -> Vec<Place> {
            let pointers: Vec<&str> =
                self.drafts.iter().filter(|draft| draft.side == side).map(|draft| draft.pointer.as_str()).collect();
            if pointers.is_empty() { Vec::new() } else { source::find_all(document.text(), &pointers) }
        };
        let (mut olds, mut news) = (places(Side::Old, old).into_iter(), places(Side::New, new).into_iter());
        let mut seen = HashSet::new();
        let mut changes = Vec::with_capacity(self.drafts.len());
        for draft in self.drafts {
            let Draft { rule, verdict, flow, operation, side, pointer, message, witness } = draft;
            let (document, place) = match side {
                Side::Old => (old, olds.next()),
                Side::New => (new, news.next()),
            };
            if !seen.insert((rule.id, side, pointer.clone(), flow, verdict, message.clone())) {
                continue;
            }
            let document = document.name().to_owned();
            let place = Where { side, document, pointer, place: place.unwrap_or(Place::START) };
            changes.push(Change { rule, verdict, flow, operation, place, message, witness });
        }
        let order = |verdict| match verdict {
            Verdict::Breaking => 0,
            Verdict::Unproven => 1,
            Verdict::Compatible => 2,
        };
        changes.sort_by(|a, b| {
            let key = |change: &Change| (order(change.verdict), change.place.side, change.place.place);
            key(a).cmp(&key(b))
        });
        Report { changes }
    }
}

/// How a value is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// As JSON, with its types.
    Json,
    /// As text in a path, query, header or cookie: `5` is both a number and a text.
    Text,
}
