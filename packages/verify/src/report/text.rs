//! The report for people at a terminal.

use std::fmt::Write as _;

use super::Report;
use crate::curl::is_hidden;

pub(super) fn written(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let of = if finding.operation.is_empty() { String::new() } else { format!("{}: ", finding.operation) };
        let _ = writeln!(out, "✗ {of}{} [{}]", finding.sent, finding.check.name());
        let _ = writeln!(out, "    expected  {}", indented(&finding.expected));
        let _ = writeln!(out, "    got       {}", indented(&finding.got));
        for line in &finding.curl {
            // A body of several lines is not indented: what is copied is what was sent.
            let _ = writeln!(out, "    {line}");
        }
        if finding.again > 0 {
            let _ = writeln!(out, "    and {} more like this", finding.again);
        }
        out.push('\n');
    }
    for (id, operation) in &report.operations {
        for why in &operation.left_out {
            let _ = writeln!(out, "- {id}: {why}");
        }
    }
    let _ = writeln!(out, "{} (seed {}, {:.1} s)", report.summary(), report.seed, report.took_millis as f64 / 1000.0);
    visible(&out)
}

/// What a server sends is read here and does nothing to the terminal.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            true => visible.extend(c.escape_default()),
            false => visible.push(c),
        }
    }
    visible
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n              ")
}
