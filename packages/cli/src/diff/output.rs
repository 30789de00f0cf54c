//! The report of a comparison: for people, as JSON, as SARIF 2.1.0 and as JUnit.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use spec::compatibility::{Change, Document, RULES, Report, Verdict};

use super::arguments::{Diff, Format};

pub fn write(report: &Report, old: &Document, new: &Document, diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    match diff.format {
        Format::Text => text(report, diff.quiet, out),
        Format::Json => writeln!(out, "{}", json_of(report, old, new)),
        Format::Sarif => log(report, out),
        Format::Junit => junit(report, new, out),
    }
}

const VERDICTS: [Verdict; 3] = [Verdict::Breaking, Verdict::Unproven, Verdict::Compatible];

fn text(report: &Report, quiet: bool, out: &mut impl Write) -> io::Result<()> {
    for change in &report.changes {
        if quiet && change.verdict == Verdict::Compatible {
            continue;
        }
        let Change { rule, verdict, flow, operation, place, message, witness } = change;
        let (document, at) = (printable(&place.document), place.place);
        writeln!(out, "{document}:{at}: {}: {}: {}", verdict.name(), rule.id, printable(message))?;
        let operation = operation.as_deref().unwrap_or("the document");
        writeln!(out, "    {} of {}, {}", flow.name(), printable(operation), printable(&place.pointer))?;
        if let Some(witness) = witness {
            writeln!(out, "    witness: {}", printable(&shortened(&witness.value)))?;
            let (accepted, refused) = (side(witness.accepted_by), side(witness.refused_by));
            writeln!(
                out,
                "    the {accepted} contract accepts it, the {refused} one says: {}",
                printable(&witness.why)
            )?;
        }
    }
    let count = |verdict: Verdict| format!("{} {}", report.with(verdict).count(), verdict.name());
    writeln!(out, "{}", VERDICTS.map(count).join(", "))
}

fn side(side: spec::compatibility::Side) -> &'static str {
    match side {
        spec::compatibility::Side::Old => "old",
        spec::compatibility::Side::New => "new",
    }
}

/// A value in one line that can be read.
fn shortened(value: &Value) -> String {
    const MOST: usize = 400;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}

fn json_of(report: &Report, old: &Document, new: &Document) -> Value {
    let count = |verdict| report.with(verdict).count();
    json!({
        "old": old.name(),
        "new": new.name(),
        "compatible": report.is_compatible(),
        "changes": report.changes,
        "summary": {
            "breaking": count(Verdict::Breaking),
            "unproven": count(Verdict::Unproven),
            "compatible": count(Verdict::Compatible),
        },
    })
}

fn log(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let rules = RULES.iter().map(|rule| sarif::rule(rule.id, rule.what, None)).collect();
    let mut log = sarif::Log::begin(out, "enver diff", env!("CARGO_PKG_VERSION"), rules)?;
    report.changes.iter().try_for_each(|change| log.result(&result(change)))?;
    log.end(None).map(drop)
}

fn result(change: &Change) -> Value {
    let Change { rule, verdict, flow, operation, place, message, witness } = change;
    let level = match verdict {
        Verdict::Breaking => "error",
        Verdict::Unproven => "warning",
        Verdict::Compatible => "note",
    };
    let mut text = sarif::sentence(message);
    if let Some(witness) = witness {
        text.push_str(&format!(" Witness: {}", shortened(&witness.value)));
    }
    json!({
        "ruleId": rule.id,
        "ruleIndex": RULES.iter().position(|known| known == *rule),
        "level": level,
        "message": { "text": text },
        "locations": [{
            "physicalLocation": sarif::place(Path::new(&place.document), place.place.line, place.place.column),
            "logicalLocations": [{ "fullyQualifiedName": place.pointer, "kind": "object" }],
        }],
        "properties": { "verdict": verdict.name(), "flow": flow.name(), "operation": operation, "witness": witness },
    })
}

fn junit(report: &Report, new: &Document, out: &mut impl Write) -> io::Result<()> {
    let count = |verdict| report.with(verdict).count();
    let (breaking, unproven) = (count(Verdict::Breaking), count(Verdict::Unproven));
    // A build server that finds no case takes it for a broken run.
    let tests = report.changes.len().max(1);
    let name = xml(new.name());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="enver diff" tests="{tests}" failures="{breaking}" skipped="{unproven}">"#)?;
    writeln!(
        out,
        r#"  <testsuite name="{name}" tests="{tests}" failures="{breaking}" errors="0" skipped="{unproven}" time="0">"#
    )?;
    if report.changes.is_empty() {
        writeln!(out, r#"    <testcase classname="enver diff" name="no change" time="0"/>"#)?;
    }
    for change in &report.changes {
        let Change { rule, verdict, operation, place, message, witness, .. } = change;
        let class = xml(operation.as_deref().unwrap_or("document"));
        let name = xml(&format!("{}: {message} ({})", rule.id, place.pointer));
        write!(out, r#"    <testcase classname="{class}" name="{name}" time="0""#)?;
        let at = format!("{}:{}", place.document, place.place);
        match verdict {
            Verdict::Breaking => {
                let shown = witness
                    .as_ref()
                    .map_or(String::new(), |it| format!("\nwitness: {}\n{}", shortened(&it.value), it.why));
                let (message, id) = (xml(message), rule.id);
                writeln!(
                    out,
                    r#"><failure message="{message}" type="{id}">{}</failure></testcase>"#,
                    xml(&(at + &shown))
                )?;
            }
            Verdict::Unproven => {
                writeln!(out, r#"><skipped message="{}"/></testcase>"#, xml(&format!("unproven: {message}")))?
            }
            Verdict::Compatible => writeln!(out, "/>")?,
        }
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Text as XML 1.0 can hold it.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// A text that moves no cursor: documents are other people's.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
