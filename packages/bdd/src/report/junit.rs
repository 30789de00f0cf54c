//! A run as JUnit's XML, which every build server reads: a suite per use case, a case per scenario.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Outcome, Report, Scenario, UseCase};

/// The file's text.
pub fn render(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<super::Count> = report.use_cases.iter().map(UseCase::count).collect();
    let sum = |of: fn(&super::Count) -> usize| all.iter().map(of).sum::<usize>();
    let _ = writeln!(
        xml,
        r#"<testsuites name="{}" tests="{}" failures="{}" skipped="{}" time="{}">"#,
        escaped(&format!("BDD of {}", report.target)),
        sum(|count| count.total()),
        sum(|count| count.failed),
        sum(|count| count.skipped),
        seconds(report.took),
    );
    for (use_case, count) in report.use_cases.iter().zip(&all) {
        let took = use_case.scenarios.iter().map(Scenario::took).sum();
        let _ = writeln!(
            xml,
            r#"  <testsuite name="{}" tests="{}" failures="{}" skipped="{}" time="{}">"#,
            escaped(&format!("{} {}", use_case.id, use_case.title)),
            count.total(),
            count.failed,
            count.skipped,
            seconds(took),
        );
        for scenario in &use_case.scenarios {
            case(&mut xml, use_case, scenario);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn case(xml: &mut String, use_case: &UseCase, scenario: &Scenario) {
    let _ = write!(
        xml,
        r#"    <testcase classname="{}" name="{}" time="{}""#,
        escaped(&use_case.id),
        escaped(&scenario.title),
        seconds(scenario.took()),
    );
    match scenario.outcome() {
        Outcome::Passed => xml.push_str("/>\n"),
        Outcome::Skipped => xml.push_str("><skipped/></testcase>\n"),
        Outcome::Failed(why) => {
            let at = scenario.steps.iter().find(|step| matches!(step.outcome, Outcome::Failed(_)));
            let title = at.map(|step| step.title.as_str()).unwrap_or_default();
            let said = at.and_then(|step| step.exchange.as_ref()).map_or_else(String::new, |exchange| {
                format!("\n\n{}\n\n{} {}", exchange.curl, exchange.status, exchange.answer.body)
            });
            let _ = writeln!(
                xml,
                r#"><failure message="{}">{}</failure></testcase>"#,
                escaped(&format!("{title}: {}", why.first().map(String::as_str).unwrap_or_default())),
                escaped(&format!("{}{said}", why.join("\n"))),
            );
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// Text between tags or quotes. What XML cannot hold at all becomes the sign for it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
