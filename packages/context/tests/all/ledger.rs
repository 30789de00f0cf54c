//! The ledger of confirmations, edited well and badly.

use context::{Confirmation, Evidence, Ledger};
use contracts::Phase;

const KEPT: &str = r#"# Ours.

[[confirmed]]
service = "booking"
phase = "0B"
by = "Asha"           # on the phone
on = "2026-11-20"
note = "Walked through the mock."
evidence = [
    { what = "contracts/published/mock/booking/openapi.json", digest = "sha256:00" },
]
"#;

fn next() -> Confirmation {
    Confirmation {
        service: "booking".into(),
        phase: Phase::CoreDomainLogic,
        by: "Ravi \"R\"".into(),
        on: "2026-11-21".into(),
        note: "It books.".into(),
        evidence: vec![
            Evidence { what: "contracts/published/dev/booking/openapi.json".into(), digest: Some("sha256:11".into()) },
            Evidence { what: "cargo test -p booking".into(), digest: None },
        ],
    }
}

#[test]
fn a_confirmation_is_added_behind_the_others_and_comments_stay() {
    let text = Ledger::add(KEPT, &next()).unwrap();

    assert!(text.starts_with(KEPT), "{text}");
    let ledger = Ledger::parse(&text).unwrap();
    assert_eq!(ledger.of("booking", Phase::CoreDomainLogic), Some(&next()));
    assert_eq!(ledger.confirmations().len(), 2);
}

#[test]
fn the_first_confirmation_makes_the_file_and_says_what_it_is() {
    let first = Confirmation { phase: Phase::ContractVerification, ..next() };

    let text = Ledger::add("", &first).unwrap();

    assert!(text.starts_with("# Who confirmed"), "{text}");
    assert_eq!(Ledger::parse(&text).unwrap().confirmations(), [first]);
}

#[test]
fn an_empty_file_confirms_nothing() {
    for empty in ["", "\n", "# nothing yet\n"] {
        assert_eq!(Ledger::parse(empty).unwrap(), Ledger::default());
    }
    let first = Confirmation { phase: Phase::ContractVerification, ..next() };
    assert!(Ledger::add("# nothing yet\n", &first).unwrap().starts_with("# nothing yet\n\n[[confirmed]]\n"));
}

#[test]
fn a_phase_is_confirmed_once_and_after_those_before_it() {
    let refused = |change: fn(&mut Confirmation)| {
        let mut one = next();
        change(&mut one);
        Ledger::add(KEPT, &one).unwrap_err().message
    };

    assert!(refused(|one| one.phase = Phase::ContractVerification).contains("confirmed already"));
    assert!(refused(|one| one.phase = Phase::CoreFeatures).contains("confirm 1A first"));
    assert!(refused(|one| one.service = "auth".into()).contains("confirm 0B first"));
    assert!(refused(|one| one.phase = Phase::ContractSurface).contains("completes with the context documents"));
    assert!(refused(|one| one.on = "2026-11-19".into()).contains("before 0B on 2026-11-20"));
    assert!(refused(|one| one.on = "2026-02-30".into()).contains("is a day like"));
    assert!(refused(|one| one.by = " ".into()).contains("`by`"));
    assert!(refused(|one| one.note = "two\nlines".into()).contains("`note`"));
    assert!(refused(|one| one.evidence.clear()).contains("what was looked at"));
}

#[test]
fn a_bad_edit_is_told_with_line_and_column() {
    let whole = |change: &str, to: &str| {
        let edited = KEPT.replacen(change, to, 1);
        assert_ne!(edited, KEPT, "{change}");
        Ledger::parse(&edited).unwrap_err()
    };
    for (change, to, line, column, says) in [
        ("phase = \"0B\"", "phase = \"0B", 5, 12, ""),
        ("phase = \"0B\"", "phase = \"0C\"", 5, 9, "\"0C\" is no phase"),
        ("phase = \"0B\"", "phase = \"0A\"", 5, 9, "completes with the context documents"),
        ("phase = \"0B\"", "phase = \"1A\"", 3, 1, "confirm 0B first"),
        ("by = \"Asha\"", "by = 7", 6, 6, "`by` is text in quotes"),
        ("by = \"Asha\"", "by = \"\"", 6, 6, "`by` is one line of text"),
        ("by = \"Asha\"", "who = \"Asha\"", 6, 1, "`who` means nothing here"),
        ("note = \"Walked through the mock.\"\n", "", 3, 1, "`note` is missing"),
        ("2026-11-20", "20 November", 7, 6, "is a day like"),
        ("{ what = \"contracts", "{ that = \"contracts", 10, 7, "`that` means nothing here"),
        ("[[confirmed]]", "[[agreed]]", 3, 3, "only [[confirmed]] does"),
    ] {
        let error = whole(change, to);
        assert!(error.message.contains(says), "{to}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{to}: {error}");
    }
}

#[test]
fn what_stands_twice_is_told_with_both_places() {
    let twice = format!("{KEPT}\n{}", KEPT.trim_start_matches("# Ours.\n"));

    let error = Ledger::parse(&twice).unwrap_err();

    assert_eq!(error.line, 14);
    assert!(error.message.contains("confirmed already (line 3)"), "{error}");
}

#[test]
fn hostile_files_are_refused_and_nothing_else_happens() {
    let deep = format!("a = {}", "[".repeat(100_000));
    let long = "#".repeat(2 << 20);
    for hostile in
        [deep.as_str(), &long, "\u{0}", "confirmed = 1", "[confirmed]", "[[confirmed]]\nevidence = [1]", "= é"]
    {
        assert!(Ledger::parse(hostile).is_err(), "{}", hostile.chars().take(40).collect::<String>());
    }
}
