//! Yes or no, with all reasons and with what was looked at.

use std::fmt;

use contracts::Stage;
use serde::Serialize;
use serde_json::{Value, json};
use spec::compatibility::Witness;

/// The answer to one question.
#[derive(Debug)]
pub struct Answer {
    service: &'static str,
    to: Stage,
    reasons: Vec<Reason>,
    checked: Vec<(&'static str, String)>,
}

/// One reason for no.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// Which rule.
    pub rule: &'static str,
    /// What is wrong, with both ends.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mend: String,
    /// The place of the change, as `file:line:column`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// A value that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

impl Reason {
    pub fn new(rule: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { rule, message: message.into(), mend: mend.into(), place: None, witness: None }
    }
}

impl Answer {
    /// Yes, so far.
    pub fn new(service: &'static str, to: Stage) -> Self {
        Self { service, to, reasons: Vec::new(), checked: Vec::new() }
    }

    /// The service that was asked about, by the name of its crate.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// Says no for these reasons, each once.
    pub fn no(&mut self, reasons: impl IntoIterator<Item = Reason>) {
        for reason in reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    /// Remembers what was looked at and found in order.
    pub fn checked(&mut self, what: &'static str, found: impl Into<String>) {
        self.checked.push((what, found.into()));
    }

    pub fn is_yes(&self) -> bool {
        self.reasons.is_empty()
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        let checked: Vec<Value> =
            self.checked.iter().map(|(what, found)| json!({ "what": what, "found": found })).collect();
        let answer = json!({
            "service": self.service,
            "enver": self.to,
            "canDeploy": self.is_yes(),
            "reasons": self.reasons,
            "checked": checked,
        });
        format!("{answer:#}\n")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, to, reasons, checked } = self;
        if self.is_yes() {
            writeln!(f, "Yes: {service} can be deployed to {to}.\n")?;
        } else {
            writeln!(f, "No: {service} cannot be deployed to {to}.\n")?;
        }
        for Reason { rule, message, mend, place, witness } in reasons {
            let place = place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            writeln!(f, "  {rule}: {place}{message}")?;
            if let Some(witness) = witness {
                let (accepted, refused) = (side(witness.accepted_by), side(witness.refused_by));
                writeln!(f, "    {accepted} accepts and {refused} refuses {}", witness.value)?;
                writeln!(f, "    at {:?}: {}", witness.at, witness.why)?;
            }
            if !mend.is_empty() {
                writeln!(f, "    {mend}")?;
            }
        }
        if !reasons.is_empty() && !checked.is_empty() {
            writeln!(f, "\nIn order:")?;
        }
        for (what, found) in checked {
            writeln!(f, "  {what}: {found}")?;
        }
        Ok(())
    }
}

fn side(side: spec::compatibility::Side) -> &'static str {
    match side {
        spec::compatibility::Side::Old => "what stands there",
        spec::compatibility::Side::New => "what comes",
    }
}
