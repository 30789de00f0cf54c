//! The order of phases.

use contracts::{Phase, Stage};

#[test]
fn only_0a_completes_by_itself() {
    let by_themselves: Vec<_> = Phase::ALL.into_iter().filter(|phase| phase.completes_by_itself()).collect();
    assert_eq!(by_themselves, [Phase::ContractSurface]);
}

#[test]
fn an_enver_is_entered_when_the_phases_before_it_are_complete() {
    let before = |stage| Phase::before(stage).map(Phase::name).collect::<Vec<_>>();
    assert!(before(Stage::Mock).is_empty());
    assert_eq!(before(Stage::Dev), ["0A", "0B"]);
    assert_eq!(before(Stage::Main), ["0A", "0B", "1A", "1B"]);
}

#[test]
fn a_phase_is_found_by_its_name() {
    assert!(Phase::ALL.into_iter().all(|phase| Phase::named(phase.name()) == Some(phase)));
    assert_eq!(Phase::named("3A"), None);
}
