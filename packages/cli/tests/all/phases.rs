//! `enver phase` and `enver context`, on this repository and on copies of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::enver;

#[tokio::test]
async fn the_committed_documents_are_current() {
    let (code, out, error) = run(&own("../.."), &["context", "generate", "--check"]).await;
    assert_eq!(code, Some(0), "{out}{error}");
}

#[tokio::test]
async fn what_is_stale_is_named_with_the_command_that_mends_it() {
    let house = House::copied();
    let stale = house.place("contracts/docs/booking/MOCK_ENVER_CONTEXT.md");
    fs::write(&stale, "by hand").unwrap();
    fs::create_dir_all(house.place("contracts/docs/gone")).unwrap();
    fs::write(house.place("contracts/docs/gone/SERVICE_CONTEXT.md"), "old").unwrap();

    let (code, out, _) = house.enver(&["context", "generate", "--check"]).await;

    assert_eq!(code, Some(1));
    assert!(out.contains("contracts/docs/booking/MOCK_ENVER_CONTEXT.md is stale\n"), "{out}");
    assert!(out.contains("contracts/docs/gone/SERVICE_CONTEXT.md is left over"), "{out}");
    assert!(out.contains("Run `enver context generate`"), "{out}");
    let (code, out, _) = house.enver(&["context", "generate"]).await;
    assert_eq!(code, Some(0));
    assert!(
        out.contains("wrote contracts/docs/booking/MOCK_ENVER_CONTEXT.md\n")
            && out.contains(" documents, 1 of them changed"),
        "{out}"
    );
    assert_eq!(house.enver(&["context", "generate", "--check"]).await.0, Some(0));
    assert_eq!(house.enver(&["context", "generate", "--check", "--service", "nobody"]).await.0, Some(2));
}

#[tokio::test]
async fn only_0a_is_complete_before_somebody_says_more() {
    let house = House::copied();

    let (code, out, _) = house.enver(&["phase", "list", "--format", "json"]).await;

    let list: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(0));
    for service in ["auth", "booking", "config"] {
        let statuses = ["0A", "0B", "1A", "2B"].map(|phase| list["services"][service][phase]["status"].clone());
        assert_eq!(statuses, ["DONE", "NEEDS_VALIDATION", "PLANNED", "PLANNED"], "{service}");
    }
    assert_eq!(house.enver(&["phase", "show", "booking", "0A"]).await.0, Some(0));
    fs::remove_file(house.place("contracts/docs/booking/SERVICE_OVERVIEW.md")).unwrap();
    let (code, out, _) = house.enver(&["phase", "show", "booking", "0A"]).await;
    assert_eq!(code, Some(1));
    assert!(out.contains("✗ the context documents are current: booking/SERVICE_OVERVIEW.md are stale"), "{out}");
}

#[tokio::test]
async fn a_confirmation_is_kept_with_who_when_why_and_the_evidence() {
    let house = House::copied();
    let confirm = ["phase", "confirm", "booking", "0B", "--by", "Asha Rao", "--note", "Walked through the mock"];

    let (code, out, error) = house
        .enver(&[&confirm[..], &["--date", "2026-11-20", "--evidence", "The report of 20 November"]].concat())
        .await;

    assert_eq!(code, Some(0), "{out}{error}");
    let ledger = fs::read_to_string(house.place("contracts/phases.toml")).unwrap();
    for word in [
        "by = \"Asha Rao\"",
        "on = \"2026-11-20\"",
        "published/mock/booking/openapi.json\", digest = \"sha256:",
        "The report of 20",
    ] {
        assert!(ledger.contains(word), "{ledger}");
    }
    let (_, out, _) = house.enver(&["phase", "list"]).await;
    assert!(out.contains("✅ COMPLETE   Asha Rao on 2026-11-20"), "{out}");
    let (code, out, _) = house.enver(&["phase", "show", "booking", "0B"]).await;
    assert!(code == Some(0) && out.contains("Confirmed by Asha Rao on 2026-11-20: Walked through the mock"), "{out}");
    let (code, _, error) = house.enver(&confirm).await;
    assert!(code == Some(2) && error.contains("confirmed already"), "{error}");
    assert_eq!(house.enver(&["context", "generate", "--check"]).await.0, Some(1));
    assert_eq!(house.enver(&["context", "generate"]).await.0, Some(0));
    let document = fs::read_to_string(house.place("contracts/docs/booking/MOCK_ENVER_CONTEXT.md")).unwrap();
    assert!(document.contains("### Phase 0B: BDD Contract Verification ✅ COMPLETE\n"));
    assert!(document.contains("Confirmed by Asha Rao on 2026-11-20: Walked through the mock"));
}

#[tokio::test]
async fn a_phase_is_refused_with_what_is_missing() {
    let house = House::copied();
    let confirm = async |phase: &str| {
        let (code, out, error) =
            house.enver(&["phase", "confirm", "booking", phase, "--by", "Asha", "--note", "Seen"]).await;
        (code, out + &error)
    };

    let (code, said) = confirm("1A").await;
    assert!(code == Some(1) && said.contains("✗ the phase before is complete: nobody has confirmed 0B"), "{said}");
    let (code, said) = confirm("0A").await;
    assert!(code == Some(2) && said.contains("completes by itself"), "{said}");
    fs::write(house.place("contracts/published/mock/booking/openapi.json"), "{}").unwrap();
    let (code, said) = confirm("0B").await;
    assert!(code == Some(1) && said.contains("openapi.json are missing or stale: run `enver publish`"), "{said}");
    assert!(!house.place("contracts/phases.toml").exists());
    let (code, _, error) = house.enver(&["phase", "show", "nobody", "0B"]).await;
    assert!(code == Some(2) && error.contains("there is no service nobody: auth, booking, config"), "{error}");
}

#[tokio::test]
async fn mock_code_a_missing_row_and_a_missing_measurement_are_each_found() {
    let house = House::copied();
    house.confirm(&["0B"]).await;
    let manifest = house.place("functions/booking/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("[dependencies]\n", "[dependencies]\ntesting.workspace = true\n")).unwrap();
    let missing = async |phase: &str| house.enver(&["phase", "show", "booking", phase]).await.1;

    let said = missing("1A").await;
    assert!(said.contains("✗ no mock code is linked: functions/booking reaches embedded-aws, testing"), "{said}");
    fs::write(&manifest, text).unwrap();
    house.confirm(&["1A"]).await;
    let table = house.place("functions/booking/access.md");
    let rows = fs::read_to_string(&table).unwrap();
    fs::write(&table, rows.replace("| getCredit |", "| getCredits |")).unwrap();
    let said = missing("1B").await;
    assert!(said.contains("access.md has no row for getCredit:"), "{said}");
    fs::write(&table, rows).unwrap();
    house.confirm(&["1B"]).await;
    fs::remove_file(house.place("bench/results.md")).unwrap();
    fs::write(house.place("functions/booking/src/price.rs"), "//! A price.\nconst TAX_RATE: f64 = 0.18;\n").unwrap();
    let said = missing("2A").await;
    assert!(said.contains("1 findings: run `enver scan functions/booking`"), "{said}");
    assert!(said.contains("bench/results.md is missing: run bench/run"), "{said}");
}

#[tokio::test]
async fn a_use_case_must_stand_in_the_documents_before_its_phase_is_confirmed() {
    let house = House::copied();
    let use_cases = house.place("mock-data/use-cases");
    fs::remove_dir_all(&use_cases).ok();
    fs::create_dir_all(&use_cases).unwrap();
    let flow = "id: UC3\ntitle: A shipper books\nas: shipper\nwant: a truck\nso that: it is carried\nprivacy: none\n\
                flows:\n  - id: books\n    title: Books\n    steps:\n      - { id: book, title: Books, actor: ravi, service: \
                booking, operation: createBooking, expect: { status: 201 } }\n";
    fs::write(use_cases.join("uc3.yaml"), flow).unwrap();
    let (_, out, _) = house.enver(&["phase", "show", "booking", "0B"]).await;
    assert!(out.contains("MOCK_ENVER_CONTEXT.md lacks 1 of 1 steps"), "{out}");
    assert_eq!(house.enver(&["context", "generate"]).await.0, Some(0));
    let (_, out, _) = house.enver(&["phase", "show", "booking", "0B"]).await;
    assert!(out.contains("✓ every step of a use case stands in the enver's document"), "{out}");
    let (_, out, _) = house.enver(&["phase", "show", "auth", "0B"]).await;
    assert!(out.contains("✗ every step of a use case stands in the enver's document: no use case"), "{out}");
}

#[tokio::test]
async fn a_badly_edited_ledger_is_told_with_line_and_column() {
    let house = House::copied();
    fs::write(house.place("contracts/phases.toml"), "# ours\n[[confirmed]]\nservice = \"booking\"\nphase = \"7Z\"\n")
        .unwrap();

    for command in [&["phase", "list"][..], &["context", "generate"]] {
        let (code, out, error) = house.enver(command).await;
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(
            error.contains("contracts/phases.toml cannot be used: line 4, column 9: \"7Z\" is no phase"),
            "{error}"
        );
    }
}

/// What of this repository the commands read, in a folder of its own.
struct House(TempDir);

impl House {
    fn copied() -> Self {
        let house = Self(tempfile::tempdir().unwrap());
        for service in own("../../functions").read_dir().unwrap() {
            let service = service.unwrap();
            for part in ["src", "tests/all", "defaults", "access.md", "Cargo.toml"] {
                copy(&service.path().join(part), &house.place("functions").join(service.file_name()).join(part));
            }
        }
        for part in ["Cargo.toml", "bench/results.md", "contracts/docs", "contracts/published", "mock-data"] {
            copy(&own(&format!("../../{part}")), &house.place(part));
        }
        for package in own("..").read_dir().unwrap() {
            let manifest = package.unwrap().path().join("Cargo.toml");
            let name = manifest.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
            copy(&manifest, &house.place(&format!("packages/{name}/Cargo.toml")));
        }
        house
    }

    fn place(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    async fn enver(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        run(self.0.path(), arguments).await
    }

    async fn confirm(&self, phases: &[&str]) {
        for phase in phases {
            let (code, out, error) =
                self.enver(&["phase", "confirm", "booking", phase, "--by", "Asha", "--note", "Seen"]).await;
            assert_eq!(code, Some(0), "{out}{error}");
        }
    }
}

async fn run(root: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let run = enver().args(arguments).arg("--root").arg(root).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in from.read_dir().unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
