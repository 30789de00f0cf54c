//! Behaviour: what the one engine must know of a service beyond its contract, as data.
//!
//! A file of `mock-data/behaviour/` holds one service:
//!
//! ```yaml
//! service: booking
//! collections:
//!   quotes: { key: quoteId }            # per tenant; `of: platform` is one collection for all
//! procedures:                           # steps that several operations share, called by name
//!   priced: [ … ]
//! operations:                           # by operation id: steps, in their order, until one answers or refuses
//!   quotePrice:
//!     - refuse: TOO_HEAVY
//!       if: body.tonnes > setting('business/rules').maximumTonnes
//!     - transition: booking.status      # the contract's `x-lifecycle`: refuses, or sets `action` and `to`
//!     - put: quotes
//!       record: { quoteId: "'QT-' ~ hex(16)|upper", freight: body }
//!       as: quote
//!     - answer: quote
//! messages:                             # what follows from an event that any service of the constellation emits
//!   booking.created: [ … ]
//! ```
//!
//! Every text is an expression (see `expression.rs`); a literal text stands in quotes of its own. In an object, the key
//! `+` adds the fields of another object, and a field that is undefined or null is left out. What a request must look
//! like, who may send it, how often and how it is answered once only is the contract's business, and none of it stands
//! here.

mod reader;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use self::reader::Reader;
use crate::Problem;
use crate::expression::Expression;

/// Steps, in their order.
pub type Steps = Arc<[Step]>;

/// What one service does.
#[derive(Debug)]
pub struct Behaviour {
    /// The service.
    pub service: String,
    /// Its collections.
    pub collections: Vec<(String, Collection)>,
    /// Steps that are called by name.
    pub procedures: HashMap<String, Steps>,
    /// What its operations do, by their ids.
    pub operations: HashMap<String, Steps>,
    /// What it does with messages, by their types.
    pub messages: Vec<(String, Steps)>,
    /// What is there from the start.
    pub seeds: Vec<Seed>,
    /// Texts that are taken for bearer tokens, and the steps that give `exchanged`, the token that each stands for.
    pub tokens: HashMap<String, Steps>,
    /// The names of its variables.
    variables: HashSet<String>,
}

/// What is there from the start: steps for every YAML file of a folder, which they call `it`, with its `name` and
/// `content`.
#[derive(Debug)]
pub struct Seed {
    /// The folder.
    pub folder: PathBuf,
    /// The steps.
    pub steps: Steps,
}

/// One collection of records.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The field that holds a record's key.
    pub key: String,
    /// One for all tenants, not one for each.
    pub of_platform: bool,
}

/// The collections of a constellation, by name.
#[derive(Debug, Clone, Default)]
pub struct Collections(BTreeMap<String, Collection>);

impl Collections {
    /// All collections of these services.
    pub fn of(behaviours: &[Behaviour]) -> Self {
        Self(behaviours.iter().flat_map(|behaviour| behaviour.collections.iter().cloned()).collect())
    }

    /// Whether there is one for all tenants.
    pub fn is_of_platform(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|collection| collection.of_platform)
    }

    /// The field that holds a record's key.
    pub fn key(&self, name: &str) -> &str {
        self.0.get(name).map_or("id", |collection| &collection.key)
    }

    /// Whether there is such a collection.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// One step.
#[derive(Debug)]
pub enum Step {
    /// Names values.
    Let(Vec<(String, Template)>),
    /// Does one thing or the other.
    When { condition: Condition, then: Steps, otherwise: Steps },
    /// Does something for every item of a list.
    Each { list: Expression, name: String, steps: Steps },
    /// Does the steps of a procedure.
    Call(String),
    /// Ends with a declared refusal, and maybe with the seconds to wait. What was written until then stays.
    Refuse {
        code: String,
        condition: Condition,
        with: Option<Template>,
        message: Option<Template>,
        after: Option<Expression>,
    },
    /// Goes on by what the contract says of the record's life, from the status it has (undefined: it is made): names the
    /// `action` and the status `to` which it leads, or ends with the contract's refusal.
    Transition(Expression),
    /// Ends with the refusal that lists these issues, if there are any.
    Issues(Expression),
    /// Writes a record, new or in place of the one under its key.
    Put { collection: String, key: Option<Expression>, record: Template, name: Option<String> },
    /// Lays fields over those of a record, if it is there.
    Change { collection: String, key: Expression, set: Template, name: Option<String> },
    /// Takes a record away.
    Remove { collection: String, key: Expression },
    /// Tells what happened.
    Emit { kind: String, subject: Expression, data: Template },
    /// Means another tenant's records from here on.
    Tenant(Expression),
    /// Ends with an answer.
    Answer(Answered),
    /// Ends with a page of a list.
    Page { of: Expression, view: Option<Expression>, order: Option<Expression> },
}

/// An answer: with a body or without.
#[derive(Debug)]
pub struct Answered {
    /// What stands in `data`, or is the whole body.
    pub body: Option<Template>,
    /// The body is a form of its own, without `data`.
    pub bare: bool,
    /// Instead of the declared status of success.
    pub status: Option<Expression>,
    /// Header fields.
    pub headers: Vec<(String, Template)>,
}

/// When a step is taken.
#[derive(Debug)]
pub enum Condition {
    /// Always.
    Always,
    /// If it holds.
    If(Expression),
    /// If it does not.
    Unless(Expression),
}

/// A value that is put together from expressions.
#[derive(Debug)]
pub enum Template {
    /// A number, a truth value or null.
    Literal(Value),
    /// An expression.
    Expression(Expression),
    /// A list.
    List(Vec<Self>),
    /// An object; `+` adds the fields of another.
    Object(Vec<(String, Self)>),
}

impl Behaviour {
    /// Reads a file. Fails with everything that is wrong with it.
    pub fn read(file: &Path) -> Result<Self, Vec<Problem>> {
        let name = file.display().to_string();
        let problem = |what: String| vec![Problem { file: name.clone(), place: String::new(), what }];
        let text = std::fs::read_to_string(file).map_err(|error| problem(format!("cannot be read: {error}")))?;
        let parsed: Json = serde_saphyr::from_str(&text).map_err(|error| problem(error.to_string()))?;
        let mut reader = Reader::of(name);
        let behaviour = reader.behaviour(&parsed);
        reader.check_names(&behaviour);
        reader.end(behaviour)
    }

    /// The step of every operation, message and procedure, with its name, those within others too.
    pub fn every_step(&self) -> Vec<(&str, &Step)> {
        let named = self.operations.iter().map(|(name, steps)| (name.as_str(), steps));
        let messages = self.messages.iter().map(|(name, steps)| (name.as_str(), steps));
        let procedures = self.procedures.iter().map(|(name, steps)| (name.as_str(), steps));
        let seeds = self.seeds.iter().map(|seed| ("seed", &seed.steps));
        let seeds = seeds.chain(self.tokens.iter().map(|(name, steps)| (name.as_str(), steps)));
        let mut found = Vec::new();
        for (name, steps) in named.chain(messages).chain(procedures).chain(seeds) {
            collect(name, steps, &mut found);
        }
        found
    }
}

fn collect<'a>(name: &'a str, steps: &'a Steps, found: &mut Vec<(&'a str, &'a Step)>) {
    for step in steps.iter() {
        found.push((name, step));
        match step {
            Step::When { then, otherwise, .. } => {
                collect(name, then, found);
                collect(name, otherwise, found);
            }
            Step::Each { steps, .. } => collect(name, steps, found),
            _ => {}
        }
    }
}

impl Step {
    /// The expressions of this step itself, not of those within it.
    fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        match self {
            Self::Let(named) => named.iter().for_each(|(_, value)| value.collect(&mut found)),
            Self::When { condition, .. } => condition.collect(&mut found),
            Self::Each { list, .. } => found.push(list),
            Self::Call(_) => {}
            Self::Refuse { condition, with, message, after, .. } => {
                condition.collect(&mut found);
                found.extend(after);
                with.iter().chain(message).for_each(|value| value.collect(&mut found));
            }
            Self::Transition(one) | Self::Issues(one) | Self::Tenant(one) => found.push(one),
            Self::Put { key, record, .. } => {
                found.extend(key);
                record.collect(&mut found);
            }
            Self::Change { key, set, .. } => {
                found.push(key);
                set.collect(&mut found);
            }
            Self::Remove { key, .. } => found.push(key),
            Self::Emit { subject, data, .. } => {
                found.push(subject);
                data.collect(&mut found);
            }
            Self::Answer(answered) => {
                answered.body.iter().for_each(|body| body.collect(&mut found));
                found.extend(&answered.status);
                answered.headers.iter().for_each(|(_, value)| value.collect(&mut found));
            }
            Self::Page { of, view, order } => {
                found.push(of);
                found.extend(view);
                found.extend(order);
            }
        }
        found
    }
}

impl Condition {
    fn collect<'a>(&'a self, found: &mut Vec<&'a Expression>) {
        if let Self::If(held) | Self::Unless(held) = self {
            found.push(held);
        }
    }
}

impl Template {
    fn collect<'a>(&'a self, found: &mut Vec<&'a Expression>) {
        match self {
            Self::Literal(_) => {}
            Self::Expression(expression) => found.push(expression),
            Self::List(items) => items.iter().for_each(|item| item.collect(found)),
            Self::Object(fields) => fields.iter().for_each(|(_, field)| field.collect(found)),
        }
    }
}
