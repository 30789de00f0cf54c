//! A schema of a document: its verdict on a value, compiled when it is first asked for, and values of its own.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use jsonschema::json::Json;
use serde_json::Value;

use crate::borrowed::{Borrowed, InText};
use crate::bundle::Patterns;
use crate::document::Document;
use crate::formats::options_for;
use crate::generate::Generator;
use crate::issue::{Issue, Part, escaped, shortened};
use crate::pattern;
use crate::{bundle, stack};

/// Which way a value goes: a `readOnly` property does not go into a request, a `writeOnly` one not into an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// To the server
    Request,
    /// From the server
    Answer,
    /// Neither: a message, or a value as such
    Whole,
}

impl View {
    /// The keyword of properties that do not go this way.
    #[must_use]
    pub const fn hidden(self) -> Option<&'static str> {
        match self {
            Self::Request => Some("readOnly"),
            Self::Answer => Some("writeOnly"),
            Self::Whole => None,
        }
    }
}

/// A schema where it stands.
pub struct Schema {
    document: Arc<Document>,
    pointer: String,
    view: View,
    judge: OnceLock<Judge>,
    reader: OnceLock<Option<Box<Validator<InText>>>>,
    example: OnceLock<Option<Box<Value>>>,
}

/// How a schema's verdicts come about.
enum Judge {
    /// It is compiled once and kept.
    Kept(Box<Validator>),
    /// It reaches too much to be kept: what is looked at is compiled for each value.
    Large,
    /// It cannot be compiled.
    Broken(String),
}

/// How many other schemas one may reach to be kept.
const MOST_KEPT: usize = 150;

impl fmt::Debug for Schema {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Schema({}, {:?})", self.pointer, self.view)
    }
}

impl Schema {
    /// The schema at a JSON pointer of a document. Nothing there accepts everything.
    #[must_use]
    pub fn new(document: &Arc<Document>, pointer: impl Into<String>, view: View) -> Self {
        Self {
            document: Arc::clone(document),
            pointer: pointer.into(),
            view,
            judge: OnceLock::new(),
            reader: OnceLock::new(),
            example: OnceLock::new(),
        }
    }

    /// As it stands in the document, in JSON Schema 2020-12.
    #[must_use]
    pub fn value(&self) -> &Value {
        static ANYTHING: Value = Value::Bool(true);
        self.document.root().pointer(&self.pointer).unwrap_or(&ANYTHING)
    }

    /// Where it stands in the document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Which way its values go.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// It as one schema that refers to nothing outside itself.
    #[must_use]
    pub fn bundled(&self) -> Value {
        bundle::bundle(&self.document, self.value(), self.view, Patterns::All)
    }

    /// Whether it accepts a value. A schema that cannot be compiled accepts nothing, and [`Schema::check`] says why.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.judged(self.judge(), value, |validator| validator.is_valid(value)).unwrap_or(false)
    }

    /// Whether a text of JSON surely says a value that it accepts; where this is not sure, [`Schema::check`] is.
    pub(crate) fn accepts_text(&self, text: &[u8]) -> bool {
        let reader = self.reader.get_or_init(|| {
            let kept = !bundle::reaches_more_than(&self.document, self.value(), MOST_KEPT);
            kept.then(|| self.build(|patterns| self.whole(patterns)).ok().map(Box::new)).flatten()
        });
        let Some(reader) = reader else { return false };
        // Looked at once as a whole: for each of its texts it takes longer.
        let said = std::str::from_utf8(text).ok().and_then(|text| serde_json::from_str::<Borrowed<'_>>(text).ok());
        said.is_some_and(|said| reader.is_valid(&said))
    }

    /// All that is wrong with a value.
    #[must_use]
    pub fn check(&self, value: &Value) -> Vec<Issue> {
        self.check_in(value, Part::Body, "")
    }

    pub(crate) fn check_in(&self, value: &Value, part: Part, at: &str) -> Vec<Issue> {
        let judged = self.judged(self.judge(), value, |validator| match validator.is_valid(value) {
            true => Vec::new(),
            false => issues(validator, value, part, at),
        });
        judged.unwrap_or_else(|why| vec![Issue::new(part, at, "schema", why)])
    }

    /// Whether it can be compiled.
    ///
    /// # Errors
    /// Why not.
    pub fn compiles(&self) -> Result<(), &str> {
        match self.judge() {
            Judge::Broken(why) => Err(why),
            Judge::Kept(_) | Judge::Large => Ok(()),
        }
    }

    fn judge(&self) -> &Judge {
        self.judge.get_or_init(|| self.compiled())
    }

    fn judged<T>(&self, judge: &Judge, value: &Value, ask: impl FnOnce(&Validator) -> T) -> Result<T, String> {
        match judge {
            Judge::Kept(validator) => Ok(ask(validator)),
            Judge::Broken(why) => Err(why.clone()),
            Judge::Large => self
                .build(|patterns| {
                    bundle::for_value(&self.document, self.value(), self.view, patterns, value)
                        .unwrap_or_else(|| self.whole(patterns))
                })
                .map(|validator| ask(&validator)),
        }
    }

    /// A value for readers: as the document states one, where it does; otherwise short and plain. It is made once.
    #[must_use]
    pub fn example(&self) -> Option<Value> {
        let made = self.example.get_or_init(|| self.accepted([true, false], 0).map(Box::new));
        made.as_deref().cloned()
    }

    /// A value by the seed: the same for the same, most likely another for another.
    #[must_use]
    pub fn generate(&self, seed: u64) -> Option<Value> {
        // Where one is made, more will be.
        self.judge();
        self.accepted([false], seed.max(1))
    }

    fn accepted(&self, stated: impl IntoIterator<Item = bool>, seed: u64) -> Option<Value> {
        const ATTEMPTS: u64 = 12;
        // One that is only made for this: an example is made once, and kept.
        let once;
        let judge = match self.judge.get() {
            Some(judge) => judge,
            None => {
                once = self.compiled();
                &once
            }
        };
        if let Judge::Broken(_) = judge {
            return None;
        }
        let accepts = |value: &Value| self.judged(judge, value, |validator| validator.is_valid(value)) == Ok(true);
        let attempts = stated.into_iter().flat_map(|stated| (0..ATTEMPTS).map(move |attempt| (stated, attempt)));
        // Where no effort is left, another attempt finds no more.
        let made = attempts.take_while(|_| pattern::spend(1)).map(|(stated, attempt)| {
            let seed = seed.wrapping_add((attempt / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            Generator::new(&self.document, self.view, seed).stated(stated).attempt(attempt).value(self.value())
        });
        pattern::limited(|| made.flatten().find(accepts))
    }

    fn compiled(&self) -> Judge {
        if bundle::reaches_more_than(&self.document, self.value(), MOST_KEPT) {
            return Judge::Large;
        }
        let built = self.build(|patterns| self.whole(patterns));
        built.map_or_else(Judge::Broken, |validator| Judge::Kept(Box::new(validator)))
    }

    fn whole(&self, patterns: Patterns) -> Value {
        bundle::bundle(&self.document, self.value(), self.view, patterns)
    }

    fn build<F: Json>(&self, write: impl Fn(Patterns) -> Value + Sync) -> Result<Validator<F>, String> {
        stack::deep(|| {
            let build = |patterns| options_for::<F>().build(&write(patterns));
            // A pattern that cannot be read is no reason to give up on the rest.
            build(Patterns::All)
                .or_else(|_| build(Patterns::Readable))
                .map_err(|error| format!("the schema at {} cannot be used: {error}", self.pointer))
        })
    }
}

/// Every error, with those of a choice's likeliest branch instead of the choice's own.
fn issues(validator: &Validator, value: &Value, part: Part, at: &str) -> Vec<Issue> {
    const MOST: usize = 200;
    let mut all = Vec::new();
    for error in validator.iter_errors(value).take(MOST) {
        let pointer = format!("{at}{}", error.instance_path());
        let keyword = error.kind().keyword();
        let rule = match keyword {
            "falseSchema" => "additionalProperties",
            other => other,
        };
        let pointer = match error.kind() {
            jsonschema::error::ValidationErrorKind::Required { property } => {
                format!("{pointer}/{}", escaped(property.as_str().unwrap_or_default()))
            }
            _ => pointer,
        };
        let message = match error.kind() {
            jsonschema::error::ValidationErrorKind::AnyOf { context }
            | jsonschema::error::ValidationErrorKind::OneOfNotValid { context } => {
                let nearest = context.iter().filter(|branch| !branch.is_empty()).min_by_key(|branch| branch.len());
                let why = nearest.map(|branch| {
                    branch
                        .iter()
                        .take(3)
                        .map(|error| shortened(&error.masked().to_string()))
                        .collect::<Vec<_>>()
                        .join("; ")
                });
                format!("none of the alternatives accepts it; the nearest: {}", why.unwrap_or_default())
            }
            _ => shortened(&error.masked_with("it").to_string()),
        };
        all.push(Issue { part, pointer, rule: rule.to_owned(), message });
    }
    all.sort();
    all.dedup();
    all
}
