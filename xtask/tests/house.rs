//! The rules of the house: which crate may reach which, and how a file begins.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

const KERNEL: [&str; 4] = ["operation", "policy", "service-errors", "validation"];
const HOSTS: [&str; 3] = ["host-lambda", "host-native", "host-worker"];

/// Crates of ours that exist for tests and tools, and may never be linked into what is deployed.
const NEVER_DEPLOYED: [&str; 8] = ["context", "dataset", "document", "embedded-aws", "mock", "scan", "spec", "testing"];

#[test]
fn the_kernel_reaches_no_host_no_sdk_and_no_runtime() {
    let house = House::get();
    for kernel in KERNEL {
        let reached = house.reaches(kernel);
        let forbidden: Vec<_> = reached
            .iter()
            .filter(|name| {
                HOSTS.contains(&name.as_str()) || name.starts_with("aws-") || *name == "tokio" || *name == "hyper"
            })
            .collect();
        assert!(forbidden.is_empty(), "{kernel} reaches {forbidden:?}: see `cargo tree -p {kernel} -e normal`");
    }
}

#[test]
fn the_kernel_compiles_for_wasm32() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["check", "--target", "wasm32-unknown-unknown"]).current_dir(root());
    for kernel in KERNEL {
        command.args(["--package", kernel]);
    }

    let checked = command.output().expect("cargo runs");

    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn a_service_reaches_no_other_service_and_no_host() {
    let house = House::get();
    for service in house.services() {
        let reached = house.reaches(&service);
        let forbidden: Vec<_> = reached
            .iter()
            .filter(|name| {
                let name = name.as_str();
                (house.services().contains(name) && name != service)
                    || HOSTS.contains(&name)
                    || NEVER_DEPLOYED.contains(&name)
            })
            .collect();
        assert!(forbidden.is_empty(), "{service} reaches {forbidden:?}: services meet through published artifacts");
    }
}

#[test]
fn hosts_and_the_cloud_link_nothing_that_is_only_for_tests() {
    let house = House::get();
    for name in ["cloud", "config-client", "host-lambda", "host-worker"] {
        let reached = house.reaches(name);
        let forbidden: Vec<_> = reached.iter().filter(|name| NEVER_DEPLOYED.contains(&name.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} reaches {forbidden:?}");
    }
}

#[test]
fn what_is_deployed_links_no_mock_and_no_dataset() {
    let house = House::get();
    for name in house.services().into_iter().chain(["edge".to_owned()]).chain(HOSTS.map(str::to_owned)) {
        let reached = house.reaches(&name);
        for engine in ["dataset", "minijinja", "mock"] {
            assert!(!reached.contains(engine), "{name} reaches {engine}: a mock is for mock envers");
        }
    }
}

/// The graph says what may be linked; the bytes say what is. What stands in the binary that has the engine in it stands in
/// none of a service: one binary goes to every enver, `dev` and `main` among them.
#[test]
fn the_binaries_of_services_hold_nothing_of_the_mock() {
    let house = House::get();
    let functions =
        house.services().into_iter().filter(|name| root().join("functions").join(name).join(FUNCTION).is_file());
    let functions: Vec<String> = functions.collect();
    assert!(!functions.is_empty(), "no service has {FUNCTION}: this test looks at nothing");
    let features: Vec<_> = functions.iter().map(|name| format!("{name}/lambda")).collect();
    let programs = programs(&features.join(","));
    let program = |name: &str| programs.get(name).unwrap_or_else(|| panic!("cargo builds no {name}"));
    for name in functions {
        for mark in MARKS {
            assert!(!holds(program(&format!("{name}-lambda")), mark), "{name} holds {mark:?}, which is of the mock");
        }
    }
    for mark in MARKS {
        assert!(holds(program("enver"), mark), "{mark:?} is no mark of the mock any more: choose another");
    }
}

const FUNCTION: &str = "src/bin/lambda.rs";

/// The programs of the house by their names. They are built as `cargo xtask test` builds them, so that after it there is
/// nothing to do.
fn programs(features: &str) -> BTreeMap<String, PathBuf> {
    let mut build = Command::new(env!("CARGO"));
    let what = ["test", "--workspace", "--no-run", "--message-format=json", "--features", features];
    let built = build.args(what).current_dir(root()).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = |message: Value| {
        let named = message["target"]["kind"][0] == "bin" && message["profile"]["test"] == false;
        let file = message["executable"].as_str().filter(|_| named)?;
        Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(file)))
    };
    messages.filter_map(program).collect()
}

/// `grep` is a hundred times as fast as an unoptimised test, and these files have hundreds of megabytes.
fn holds(file: &Path, mark: &str) -> bool {
    let searched = Command::new("grep").args(["--quiet", "--text", "--fixed-strings", mark]).arg(file).status();
    match searched.expect("grep runs").code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("grep ends with {other:?} on {}", file.display()),
    }
}

/// Texts of the engine (`packages/mock/src/keys.rs`) and of the runner of flows (`packages/dataset`).
const MARKS: [&str; 2] = ["enver mock service secret", "has no token: save tokens."];

#[test]
fn the_declarations_reach_nothing_of_ours() {
    let house = House::get();
    let reached = house.reaches("contracts");
    let ours: Vec<_> = reached.intersection(&house.ours()).cloned().collect();
    assert!(ours.is_empty(), "contracts reaches {ours:?}: declarations stand under everything");
}

#[test]
fn every_service_is_declared() {
    let folder = root().join("contracts/src/builds");
    let files = std::fs::read_dir(&folder).expect("declarations").flatten();
    let declared: BTreeSet<String> =
        files.filter_map(|file| Some(file.path().file_stem()?.to_string_lossy().into_owned())).collect();
    let missing: Vec<_> = House::get().services().difference(&declared).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}: declare them, one file each, in {}", folder.display());
}

#[test]
fn no_crate_is_a_drawer() {
    for name in House::get().ours() {
        assert!(!["common", "core", "types", "util", "utils"].contains(&name.as_str()), "{name} says nothing");
    }
}

#[test]
fn every_file_begins_by_saying_what_it_does() {
    let mut silent = Vec::new();
    for folder in ["bench", "contracts", "functions", "packages", "xtask"] {
        sources(&root().join(folder), &mut |path| {
            let text = std::fs::read_to_string(path).expect("a readable source");
            if !text.starts_with("//!") {
                silent.push(path.to_owned());
            }
        });
    }
    assert!(silent.is_empty(), "no `//!` in the first line of {silent:#?}");
}

#[test]
fn an_operation_is_one_file_in_the_usual_order() {
    let mut wrong = Vec::new();
    sources(&root().join("functions"), &mut |path| {
        let text = std::fs::read_to_string(path).expect("a readable source");
        let place = |needle: &str| text.find(needle);
        let Some(declaration) = place("pub const DECLARATION") else { return };
        let handle = place("pub async fn handle");
        if handle.is_none_or(|handle| declaration >= handle) {
            wrong.push(format!("{}: the handler comes after the declaration", path.display()));
        }
        if text[..declaration].contains("\nfn ") || text[..declaration].contains("\nasync fn ") {
            wrong.push(format!("{}: helpers stand below the handler", path.display()));
        }
        let service = path.parent().expect("a folder").join("lib.rs");
        let module = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let list = std::fs::read_to_string(service).expect("the service's list");
        if !list.contains(&format!("&{module}::DECLARATION")) {
            wrong.push(format!("{}: it is not on the list in lib.rs", path.display()));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The crates of the workspace and the normal edges between all crates, as Cargo resolved them with default features.
struct House {
    edges: BTreeMap<String, BTreeSet<String>>,
    ours: BTreeMap<String, PathBuf>,
}

impl House {
    /// Read once for all tests.
    fn get() -> &'static Self {
        static HOUSE: LazyLock<House> = LazyLock::new(House::read);
        &HOUSE
    }

    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let packages = metadata["packages"].as_array().expect("packages");
        let names: BTreeMap<String, String> =
            packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let members: BTreeSet<String> =
            metadata["workspace_members"].as_array().expect("members").iter().map(text).collect();
        let ours = packages
            .iter()
            .filter(|package| members.contains(&text(&package["id"])))
            .map(|package| (text(&package["name"]), PathBuf::from(text(&package["manifest_path"]))))
            .collect();
        let mut edges = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
            let is_normal = |dependency: &&Value| {
                dependency["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
            };
            let to = node["deps"].as_array().into_iter().flatten().filter(is_normal);
            let to = to.map(|dependency| names[&text(&dependency["pkg"])].clone()).collect();
            edges.insert(names[&text(&node["id"])].clone(), to);
        }
        Self { edges, ours }
    }

    fn ours(&self) -> BTreeSet<String> {
        self.ours.keys().cloned().collect()
    }

    /// The crates in functions/ but the edge, which is a host's binary and holds several services.
    fn services(&self) -> BTreeSet<String> {
        let folder = root().join("functions").canonicalize().expect("functions/");
        let inside = self.ours.iter().filter(|(_, manifest)| manifest.starts_with(&folder));
        inside.map(|(name, _)| name.clone()).filter(|name| name != "edge").collect()
    }

    fn reaches(&self, from: &str) -> BTreeSet<String> {
        assert!(self.ours.contains_key(from), "there is no crate {from}");
        let mut reached = BTreeSet::new();
        let mut next = vec![from.to_owned()];
        while let Some(name) = next.pop() {
            for to in self.edges.get(&name).into_iter().flatten() {
                if reached.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        reached
    }
}

fn sources(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != "node_modules" && name != "build" {
            sources(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
