//! The two documents while they are compared: what was found, in which operation, and what it means for the promise.

use std::collections::BTreeSet;

use ahash::{HashMap, HashSet};
use serde_json::Value;

use super::report::{Change, Flow, Report, Side, Verdict, Where, Witness};
use super::rules::{Rule, rule};
use super::schema::{Address, At, Engine, Found, Question, Source, address};
use super::usage::{Usage, Used};
use super::{Direction, Options, Promise};
use document::Document;
use document::Place;

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
struct Draft<'a> {
    rule: &'static Rule,
    verdict: Verdict,
    flow: Flow,
    operation: Option<String>,
    side: Side,
    stands: Stands<'a>,
    message: String,
    /// What tells changes of one rule at one place apart.
    said: String,
    witness: Option<Witness>,
}

/// Where a change is; for schemas, pointers are made of those alone that are reported.
enum Stands<'a> {
    Under(String),
    At(At<'a>),
}

pub struct Sides<'a> {
    pub old: &'a Document,
    pub new: &'a Document,
    pub options: &'a Options,
    sources: &'a [Source<'a>; 2],
    engine: Engine<'a>,
    operation: Option<String>,
    used: Option<&'a Used>,
    drafts: Vec<Draft<'a>>,
}

impl<'a> Sides<'a> {
    pub fn new(sources: &'a [Source<'a>; 2], options: &'a Options) -> Self {
        let [old, new] = sources;
        let engine = Engine::new(old, new);
        let (old, new) = (old.document, new.document);
        Self { old, new, options, sources, engine, operation: None, used: None, drafts: Vec::new() }
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
        let (operation, stands, said) = (self.operation.clone(), Stands::Under(pointer.to_owned()), message.clone());
        self.drafts.push(Draft { rule, verdict, flow, operation, side, stands, message, said, witness: None });
    }

    /// Compares what stands under `schema`; a side without one takes anything.
    pub fn described(&mut self, old: &Spot<'a>, new: &Spot<'a>, flow: Flow, form: Form) {
        const ANYTHING: &Value = &Value::Bool(true);
        let (was, is) = (old.raw("schema"), new.raw("schema"));
        if was.is_some() || is.is_some() {
            let absent = |spot: &Spot<'a>| Spot { value: ANYTHING, pointer: spot.pointer.clone() };
            let (was, is) = (was.unwrap_or_else(|| absent(old)), is.unwrap_or_else(|| absent(new)));
            self.schemas(&was, &is, flow, form);
        }
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
            let question = Question { flow, form, sender_is_old, used: self.used };
            for found in self.engine.compare(old, new, question) {
                self.keep(found, flow, sender_is_old == receives_new);
            }
        }
    }

    fn keep(&mut self, found: Found<'a>, flow: Flow, backward: bool) {
        let Found { rule, mut verdict, at, touches, mut message, said, witness } = found;
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
        let side = at.as_ref().map_or(Side::New, |at| at.side);
        let stands = at.map_or_else(|| Stands::Under(String::new()), Stands::At);
        self.drafts.push(Draft { rule, verdict, flow, operation, side, stands, message, said, witness });
    }

    /// One document is HTTP, the other messages.
    pub fn incomparable(&mut self) {
        let message = format!("the old document is {}, the new one {}", self.old.kind(), self.new.kind());
        self.note("documents-incomparable", Flow::Request, Side::New, "", Breaks::Both, message);
    }

    /// All that was noted, breaking first, then in the order of the documents; each change once.
    pub fn report(self) -> Report {
        let pointers = self.sources.each_ref().map(|source| source.pointers(&addresses(&self.drafts, source.side)));
        let [old, new] = self.sources;
        let mut drafts: Vec<(Draft<'a>, Where)> = Vec::with_capacity(self.drafts.len());
        for draft in self.drafts {
            let (source, pointers) = if draft.side == Side::Old { (old, &pointers[0]) } else { (new, &pointers[1]) };
            let pointer = draft.stands.pointer(pointers);
            let document = source.document.name().to_owned();
            drafts.push((draft, Where { side: source.side, document, pointer, place: Place::START }));
        }
        for source in self.sources {
            let here = |place: &Where| place.side == source.side;
            let pointers: Vec<&str> =
                drafts.iter().filter(|(_, at)| here(at)).map(|(_, at)| at.pointer.as_str()).collect();
            if !pointers.is_empty() {
                let places = source.document.places(&pointers);
                let found = drafts.iter_mut().filter(|(_, at)| here(at)).zip(places);
                found.for_each(|((_, at), place)| at.place = place);
            }
        }
        let order = |verdict| match verdict {
            Verdict::Breaking => 0,
            Verdict::Unproven => 1,
            Verdict::Compatible => 2,
        };
        drafts.sort_by_key(|(draft, at)| (order(draft.verdict), at.side, at.place));
        // A change that is met in several places counts for the worst it does; in full, once in each direction.
        let full = self.options.direction == Direction::Full;
        let mut seen = HashSet::default();
        drafts.retain(|(draft, at)| {
            let Draft { rule, flow, said, verdict, .. } = draft;
            let harmless = full && *verdict == Verdict::Compatible;
            seen.insert((rule.id, at.side, at.pointer.clone(), *flow, said.clone(), harmless))
        });
        let changes = drafts.into_iter().map(|(draft, place)| {
            let Draft { rule, verdict, flow, operation, message, witness, .. } = draft;
            Change { rule, verdict, flow, operation, place, message, witness }
        });
        Report { changes: changes.collect() }
    }
}

impl Stands<'_> {
    fn pointer(&self, pointers: &HashMap<Address, String>) -> String {
        match self {
            Self::Under(pointer) => pointer.clone(),
            Self::At(at) => {
                let mut pointer = pointers.get(&address(at.value)).cloned().unwrap_or_default();
                for key in &at.keys {
                    pointer.push('/');
                    pointer.push_str(&escaped(key));
                }
                pointer
            }
        }
    }
}

/// The schemas of one document that something is said of.
fn addresses(drafts: &[Draft<'_>], side: Side) -> HashSet<Address> {
    let schemas = drafts.iter().filter(|draft| draft.side == side).filter_map(|draft| match &draft.stands {
        Stands::At(at) => Some(address(at.value)),
        Stands::Under(_) => None,
    });
    schemas.collect()
}

/// How a value is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// As JSON, with its types.
    Json,
    /// As text in a path, query, header or cookie: `5` is both a number and a text.
    Text,
}
