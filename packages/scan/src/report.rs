//! Reports, written while the scan runs: for people, as JSON, and as SARIF 2.1.0 for code hosts and editors.
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>)

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::file::Found;
use crate::rules::RULES;
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
    format: Format,
    out: W,
    /// Whether an entry stands in the list that is open.
    begun: bool,
    /// What was skipped, for the end; not more than anybody reads.
    skipped: Vec<Value>,
}

const MOST_SKIPPED: usize = 1_000;

impl<W: Write> Report<W> {
    /// Begins a report.
    pub fn begin(format: Format, mut out: W) -> io::Result<Self> {
        match format {
            Format::Text => {}
            Format::Json => write!(out, r#"{{"findings":["#)?,
            Format::Sarif => write!(
                out,
                r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"tool":{},"columnKind":"unicodeCodePoints","results":["#,
                tool()
            )?,
        }
        Ok(Self { format, out, begun: false, skipped: Vec::new() })
    }

    /// Adds what happened.
    pub fn tell(&mut self, event: Event<'_>) -> io::Result<()> {
        match (self.format, event) {
            (Format::Text, Event::Found { file, found }) => self.line(file, found),
            (Format::Text, Event::Skipped { file, why }) => {
                writeln!(self.out, "{}: skipped: {}", printable(&file.to_string_lossy()), printable(why))
            }
            (Format::Json, Event::Found { file, found }) => self.entry(&entry(file, found)),
            (Format::Sarif, Event::Found { file, found }) => self.entry(&result(file, found)),
            (_, Event::Skipped { file, why }) => {
                if self.skipped.len() < MOST_SKIPPED {
                    self.skipped.push(match self.format {
                        Format::Sarif => json!({
                            "level": "warning",
                            "message": { "text": format!("Skipped: {why}") },
                            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(file) } } }],
                        }),
                        _ => json!({ "file": file.to_string_lossy(), "why": why }),
                    });
                }
                Ok(())
            }
        }
    }

    /// Ends the report.
    pub fn end(mut self, outcome: &Outcome) -> io::Result<()> {
        let Outcome { files, findings, waived, skipped, unreadable } = outcome;
        let unread = skipped + unreadable;
        match self.format {
            Format::Text => {
                let count =
                    |number: &usize, one: &str| format!("{number} {one}{}", if *number == 1 { "" } else { "s" });
                write!(self.out, "{} in {}", count(findings, "finding"), count(files, "file"))?;
                writeln!(self.out, ", {waived} waived, {unread} skipped")
            }
            Format::Json => {
                let skipped = Value::Array(self.skipped);
                writeln!(
                    self.out,
                    r#"],"skipped":{skipped},"summary":{{"files":{files},"findings":{findings},"waived":{waived},"skipped":{unread}}}}}"#
                )
            }
            Format::Sarif => {
                let invocation = json!({
                    "executionSuccessful": *unreadable == 0,
                    "toolExecutionNotifications": self.skipped,
                });
                writeln!(self.out, r#"],"invocations":[{invocation}]}}]}}"#)
            }
        }?;
        self.out.flush()
    }

    fn line(&mut self, file: &Path, found: &Found) -> io::Result<()> {
        if found.waived.is_some() {
            return Ok(());
        }
        let Found { rule, line, column, code, .. } = found;
        let file = file.to_string_lossy();
        writeln!(self.out, "{}:{line}:{column}: {}: {}: {}", printable(&file), rule.id, rule.what, printable(code))?;
        writeln!(self.out, "    {}", rule.mend)
    }

    fn entry(&mut self, entry: &Value) -> io::Result<()> {
        let comma = if std::mem::replace(&mut self.begun, true) { ",\n" } else { "\n" };
        write!(self.out, "{comma}{entry}")
    }
}

fn entry(file: &Path, found: &Found) -> Value {
    let Found { rule, line, column, code, waived } = found;
    let file = file.to_string_lossy();
    json!({
        "file": file, "line": line, "column": column, "rule": rule.id,
        "what": rule.what, "found": code, "mend": rule.mend, "waived": waived,
    })
}

/// The tool and its rules.
fn tool() -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": sentence(rule.what) },
                "help": { "text": sentence(rule.mend) },
                "defaultConfiguration": { "level": "error" },
            })
        })
        .collect();
    json!({ "driver": { "name": "enver scan", "version": env!("CARGO_PKG_VERSION"), "rules": rules } })
}

fn result(file: &Path, found: &Found) -> Value {
    let Found { rule, line, column, code, waived } = found;
    let mut result = json!({
        "ruleId": rule.id,
        "ruleIndex": RULES.iter().position(|known| known == rule),
        "level": "error",
        "message": { "text": format!("{}: {code}. {}", sentence(rule.what).trim_end_matches('.'), sentence(rule.mend)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line, "startColumn": column },
        } }],
    });
    if let Some(reason) = waived {
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
    }
    result
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).chain(['.']).collect()
}

/// The path as a URI reference (RFC 3986): relative as it was given, or with the scheme `file`.
fn uri(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let mut uri = if path.is_absolute() { "file://".to_owned() } else { String::new() };
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A text that moves no cursor: file names and code are other people's.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
