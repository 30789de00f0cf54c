//! Waivers: what they waive, and what is wrong with them.

use scan::Language::{JavaScript, Python, Rust, Yaml};
use scan::{Found, Language};

fn found(text: &str, language: Language) -> Vec<Found> {
    scan::judge(text, language, true).found
}

#[test]
fn a_waiver_with_a_reason_holds_on_its_line_or_the_next_code() {
    for (text, language) in [
        ("const MAX: u8 = 10; // enver:allow(hardcoded-limit) SQS gives ten", Rust),
        ("// enver:allow(hardcoded-limit) SQS gives ten\n\n// Why ten.\nconst MAX: u8 = 10;", Rust),
        ("/* enver:allow(hardcoded-limit): SQS gives ten */ const max = 10", JavaScript),
        ("# enver:allow(hardcoded-limit) SQS gives ten\nMAX = 10", Python),
        ("queue:\n  # enver:allow(hardcoded-limit) SQS gives ten\n  max: 10", Yaml),
        ("max: 10 # enver:allow(hardcoded-limit) SQS gives ten", Yaml),
    ] {
        let found = found(text, language);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].waived.as_deref(), Some("SQS gives ten"), "{text}");
    }
}

#[test]
fn a_waiver_without_a_reason_waives_nothing_and_is_found() {
    let found = found("const MAX: u8 = 10; // enver:allow(hardcoded-limit)", Rust);

    let rules: Vec<_> = found.iter().map(|found| (found.rule.id, found.waived.is_some())).collect();
    assert_eq!(rules, [("hardcoded-limit", false), ("waiver-without-reason", false)]);
}

#[test]
fn a_waiver_that_waives_nothing_is_found() {
    for text in [
        "// enver:allow(hardcoded-limit) not any more\nlet x = 5;",
        "const MAX: u8 = 10;\n// enver:allow(hardcoded-limit) too late\n",
        "// enver:allow(no-such-rule) because\nlet x = 5;",
    ] {
        let found = found(text, Rust);
        assert_eq!(found.last().unwrap().rule.id, "unused-waiver", "{text}");
        assert!(found.iter().all(|found| found.waived.is_none()), "{text}");
    }
}

#[test]
fn a_waiver_waives_only_the_rules_it_names() {
    let text = "// enver:allow(hardcoded-limit, hardcoded-rate) a protocol\nlet (max, rate) = f(max = 5, rate = 5, timeout = 5);";

    let open: Vec<_> = found(text, Rust).into_iter().filter(|found| found.waived.is_none()).collect();

    assert_eq!(open.iter().map(|found| found.rule.id).collect::<Vec<_>>(), ["hardcoded-timeout"]);
}
