//! The report as one page of HTML with nothing outside it.

use std::fmt::Write as _;

use super::junit::escaped;
use super::{Check, Report};

const STYLE: &str = "\
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}\
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{padding:.3rem .6rem;text-align:left;\
border-bottom:1px solid #ddd}.no{color:#a40000;font-weight:600}.yes{color:#0a6b2d}pre{background:#f4f4f6;padding:.6rem;\
overflow-x:auto;white-space:pre-wrap}dt{font-weight:600}dd{margin:0 0 .5rem 0;white-space:pre-wrap}\
@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#17171a}pre{background:#222228}td,th{border-color:#444}\
.no{color:#ff8a80}.yes{color:#7ddc9a}}";

pub(super) fn written(report: &Report) -> String {
    let mut page = String::new();
    let title = escaped(&format!("{} at {}", report.contract, report.target));
    let verdict = if report.is_clean() { "yes" } else { "no" };
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n\
         <p class=\"{verdict}\">{}</p>\n<p>Began {}, took {:.1} s; seed {}.</p>\n",
        escaped(&report.summary()),
        escaped(&report.began),
        report.took_millis as f64 / 1000.0,
        report.seed
    );
    if !report.findings.is_empty() {
        page.push_str("<h2>Findings</h2>\n");
    }
    for finding in &report.findings {
        let _ = write!(
            page,
            "<section><h3>{} <small>{}</small></h3><p>{}</p><dl><dt>Expected</dt><dd>{}</dd><dt>Got</dt><dd>{}</dd></dl>",
            escaped(&finding.operation),
            finding.check.name(),
            escaped(&finding.sent),
            escaped(&finding.expected),
            escaped(&finding.got)
        );
        if !finding.curl.is_empty() {
            let _ = write!(page, "<pre>{}</pre>", escaped(&finding.curl.join("\n")));
        }
        if finding.again > 0 {
            let _ = write!(page, "<p>And {} more like this.</p>", finding.again);
        }
        page.push_str("</section>\n");
    }
    page.push_str("<h2>Operations</h2>\n<table><thead><tr><th>Operation</th><th>Route</th>");
    for check in Check::ALL {
        let _ = write!(page, "<th>{}</th>", check.name());
    }
    page.push_str("<th>Statuses</th><th>Slowest</th></tr></thead><tbody>\n");
    for (id, operation) in &report.operations {
        let _ = write!(page, "<tr><td>{}</td><td>{}</td>", escaped(id), escaped(&operation.route));
        for check in Check::ALL {
            match operation.checks.get(&check) {
                None => page.push_str("<td></td>"),
                Some((sent, 0)) => {
                    let _ = write!(page, "<td class=\"yes\">{sent}</td>");
                }
                Some((sent, failed)) => {
                    let _ = write!(page, "<td class=\"no\">{failed} of {sent}</td>");
                }
            }
        }
        let statuses: Vec<String> = operation.statuses.iter().map(u16::to_string).collect();
        let slowest = operation.slowest_micros as f64 / 1000.0;
        let _ = writeln!(page, "<td>{}</td><td>{slowest:.1} ms</td></tr>", statuses.join(" "));
    }
    page.push_str("</tbody></table>\n");
    let left_out: Vec<(&String, &String)> = report
        .operations
        .iter()
        .flat_map(|(id, operation)| operation.left_out.iter().map(move |why| (id, why)))
        .collect();
    if !left_out.is_empty() {
        page.push_str("<h2>Left out</h2>\n<ul>");
        for (id, why) in left_out {
            let _ = write!(page, "<li>{}: {}</li>", escaped(id), escaped(why));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</body></html>\n");
    page
}
