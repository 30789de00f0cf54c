//! What a verification found: counts per operation, and findings with the line of curl that shows each again.

mod html;
mod junit;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use document::Api;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What is asked of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// A case of the dataset is answered as it says.
    Dataset,
    /// A valid request is not called invalid, and its answer keeps the contract.
    Valid,
    /// A request that breaks one rule is refused.
    Invalid,
    /// A method nobody declared is refused, and the answer says which are declared.
    Method,
    /// A body of another media type is refused.
    MediaType,
    /// A body that does not parse is refused.
    Syntax,
    /// A body over the limit is refused.
    Size,
    /// A request without credentials, or with bad ones, is refused.
    Credentials,
    /// What was made is shown and listed, what was changed is another, and what was deleted is gone.
    Sequence,
}

impl Check {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Dataset,
        Self::Valid,
        Self::Invalid,
        Self::Method,
        Self::MediaType,
        Self::Syntax,
        Self::Size,
        Self::Credentials,
        Self::Sequence,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Method => "method",
            Self::MediaType => "media-type",
            Self::Syntax => "syntax",
            Self::Size => "size",
            Self::Credentials => "credentials",
            Self::Sequence => "sequence",
        }
    }
}

/// Something the contract does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The operation, as the contract names it; empty when it is about none.
    pub operation: String,
    /// What was asked.
    pub check: Check,
    /// What was sent, in words.
    pub sent: String,
    /// What the contract says of the answer.
    pub expected: String,
    /// What came: the status, the beginning of the body, and what is wrong with them.
    pub got: String,
    /// Lines for a shell that show it again, without secrets; those that stand on what an earlier answer said take it out
    /// of that answer, so that they show it on another deployment too.
    pub curl: Vec<String>,
    /// How often the same was seen besides.
    pub again: usize,
}

/// What is known of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    /// The method and the path template.
    pub route: String,
    /// How many requests each check sent, and how many of them it found wanting.
    pub checks: BTreeMap<Check, (usize, usize)>,
    /// The statuses that came.
    pub statuses: BTreeSet<u16>,
    /// The longest answer, in microseconds.
    pub slowest_micros: u64,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

/// How a verification ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything was asked.
    Complete,
    /// Somebody stopped it; what was found until then is there.
    Stopped,
    /// The deployment answers no more, or never did, and what the connection says of it.
    Unreachable(String),
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For people in a browser; one file with nothing outside it.
    Html,
    /// JUnit XML, as continuous integration reads it.
    Junit,
    /// One JSON object.
    Json,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The contract: its title and version.
    pub contract: String,
    /// The deployment.
    pub target: String,
    /// When it began, as RFC 3339.
    pub began: String,
    /// How long it took, in milliseconds.
    pub took_millis: u64,
    /// The seed that makes the same requests again.
    pub seed: u64,
    /// By operation id.
    pub operations: BTreeMap<String, Operation>,
    /// What was found, in the order of operations and checks.
    pub findings: Vec<Finding>,
    /// How it ended.
    pub ended: Ended,
}

impl Report {
    /// A report in which nothing stands yet.
    pub fn begun(api: &Api, target: &str, seed: u64) -> Self {
        let began = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        let target = if target.is_empty() { "this process" } else { target };
        Self {
            contract: format!("{} {}", api.title, api.version).trim().to_owned(),
            target: target.to_owned(),
            began,
            took_millis: 0,
            seed,
            operations: BTreeMap::new(),
            findings: Vec::new(),
            ended: Ended::Complete,
        }
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.operations.values().flat_map(|operation| operation.checks.values()).map(|(sent, _)| sent).sum()
    }

    /// Whether everything was asked and nothing found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.ended == Ended::Complete
    }

    /// The report in a form.
    pub fn written(&self, format: Format) -> String {
        match format {
            Format::Text => text::written(self),
            Format::Html => html::written(self),
            Format::Junit => junit::written(self),
            Format::Json => format!("{:#}\n", self.to_json()),
        }
    }

    /// One line: what was asked and what came of it.
    pub fn summary(&self) -> String {
        let found = match self.findings.len() {
            0 => "nothing found".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        let ended = match &self.ended {
            Ended::Complete => String::new(),
            Ended::Stopped => "; stopped before everything was asked".to_owned(),
            Ended::Unreachable(why) => format!("; it ended early, because no answer came any more: {why}"),
        };
        format!("{} requests to {} operations: {found}{ended}", self.requests(), self.operations.len())
    }

    fn to_json(&self) -> Value {
        let operations: BTreeMap<&String, Value> = self
            .operations
            .iter()
            .map(|(id, operation)| {
                let checks: BTreeMap<&str, Value> = operation
                    .checks
                    .iter()
                    .map(|(check, (sent, failed))| (check.name(), json!({ "requests": sent, "failed": failed })))
                    .collect();
                let known = json!({
                    "route": operation.route, "checks": checks, "statuses": operation.statuses,
                    "slowestMicros": operation.slowest_micros, "leftOut": operation.left_out,
                });
                (id, known)
            })
            .collect();
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "operation": finding.operation, "check": finding.check.name(), "sent": finding.sent,
                    "expected": finding.expected, "got": finding.got, "curl": finding.curl, "again": finding.again,
                })
            })
            .collect();
        json!({
            "contract": self.contract, "target": self.target, "began": self.began, "tookMillis": self.took_millis,
            "seed": self.seed, "requests": self.requests(), "clean": self.is_clean(),
            "ended": match self.ended {
                Ended::Complete => "complete", Ended::Stopped => "stopped", Ended::Unreachable(_) => "unreachable",
            },
            "why": match &self.ended {
                Ended::Unreachable(why) => Some(why),
                Ended::Complete | Ended::Stopped => None,
            },
            "operations": operations, "findings": findings,
        })
    }
}
