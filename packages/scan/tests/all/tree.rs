//! Trees of files: which are read, and which belong to a service.

use std::fs;
use std::path::{Path, PathBuf};

use scan::{Event, LONGEST_FILE, Outcome};
use tempfile::TempDir;

const BAD: &str = "const TAX_RATE: f64 = 0.18;\n";
const LIMIT: &str = "const MAX_ITEMS: usize = 5;\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// Files with findings, files that were skipped, and the numbers.
fn scanned(path: &Path, services: &[PathBuf]) -> (Vec<String>, Vec<String>, Outcome) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let name = |file: &Path| file.strip_prefix(path).unwrap_or(file).display().to_string();
    let outcome = scan::scan(path, services, &mut |event| {
        match event {
            Event::Found { file, .. } => found.push(name(file)),
            Event::Skipped { file, .. } => skipped.push(name(file)),
        }
        Ok(())
    });
    (found, skipped, outcome.unwrap())
}

#[test]
fn a_file_a_folder_and_a_tree_are_scanned_in_order() {
    let tree = tree(&[
        ("b.rs", BAD),
        ("a/c.ts", "const rate = 5"),
        ("a/b.py", "rate = 5"),
        ("z.yml", "rate: 5"),
        ("x.txt", BAD),
    ]);

    let (found, skipped, outcome) = scanned(tree.path(), &[]);

    assert_eq!(found, ["a/b.py", "a/c.ts", "b.rs", "z.yml"]);
    assert!(skipped.is_empty());
    assert_eq!((outcome.files, outcome.findings), (4, 4));
    assert_eq!(scanned(&tree.path().join("b.rs"), &[]).2.findings, 1);
    assert_eq!(scanned(&tree.path().join("a"), &[]).2.findings, 2);
}

#[test]
fn ignored_hidden_and_foreign_files_are_passed_over() {
    let tree = tree(&[
        (".gitignore", "/build\n*.gen.rs\n"),
        ("build/a.rs", BAD),
        ("b.gen.rs", BAD),
        (".hidden/c.rs", BAD),
        ("node_modules/d/e.js", "rate = 5"),
        ("kept.rs", BAD),
    ]);

    assert_eq!(scanned(tree.path(), &[]).0, ["kept.rs"]);
}

#[test]
fn tests_are_passed_over_unless_they_are_asked_for() {
    let tree = tree(&[
        ("tests/all/a.rs", BAD),
        ("src/a.test.ts", "rate = 5"),
        ("src/__tests__/b.ts", "rate = 5"),
        ("src/test_c.py", "rate = 5"),
        ("src/contest.py", "rate = 5"),
    ]);

    assert_eq!(scanned(tree.path(), &[]).0, ["src/contest.py"]);
    assert_eq!(scanned(&tree.path().join("tests"), &[]).2.findings, 1);
    assert_eq!(scanned(&tree.path().join("src/a.test.ts"), &[]).2.findings, 1);
}

#[test]
fn what_cannot_be_read_is_said() {
    let long = "x".repeat(usize::try_from(LONGEST_FILE).unwrap() + 1);
    let tree = tree(&[("long.rs", &long), ("binary.rs", "a\0b"), ("broken.yaml", "rate: 5\nb: [1"), ("fine.rs", "")]);
    fs::write(tree.path().join("latin.py"), b"x = '\xe9'").unwrap();

    let (found, skipped, outcome) = scanned(tree.path(), &[]);

    assert_eq!(skipped, ["binary.rs", "broken.yaml", "latin.py", "long.rs"]);
    assert_eq!(found, ["broken.yaml"]);
    assert_eq!((outcome.files, outcome.skipped, outcome.unreadable), (2, 4, 0));
}

#[test]
fn limits_hold_below_the_folders_of_services_or_everywhere_without_any() {
    let files = [("functions/a.rs", LIMIT), ("packages/b.rs", LIMIT), ("packages/c.rs", BAD)];
    let house = tree(&files);
    assert_eq!(scanned(house.path(), &[]).0, ["functions/a.rs", "packages/c.rs"]);
    assert_eq!(scanned(house.path(), &[house.path().join("packages")]).0, ["packages/b.rs", "packages/c.rs"]);
    assert_eq!(scanned(tree(&files[1..]).path(), &[]).0, ["packages/b.rs", "packages/c.rs"]);

    fs::create_dir(house.path().join(".git")).unwrap();
    assert!(scanned(&house.path().join("packages/b.rs"), &[]).0.is_empty());
    assert_eq!(scanned(&house.path().join("functions"), &[]).0, ["a.rs"]);
}

#[test]
fn links_are_not_followed() {
    let tree = tree(&[("a/b.rs", BAD)]);
    std::os::unix::fs::symlink(tree.path(), tree.path().join("a/again")).unwrap();
    std::os::unix::fs::symlink(tree.path().join("a/b.rs"), tree.path().join("c.rs")).unwrap();

    assert_eq!(scanned(tree.path(), &[]).0, ["a/b.rs"]);
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let missing = Path::new("no/such/folder");
    let error = scan::scan(missing, &[], &mut |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("no/such/folder"));
}
