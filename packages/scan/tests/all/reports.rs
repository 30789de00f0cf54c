//! The three forms of a report.

use std::path::Path;

use scan::{Event, Format, Found, Language, Outcome, RULES, Report};
use serde_json::Value;

fn samples() -> Vec<Found> {
    let text = "const TAX_RATE: f64 = 0.18;\nconst MAX: u8 = 10; // enver:allow(hardcoded-limit) SQS gives ten\n";
    scan::judge(text, Language::Rust, true).found
}

/// A report of both samples in a file of this name, and of a skipped one.
fn report(format: Format, file: &str) -> String {
    let mut out = Vec::new();
    let mut report = Report::begin(format, &mut out).unwrap();
    for found in &samples() {
        report.tell(Event::Found { file: Path::new(file), found }).unwrap();
    }
    report.tell(Event::Skipped { file: Path::new("b.rs"), why: "it is not UTF-8 text" }).unwrap();
    report.end(&Outcome { files: 1, findings: 1, waived: 1, skipped: 1, unreadable: 0 }).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_says_where_what_and_how_to_mend_it() {
    let text = report(Format::Text, "src/a.rs");

    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "src/a.rs:1:7: hardcoded-rate: a rate is written into code: TAX_RATE: f64 = 0.18");
    assert!(lines[1].starts_with("    ") && lines[1].contains("config://"));
    assert_eq!(lines[2..], ["b.rs: skipped: it is not UTF-8 text", "1 finding in 1 file, 1 waived, 1 skipped"]);
}

#[test]
fn text_from_files_moves_no_cursor() {
    assert!(!report(Format::Text, "a\x1b[2J\n.rs").contains('\x1b'));
}

#[test]
fn json_holds_findings_waivers_and_what_was_skipped() {
    let json: Value = serde_json::from_str(&report(Format::Json, "src/a.rs")).unwrap();

    let rate = &json["findings"][0];
    assert_eq!((&rate["file"], &rate["line"], &rate["column"]), (&"src/a.rs".into(), &1.into(), &7.into()));
    assert_eq!((&rate["rule"], &rate["waived"]), (&"hardcoded-rate".into(), &Value::Null));
    assert_eq!(json["findings"][1]["waived"], "SQS gives ten");
    assert_eq!(json["skipped"][0]["file"], "b.rs");
    assert_eq!(json["summary"]["findings"], 1);
}

#[test]
fn sarif_has_what_its_schema_requires() {
    let log: Value = serde_json::from_str(&report(Format::Sarif, "./src/a b%é.rs")).unwrap();

    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "enver scan");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.ends_with('.')));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/a%20b%25%C3%A9.rs");
        assert!(place["region"]["startLine"].as_u64() >= Some(1) && place["region"]["startColumn"].as_u64() >= Some(1));
    }
    assert_eq!(results[1]["suppressions"][0]["kind"], "inSource");
    assert_eq!(results[1]["suppressions"][0]["justification"], "SQS gives ten");
    assert!(results[0].get("suppressions").is_none());
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("UTF-8"));
}

#[test]
fn a_report_of_nothing_is_whole() {
    for format in [Format::Json, Format::Sarif] {
        let mut out = Vec::new();
        Report::begin(format, &mut out).unwrap().end(&Outcome::default()).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap();
    }
}
