//! Schemas of a sender and a receiver: does the receiver accept all that the sender may send?
//!
//! `proof` decides it where keywords say so, `algebra` where only composition as a whole does; `witness` makes values,
//! `counter` those that may say no, and `confirm` asks the independent validator. `explain` walks both schemas and names
//! what changed.

mod algebra;
mod alike;
mod confirm;
mod counter;
mod explain;
mod flat;
mod keywords;
mod known;
mod node;
mod number;
mod pairing;
mod proof;
mod source;
mod text;
mod types;
mod union;
mod witness;

use std::rc::Rc;

use ahash::HashMap;

use super::report::{Flow, Verdict, Witness};
use super::rules::Rule;
use super::sides::{Form, Spot};
use super::usage::{Reach, Used};
use alike::Alike;
use known::{Id, Known};
use node::{All, Node, View};
use source::Changed;

pub use node::At;
pub use source::{Address, Source, address};

/// The longest chain of schemas that lead on without going into the value.
const LONGEST_CHAIN: usize = 64;

/// A change of a schema.
pub struct Found<'a> {
    pub rule: &'static Rule,
    pub verdict: Verdict,
    /// None for what stands in neither document.
    pub at: Option<At<'a>>,
    /// Where in the value it shows, with `*` for entries.
    pub touches: String,
    pub message: String,
    /// The same without the way there: what tells changes at one place apart.
    pub said: String,
    pub witness: Option<Witness>,
}

/// What is remembered between the schemas of two documents.
pub struct Engine<'a> {
    old: &'a Source<'a>,
    new: &'a Source<'a>,
    changed: Changed<'a>,
    known: Known<'a>,
    proofs: proof::Proofs<'a>,
    /// How often two schemas were explained, for consumers that use so much of them.
    explained: HashMap<Met, usize>,
    /// Schemas that are written alike on both sides.
    alike: HashMap<(Id, Id), Option<Rc<Alike<'a>>>>,
    /// How many schemas may still be tried for a witness; it ends comparisons that would not end.
    effort: usize,
    /// How often the algebra may still be asked about schemas that keywords did not decide.
    questions: usize,
}

/// Two schemas, and what is used of the value there.
type Met = (proof::Key, Reach);

/// One comparison: what one party sends and the other receives.
#[derive(Clone, Copy)]
pub struct Question<'u> {
    pub flow: Flow,
    pub form: Form,
    pub sender_is_old: bool,
    /// What consumers use, unless they may use everything.
    pub used: Option<&'u Used>,
}

impl Question<'_> {
    /// How much of what stands here is used.
    fn reach(&self, pointer: &str) -> Reach {
        let sends = matches!(self.flow, Flow::Request | Flow::Consumed);
        self.used.map_or(Reach::Inside, |used| used.reach(sends, pointer))
    }
}

/// How hard one comparison of documents tries.
const EFFORT: usize = 200_000;
const QUESTIONS: usize = 200;

impl<'a> Engine<'a> {
    pub fn new(old: &'a Source<'a>, new: &'a Source<'a>) -> Self {
        Self {
            old,
            new,
            changed: Changed::between(old, new),
            known: Known::default(),
            proofs: proof::Proofs::default(),
            explained: HashMap::default(),
            alike: HashMap::default(),
            effort: EFFORT,
            questions: QUESTIONS,
        }
    }

    /// Compares what one party sends with what the other receives.
    pub fn compare(&mut self, old: &Spot<'a>, new: &Spot<'a>, question: Question<'_>) -> Vec<Found<'a>> {
        let keyword = match question.flow {
            Flow::Request | Flow::Published => "readOnly",
            Flow::Response | Flow::Consumed => "writeOnly",
        };
        let mut one_way = self.old.one_way.iter().chain(&self.new.one_way).copied();
        let hidden = one_way.find(|known| *known == keyword && question.form == Form::Json);
        let node = |spot: &Spot<'a>, source: &'a Source<'a>, sends: bool| {
            // Where nothing is hidden, both parties read alike.
            let view = View { hidden, sends: sends && hidden.is_some() };
            vec![Node { source, value: spot.value, view }]
        };
        let sender_is_old = question.sender_is_old;
        let (old, new) = (node(old, self.old, sender_is_old), node(new, self.new, !sender_is_old));
        let (sender, receiver) = if sender_is_old { (old, new) } else { (new, old) };
        explain::explain(self, sender, receiver, question)
    }

    /// Whether two schemas are written alike, and all they refer to.
    fn same(&self, left: &Node<'a>, right: &Node<'a>) -> bool {
        // Most that differ hold such a reference, and to see that takes less than to compare.
        let leads_alike = left.side() == right.side() || !self.changed.is_in(left.value);
        leads_alike && (std::ptr::eq(left.value, right.value) || left.value == right.value)
    }

    fn all_same(&self, left: &All<'a>, right: &All<'a>) -> bool {
        right.iter().all(|right| left.iter().any(|left| self.same(left, right)))
    }
}
