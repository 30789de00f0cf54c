//! What may change about a contract: two documents, OpenAPI 3.0 or 3.1 or AsyncAPI 2, compared change by change.
//!
//! A change breaks when requests narrow, answers widen, a message already in the queue becomes unreadable, or an
//! operation, parameter, status or security alternative goes away. A schema breaks only with a witness: a value that the
//! sender's contract accepts and the receiver's refuses, by the verdict of an independent validator. A schema is called
//! compatible only when every value of the sender's is proven to be one of the receiver's. What is neither is
//! [`Verdict::Unproven`], and changes that leave the accepted values as they were are silent.
//!
//! One assumption stands behind the proofs: who sends does not use, by chance, a property name that its contract does
//! not declare and the other side's does. Otherwise every optional property that is added would break.
//!
//! ```
//! use spec::compatibility::{Document, Options, Verdict, compare};
//!
//! let document = |longest: u32| {
//!     let text = format!(
//!         "{{openapi: 3.1.0, paths: {{/notes: {{post: {{responses: {{}}, requestBody: {{content: {{application/json:
//!         {{schema: {{type: string, maxLength: {longest}}}}}}}}}}}}}}}}}"
//!     );
//!     Document::parse(text.as_bytes(), "notes.yaml")
//! };
//! let report = compare(&document(3)?, &document(2)?, &Options::default());
//!
//! let change = &report.changes[0];
//! assert_eq!((change.rule.id, change.verdict), ("max-length-tightened", Verdict::Breaking));
//! assert_eq!(change.witness.as_ref().map(|witness| &witness.value), Some(&"aaa".into()));
//! # Ok::<(), spec::compatibility::Unusable>(())
//! ```

mod asyncapi;
mod media;
mod openapi;
mod parameters;
mod report;
mod rules;
mod schema;
mod security;
mod sides;
mod usage;

pub use document::{Document, Kind, LONGEST_DOCUMENT, Place, Unusable};
pub use report::{Change, Flow, Report, Side, Verdict, Where, Witness};
pub use rules::{RULES, Rule};
pub use usage::{Usage, Used};

/// Who is old when the new version comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// New server, old clients and messages: the usual question
    #[default]
    Backward,
    /// Old server, new clients
    Forward,
    /// Both
    Full,
}

/// What is promised to stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Promise {
    /// Values on the wire stay acceptable
    #[default]
    Wire,
    /// And code that was generated from the contract still compiles: names and types stay
    Source,
    /// Values on the wire, as far as these consumers use them
    Consumers(Usage),
}

/// How documents are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Who is old.
    pub direction: Direction,
    /// What must stay.
    pub promise: Promise,
    /// Today as `YYYY-MM-DD`: an operation that was deprecated and whose `x-sunset` is past may go. Without a date none
    /// may.
    pub today: Option<String>,
}

/// Compares two documents.
#[must_use]
pub fn compare(old: &Document, new: &Document, options: &Options) -> Report {
    document::stack::deep(|| {
        let sources = [schema::Source::of(old, Side::Old), schema::Source::of(new, Side::New)];
        let mut sides = sides::Sides::new(&sources, options);
        match (old.kind(), new.kind()) {
            (Kind::AsyncApi2, Kind::AsyncApi2) => asyncapi::compare(&mut sides),
            (Kind::AsyncApi2, _) | (_, Kind::AsyncApi2) => sides.incomparable(),
            _ => openapi::compare(&mut sides),
        }
        sides.report()
    })
}
