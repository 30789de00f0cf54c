//! The rules hold for the house itself.

use std::path::Path;

use scan::{Format, Report};

#[test]
fn our_own_tree_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut text = Vec::new();
    let mut report = Report::begin(Format::Text, &mut text).unwrap();

    let outcome = scan::scan(&root, &[], &mut |event| report.tell(event)).unwrap();

    report.end(&outcome).unwrap();
    assert_eq!(
        (outcome.findings, outcome.skipped, outcome.unreadable),
        (0, 0, 0),
        "{}",
        String::from_utf8_lossy(&text)
    );
    assert!(outcome.files > 100);
}
