//! Reports, written while the scan runs: for people, as JSON, and as SARIF 2.1.0 for code hosts and editors.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::file::Found;
use crate::rules::{RULES, Rule};
use crate::{Event, Outcome};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// A report that is being written.
pub struct Report<W> {
    out: Out<W>,
    /// What was skipped, for the end; not more than anybody reads.
    skipped: Vec<Value>,
}

enum Out<W> {
    Text(W),
    /// And whether an entry stands in the list that is open.
    Json(W, bool),
    Sarif(sarif::Log<W>),
}

const MOST_SKIPPED: usize = 1_000;

impl<W: Write> Report<W> {
    /// Begins a report.
    pub fn begin(format: Format, mut out: W) -> io::Result<Self> {
        let out = match format {
            Format::Text => Out::Text(out),
            Format::Json => {
                write!(out, r#"{{"findings":["#)?;
                Out::Json(out, false)
            }
            Format::Sarif => Out::Sarif(sarif::Log::begin(
                out,
                "enver scan",
                env!("CARGO_PKG_VERSION"),
                RULES.iter().copied().map(rule).collect(),
            )?),
        };
        Ok(Self { out, skipped: Vec::new() })
    }

    /// Adds what happened.
    pub fn tell(&mut self, event: Event<'_>) -> io::Result<()> {
        match (&mut self.out, event) {
            (Out::Text(out), Event::Found { file, found }) => line(out, file, found),
            (Out::Text(out), Event::Skipped { file, why }) => {
                writeln!(out, "{}: skipped: {}", printable(&file.to_string_lossy()), printable(why))
            }
            (Out::Json(out, begun), Event::Found { file, found }) => {
                let comma = if std::mem::replace(begun, true) { ",\n" } else { "\n" };
                write!(out, "{comma}{}", entry(file, found))
            }
            (Out::Sarif(log), Event::Found { file, found }) => log.result(&result(file, found)),
            (out, Event::Skipped { file, why }) => {
                if self.skipped.len() < MOST_SKIPPED {
                    self.skipped.push(match out {
                        Out::Sarif(_) => json!({
                            "level": "warning",
                            "message": { "text": format!("Skipped: {why}") },
                            "locations": [{ "physicalLocation": sarif::whole(file) }],
                        }),
                        _ => json!({ "file": file.to_string_lossy(), "why": why }),
                    });
                }
                Ok(())
            }
        }
    }

    /// Ends the report.
    pub fn end(self, outcome: &Outcome) -> io::Result<()> {
        let Outcome { files, findings, waived, skipped, unreadable } = outcome;
        let unread = skipped + unreadable;
        let mut out = match self.out {
            Out::Text(mut out) => {
                let count =
                    |number: &usize, one: &str| format!("{number} {one}{}", if *number == 1 { "" } else { "s" });
                write!(out, "{} in {}", count(findings, "finding"), count(files, "file"))?;
                writeln!(out, ", {waived} waived, {unread} skipped")?;
                out
            }
            Out::Json(mut out, _) => {
                let skipped = Value::Array(self.skipped);
                writeln!(
                    out,
                    r#"],"skipped":{skipped},"summary":{{"files":{files},"findings":{findings},"waived":{waived},"skipped":{unread}}}}}"#
                )?;
                out
            }
            Out::Sarif(log) => log.end(Some(&json!({
                "executionSuccessful": *unreadable == 0,
                "toolExecutionNotifications": self.skipped,
            })))?,
        };
        out.flush()
    }
}

fn line(out: &mut impl Write, file: &Path, found: &Found) -> io::Result<()> {
    if found.waived.is_some() {
        return Ok(());
    }
    let Found { rule, line, column, code, .. } = found;
    let file = file.to_string_lossy();
    writeln!(out, "{}:{line}:{column}: {}: {}: {}", printable(&file), rule.id, rule.what, printable(code))?;
    writeln!(out, "    {}", rule.mend)
}

fn entry(file: &Path, found: &Found) -> Value {
    let Found { rule, line, column, code, waived } = found;
    let file = file.to_string_lossy();
    json!({
        "file": file, "line": line, "column": column, "rule": rule.id,
        "what": rule.what, "found": code, "mend": rule.mend, "waived": waived,
    })
}

fn rule(rule: &Rule) -> Value {
    let mut rule = sarif::rule(rule.id, rule.what, Some(rule.mend));
    rule["defaultConfiguration"] = json!({ "level": "error" });
    rule
}

fn result(file: &Path, found: &Found) -> Value {
    let Found { rule, line, column, code, waived } = found;
    let mut result = json!({
        "ruleId": rule.id,
        "ruleIndex": RULES.iter().position(|known| known == rule),
        "level": "error",
        "message": { "text": format!("{}: {code}. {}", sarif::sentence(rule.what).trim_end_matches('.'), sarif::sentence(rule.mend)) },
        "locations": [{ "physicalLocation": sarif::place(file, *line as u64, *column as u64) }],
    });
    if let Some(reason) = waived {
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
    }
    result
}

/// A text that moves no cursor: file names and code are other people's.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
