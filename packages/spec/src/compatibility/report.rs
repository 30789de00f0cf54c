//! What a comparison says.

use serde::Serialize;
use serde_json::Value;

use super::rules::Rule;
use document::Place;

/// All changes of one comparison, breaking ones first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What changed.
    pub changes: Vec<Change>,
}

impl Report {
    /// The changes that break.
    pub fn breaking(&self) -> impl Iterator<Item = &Change> {
        self.with(Verdict::Breaking)
    }

    /// The changes of one verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.verdict == verdict)
    }

    /// Whether nothing breaks.
    #[must_use]
    pub fn is_compatible(&self) -> bool {
        self.breaking().next().is_none()
    }
}

/// One difference between two documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Which rule it meets.
    pub rule: &'static Rule,
    /// What that means.
    pub verdict: Verdict,
    /// Which way the value goes.
    pub flow: Flow,
    /// The operation it was found in, as `POST /bookings` or `publish orders`; none for the document as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Where it stands.
    pub place: Where,
    /// What changed, in a sentence.
    pub message: String,
    /// The value that proves a schema's break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

/// Where a change stands: in the new document, or in the old one if it is gone from the new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Where {
    /// Which of the two.
    pub side: Side,
    /// The document's name.
    pub document: String,
    /// RFC 6901.
    pub pointer: String,
    /// Where that is in the text.
    #[serde(flatten)]
    pub place: Place,
}

/// A value that one side accepts and the other refuses, by the verdict of an independent validator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Witness {
    /// The whole body, message, parameter or header.
    pub value: Value,
    /// Where in it the trouble is (RFC 6901; empty for the value itself).
    pub at: String,
    /// Whose contract lets it be sent.
    pub accepted_by: Side,
    /// Whose contract refuses it.
    pub refused_by: Side,
    /// Why, in the validator's words.
    pub why: String,
}

/// One of the two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first
    Old,
    /// The second
    New,
}

/// Which way a value goes, as the service that publishes the document sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// It receives a request
    Request,
    /// It answers
    Response,
    /// It sends a message
    Published,
    /// It receives a message
    Consumed,
}

impl Flow {
    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Published => "published",
            Self::Consumed => "consumed",
        }
    }
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Somebody who kept to the old contract gets into trouble
    Breaking,
    /// Neither a proof nor a witness was found
    Unproven,
    /// Nobody notices who does not want to
    Compatible,
}

impl Verdict {
    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Unproven => "unproven",
            Self::Compatible => "compatible",
        }
    }
}
