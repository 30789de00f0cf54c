//! `enver new`, as an engineer uses it: what it writes is a crate of this workspace, `sample`, which is compiled, linted
//! and tested like every other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::enver;

/// What the crate `sample` was made with.
const SAMPLE: [&[&str]; 6] = [
    &["service", "sample"],
    &["operation", "sample", "listSamples"],
    &["operation", "sample", "updateSample"],
    &["operation", "sample", "deleteSample"],
    &["operation", "sample", "approveSample", "--path", "/sample/v1/samples/{sampleId}/approval"],
    &["operation", "sample", "replaceSample"],
];

#[tokio::test]
async fn what_is_written_is_the_crate_that_this_workspace_compiles_and_tests() {
    let house = House::copied();

    for arguments in SAMPLE {
        let (code, _, error) = house.enver_new(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {error}");
    }

    let (written, kept) = (house.0.path().join("functions/sample"), own("tests/sample"));
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&kept);
        files(&written).iter().for_each(|(name, text)| {
            let file = kept.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        });
    }
    let (written, kept) = (files(&written), files(&kept));
    assert_eq!(written.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (name, text) in written {
        assert_eq!(
            text, kept[&name],
            "{name} is not what packages/cli/tests/sample holds: when this is meant, run the test again with BLESS=1"
        );
    }
}

#[tokio::test]
async fn a_service_takes_its_places_in_the_lists_of_the_house() {
    let house = House::copied();
    let before =
        ["Cargo.toml", "packages/cli/Cargo.toml", "packages/cli/src/constellation.rs"].map(|file| house.read(file));

    let (code, out, error) = house.enver_new(&["service", "billing", "--record", "invoice"]).await;

    assert_eq!(code, Some(0), "{error}");
    assert!(
        out.contains("wrote   functions/billing/src/create_invoice.rs\n") && out.contains("cargo test -p billing"),
        "{out}"
    );
    let [workspace, cli, mounted] = before;
    let neighbour = "auth = { path = \"functions/auth\" }\n";
    let line = "billing = { path = \"functions/billing\" }\n";
    assert_eq!(house.read("Cargo.toml"), workspace.replace(neighbour, &format!("{neighbour}{line}")));
    let neighbour = "bdd.workspace = true\n";
    assert_eq!(
        house.read("packages/cli/Cargo.toml"),
        cli.replacen(neighbour, &format!("{neighbour}billing.workspace = true\n"), 1)
    );
    let neighbour = "            Arc::new(auth::mount(&platform)?),\n";
    let line = "            Arc::new(billing::mount(&platform)?),\n";
    assert_eq!(
        house.read("packages/cli/src/constellation.rs"),
        mounted.replace(neighbour, &format!("{neighbour}{line}"))
    );
    let builds = house.read("contracts/src/builds.rs");
    assert!(builds.contains("mod auth;\nmod billing;\nmod booking;\n"), "{builds}");
    assert!(builds.contains("auth::BUILD, billing::BUILD, booking::BUILD"), "{builds}");
    assert!(house.read("contracts/src/builds/billing.rs").contains("kind: Kind::Service(\"billing\")"));
    let published = house.read("packages/cli/src/publish.rs");
    assert!(published.contains("Contract::of(&billing::service()),"), "{published}");
}

#[tokio::test]
async fn an_operation_joins_a_service_that_people_wrote() {
    let house = House::copied();

    let (code, _, error) = house.enver_new(&["operation", "booking", "getCreditNote"]).await;

    assert_eq!(code, Some(0), "{error}");
    let lib = house.read("functions/booking/src/lib.rs");
    assert!(lib.contains("mod create_contract;\nmod credit;\nmod credit_notes;\nmod domain;"), "{lib}");
    assert!(lib.contains(
        "get_credit::handle),\n            Operation::new(&get_credit_note::DECLARATION, get_credit_note::handle),\n"
    ));
    assert!(house.read("functions/booking/tests/all/access.rs").contains("\"creditNoteId\" => match owner {"));
    assert!(house.read("functions/booking/tests/all/promises.rs").contains(
        "    walk_the_credit(&world).await;\n    crate::get_credit_note::walk(&world).await;\n\n    promises::"
    ));
    let table = house.read("functions/booking/access.md");
    let rows: Vec<&str> =
        table.lines().filter_map(|line| line.split(' ').nth(1)).skip_while(|id| *id != "getCredit").take(5).collect();
    assert_eq!(rows, ["getCredit", "getCreditNote", "getCreditNote", "getCreditNote", "getShipperSummary"]);
}

#[tokio::test]
async fn an_operation_is_walked_in_the_world_that_the_service_walks_in() {
    for (service, step) in [
        (
            "auth",
            "    sessions(office).await;\n    crate::get_credit_note::walk(&office.world).await;\n\n    promises::",
        ),
        ("config", "    }\n    crate::get_credit_note::walk(&world).await;\n\n    promises::"),
    ] {
        let house = House::copied();

        let (code, _, error) = house.enver_new(&["operation", service, "getCreditNote"]).await;

        assert_eq!(code, Some(0), "{error}");
        let walk = house.read(&format!("functions/{service}/tests/all/promises.rs"));
        assert!(walk.contains(step), "{walk}");
        let access = house.read(&format!("functions/{service}/tests/all/access.rs"));
        assert!(access.contains("            \"creditNoteId\" => match owner {"), "{access}");
    }
}

#[tokio::test]
async fn a_row_says_nothing_of_those_who_never_call_the_service() {
    for (service, row) in [
        ("auth", "| listCreditNotes |  | – | yes | 403 | 403 | 403 | 401 | 401 | 401 |"),
        ("config", "| listCreditNotes |  | 403 | yes | 403 | 403 | 403 | 401 | 401 | 401 |"),
    ] {
        let house = House::copied();

        let (code, _, error) = house.enver_new(&["operation", service, "listCreditNotes"]).await;

        assert_eq!(code, Some(0), "{error}");
        let table = house.read(&format!("functions/{service}/access.md"));
        assert!(table.lines().any(|line| line == row), "{table}");
    }
}

#[tokio::test]
async fn every_verb_is_at_home_in_every_service() {
    let house = House::copied();
    assert_eq!(house.enver_new(&["service", "billing"]).await.0, Some(0));

    for service in ["auth", "billing", "booking", "config"] {
        for verb in ["get", "create", "list", "update", "replace", "delete", "approve"] {
            let id = if verb == "list" { "listCreditNotes".to_owned() } else { format!("{verb}CreditNote") };
            let (code, _, error) = house.enver_new(&["operation", service, &id]).await;
            assert_eq!(code, Some(0), "{service} {id}: {error}");
        }
        let table = house.read(&format!("functions/{service}/access.md"));
        assert_eq!(table.lines().filter(|line| line.contains("CreditNote")).count(), 5 * 3 + 2, "{table}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_2_and_nothing_is_written() {
    let house = House::copied();
    let before = files(house.0.path());

    for (arguments, reason) in [
        (&["service", "Billing"][..], "lower-case letters"),
        (&["service", "booking"], "is there already"),
        (&["service", "match"], "a meaning of its own"),
        (&["service", "serde"], "Cargo.lock"),
        (&["service", "odmd-billing"], "odmd-"),
        (&["service", "billing", "--record", "Invoices"], "singular"),
        (&["operation", "billing", "createInvoice"], "enver new service billing"),
        (&["operation", "../booking", "createInvoice"], "lower-case letters"),
        (&["operation", "booking", "invoice"], "a verb and a noun"),
        (&["operation", "booking", "createBooking"], "is there already"),
        (&["operation", "booking", "archiveBooking"], "written by hand"),
        (&["operation", "booking", "createNote", "--path", "/config/v1/notes"], "/booking/v1/"),
        (&["operation", "booking", "createNote", "--path", "/booking/v1/../notes"], "no segment"),
        (&["operation", "booking", "deleteNote", "--path", "/booking/v1/notes"], "names no record"),
        (&["operation", "booking", "getNote", "--path", "/booking/v1/notes/{id}"], "{noteId}"),
        (&["operation", "booking", "createNote", "--path", "/booking/v1/bookings"], "POST /booking/v1/bookings"),
        (&["operation", "booking", "getNote", "--path", "/booking/v1/bookings/{noteId}"], "the router"),
        (&["operation", "booking", "createNote", "--method", "HEAD"], "HEAD"),
        (&["operation", "config", "getOrigin"], "written by hand"),
        (&["operation", "auth", "getMachine"], "a test module machines"),
    ] {
        let (code, out, error) = house.enver_new(arguments).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }

    assert_eq!(files(house.0.path()), before);
}

#[tokio::test]
async fn files_that_differ_from_the_last_commit_are_left_alone_unless_that_is_meant() {
    let house = House::copied();
    let git = |arguments: &[&str]| {
        let git = std::process::Command::new("git").args(arguments).current_dir(house.0.path()).output().expect("git");
        assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "A house"]);
    let root = house.0.path().to_str().unwrap();
    let new = async || enver().args(["new", "service", "billing", "--root", root]).output().await.unwrap();
    fs::write(house.0.path().join("Cargo.toml"), house.read("Cargo.toml") + "# changed\n").unwrap();

    let refused = new().await;

    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("Cargo.toml differ from the last commit") && error.contains("--allow-dirty"), "{error}");
    assert!(!house.0.path().join("functions/billing").exists());
    git(&["checkout", "--quiet", "Cargo.toml"]);
    assert_eq!(new().await.status.code(), Some(0));
}

/// What of the repository the command reads, in a folder of its own.
struct House(TempDir);

impl House {
    fn copied() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = own("../..");
        let place = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        for name in [
            "Cargo.toml",
            "rustfmt.toml",
            "contracts/src/builds.rs",
            "packages/cli/Cargo.toml",
            "packages/cli/src/constellation.rs",
            "packages/cli/src/publish.rs",
        ] {
            place(name, &fs::read_to_string(root.join(name)).unwrap());
        }
        for service in ["auth", "booking", "config"] {
            for (name, text) in files(&root.join("functions").join(service)) {
                place(&format!("functions/{service}/{name}"), &text);
            }
        }
        // Without the sample, whose name would be taken.
        place("Cargo.lock", "[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n");
        Self(folder)
    }

    async fn enver_new(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let root = self.0.path().to_str().unwrap();
        let run = enver().arg("new").args(arguments).args(["--root", root, "--allow-dirty"]).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (run.status.code(), text(run.stdout), text(run.stderr))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

/// Every file below a folder, by its name from there.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
