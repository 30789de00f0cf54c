//! How far phases are.

use context::{Ledger, Status};
use contracts::Phase;

const TWO: &str = r#"
[[confirmed]]
service = "booking"
phase = "0B"
by = "Asha"
on = "2026-11-20"
note = "Walked through the mock."
evidence = [{ what = "contracts/published/mock/booking/openapi.json", digest = "sha256:00" }]

[[confirmed]]
service = "booking"
phase = "1A"
by = "Asha"
on = "2026-11-21"
note = "It books."
evidence = [{ what = "cargo test -p booking" }]
"#;

fn names(ledger: &Ledger, service: &str, documented: bool, holds: impl Fn(Phase) -> bool) -> Vec<&'static str> {
    Status::all(ledger, service, documented, holds).into_iter().map(|(_, status)| status.name()).collect()
}

#[test]
fn only_0a_completes_by_itself_and_only_with_its_documents() {
    let none = Ledger::default();

    assert_eq!(
        names(&none, "booking", true, |_| false),
        ["DONE", "IN_PROGRESS", "PLANNED", "PLANNED", "PLANNED", "PLANNED"]
    );
    assert_eq!(
        names(&none, "booking", false, |_| true),
        ["IN_PROGRESS", "PLANNED", "PLANNED", "PLANNED", "PLANNED", "PLANNED"]
    );
}

#[test]
fn what_could_be_confirmed_needs_validation_and_nothing_after_it_does() {
    let ledger = Ledger::parse(TWO).unwrap();

    assert_eq!(
        names(&ledger, "booking", true, |_| true),
        ["DONE", "COMPLETE", "COMPLETE", "NEEDS_VALIDATION", "PLANNED", "PLANNED"]
    );
    assert_eq!(names(&ledger, "auth", true, |_| true)[1], "NEEDS_VALIDATION");
    assert!(
        ledger.is_confirmed("booking", Phase::CoreDomainLogic) && !ledger.is_confirmed("auth", Phase::CoreDomainLogic)
    );
}
