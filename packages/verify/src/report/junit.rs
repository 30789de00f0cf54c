//! The report as JUnit XML: a suite per operation, a case per check.

use std::fmt::Write as _;

use super::{Check, Finding, Report};

pub(super) fn written(report: &Report) -> String {
    let mut suites = String::new();
    let (mut tests, mut failures) = (0, 0);
    let ids = report.operations.keys().map(String::as_str);
    // Findings about no operation have a suite of their own.
    let rest = report.findings.iter().any(|finding| finding.operation.is_empty()).then_some("");
    for id in ids.chain(rest) {
        let checks: Vec<Check> = Check::ALL
            .into_iter()
            .filter(|check| {
                report.operations.get(id).is_some_and(|operation| operation.checks.contains_key(check))
                    || of(report, id, *check).next().is_some()
            })
            .collect();
        let mut cases = String::new();
        let mut failed = 0;
        for check in &checks {
            let found: Vec<&Finding> = of(report, id, *check).collect();
            let _ = write!(cases, "    <testcase classname=\"{}\" name=\"{}\"", escaped(id), check.name());
            match found.as_slice() {
                [] => cases.push_str("/>\n"),
                [first, ..] => {
                    failed += 1;
                    let _ = write!(cases, ">\n      <failure message=\"{}\">", escaped(&first.sent));
                    for finding in found {
                        let text = format!(
                            "{}\nexpected {}\ngot {}\n{}\n\n",
                            finding.sent,
                            finding.expected,
                            finding.got,
                            finding.curl.join("\n")
                        );
                        cases.push_str(&escaped(&text));
                    }
                    cases.push_str("</failure>\n    </testcase>\n");
                }
            }
        }
        let name = if id.is_empty() { "deployment" } else { id };
        let count = checks.len();
        let _ = writeln!(suites, "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failed}\">", escaped(name));
        suites.push_str(&cases);
        suites.push_str("  </testsuite>\n");
        tests += count;
        failures += failed;
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" \
         time=\"{:.3}\">\n{suites}</testsuites>\n",
        escaped(&format!("{} at {}", report.contract, report.target)),
        report.took_millis as f64 / 1000.0
    )
}

fn of<'a>(report: &'a Report, id: &'a str, check: Check) -> impl Iterator<Item = &'a Finding> {
    report.findings.iter().filter(move |finding| finding.operation == id && finding.check == check)
}

/// Text for XML and HTML: markup is escaped, and what XML has no way to write is replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
