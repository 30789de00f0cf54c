//! Behaviour from the use cases: the committed files are current, and every flow passes as a feature and as a state machine.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::Running;
use crate::process::enver;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn modules() -> PathBuf {
    let modules = root().join(".tools/npm/node_modules");
    for package in ["asl-validator", "aws-local-stepfunctions"] {
        assert!(modules.join(package).exists(), "{package} is missing: run .ci/tools bdd");
    }
    modules
}

/// Runs `enver bdd` in the repository; its code, and what it printed.
async fn bdd(arguments: &[&str]) -> (Option<i32>, String) {
    let output = enver().arg("bdd").args(arguments).current_dir(root()).output().await.expect("the binary runs");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

#[tokio::test]
async fn the_committed_features_and_state_machines_are_those_of_the_dataset() {
    let (code, printed) = bdd(&["generate", "--check"]).await;
    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test]
async fn a_stale_a_missing_and_a_left_over_file_are_named_and_generate_mends_them() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path();
    for name in ["mock-data", "contracts", "bdd"] {
        std::os::unix::fs::symlink(root().join(name), copy.join(name)).unwrap();
    }
    std::fs::create_dir(copy.join("functions")).unwrap();
    std::fs::write(copy.join("Cargo.toml"), "").unwrap();
    std::fs::remove_file(copy.join("bdd")).unwrap();
    let root = copy.to_str().unwrap();
    assert_eq!(bdd(&["generate", "--root", root]).await.0, Some(0));
    let feature = copy.join("bdd/features/uc3-a-shipper-books.feature");
    let whole = std::fs::read_to_string(&feature).unwrap();
    std::fs::write(&feature, whole.replace("Scenario: ", "Scenario: Not ")).unwrap();
    std::fs::write(copy.join("bdd/features/of-nobody.feature"), "Feature: nobody's\n").unwrap();
    std::fs::remove_file(copy.join("bdd/state-machines/uc3-quote-and-book.asl.json")).unwrap();

    let (code, printed) = bdd(&["generate", "--check", "--root", root]).await;

    assert_eq!(code, Some(1), "{printed}");
    for stale in ["uc3-a-shipper-books.feature", "of-nobody.feature", "uc3-quote-and-book.asl.json"] {
        assert!(printed.contains(stale), "{stale} is not named: {printed}");
    }
    assert_eq!(bdd(&["generate", "--root", root]).await.0, Some(0));
    assert_eq!(std::fs::read_to_string(&feature).unwrap(), whole);
    assert!(!copy.join("bdd/features/of-nobody.feature").exists());
    assert_eq!(bdd(&["generate", "--check", "--root", root]).await.0, Some(0));
}

#[tokio::test]
async fn every_state_machine_is_what_the_validator_takes_for_one() {
    let script = "const { default: validate } = await import(process.argv[1]);
        const { readFileSync } = await import('node:fs');
        const check = typeof validate === 'function' ? validate : validate.default;
        for (const file of process.argv.slice(2)) {
            const { isValid, errors } = check(JSON.parse(readFileSync(file)));
            if (!isValid) console.log(file, JSON.stringify(errors));
        }";
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root().join("bdd/state-machines")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    let validator = modules().join("asl-validator/dist/src/validator.js");
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", script]).arg(validator).args(&files);
    let output = node.output().await.expect("node is there: README.md names the version");
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && printed.is_empty(), "{}", String::from_utf8_lossy(&printed));
}

#[tokio::test]
async fn a_use_case_passes_in_this_process_and_both_reports_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let (html, junit) = (folder.path().join("report.html"), folder.path().join("report.xml"));

    let (html_file, junit_file) = (html.to_str().unwrap(), junit.to_str().unwrap());
    let (code, printed) = bdd(&["--tags", "@UC3", "--html", html_file, "--junit", junit_file]).await;

    assert_eq!(code, Some(0), "{printed}");
    let (html, junit) = (std::fs::read_to_string(html).unwrap(), std::fs::read_to_string(junit).unwrap());
    assert!(html.contains("Everything works as the use cases say."));
    assert!(!html.contains("eyJ"), "a token stands in the report");
    assert!(junit.contains("failures=\"0\"") && junit.contains("UC3"), "{junit}");
}

#[tokio::test]
async fn every_flow_passes_as_a_state_machine() {
    modules();
    let (code, printed) = bdd(&["--runner", "step-functions"]).await;
    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test]
async fn the_mock_that_up_started_passes_every_use_case_and_runs_state_machines() {
    modules();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (_running, origin) = up("mock", &data).await;
    let port: u16 = origin.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
    let base = (port - 100).to_string();

    // State machines of two use cases: all of them run against a dev of its own above, and Node takes its time for each.
    let machines = &["--runner", "step-functions", "--tags", "@UC3 or @UC5", "--at-once", "2"][..];
    for runner in [&["--runner", "native"][..], machines] {
        let started = ["--enver", "mock", "--port-base", &base, "--data-dir", data.to_str().unwrap()];
        let (code, printed) = bdd(&[&started[..], runner].concat()).await;
        assert_eq!(code, Some(0), "{runner:?}: {printed}");
    }
}

#[tokio::test]
async fn the_dev_that_up_started_passes_every_use_case_loses_nothing_that_was_met_once_and_prism_sees_no_violation() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (_running, origin) = up("dev", &data).await;
    let mut prism = Prism::before(&origin, &root().join("contracts/published/dev")).await;

    let (code, printed) = bdd(&["--enver", "dev", "--url", &prism.origin, "--data-dir", data.to_str().unwrap()]).await;

    let seen = prism.ended().await;
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(seen["violations"], serde_json::json!([]), "{:#}", seen["violations"]);
    let operations = seen["operations"].as_object().unwrap();
    let contracts = ["auth", "booking", "config"].map(|service| {
        let file = root().join(format!("contracts/published/dev/{service}/openapi.json"));
        let contract: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let paths = contract["paths"].as_object().unwrap().values().filter_map(Value::as_object);
        paths.map(|path| path.values().filter(|operation| operation["operationId"].is_string()).count()).sum::<usize>()
    });
    assert_eq!(operations.len(), contracts.iter().sum::<usize>(), "Prism judged other operations: {operations:?}");
}

#[tokio::test]
async fn prism_tells_an_answer_that_breaks_its_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (mut running, origin) = up("mock", &folder.path().join("data")).await;
    let file = root().join("contracts/published/mock/booking/openapi.json");
    let mut contract: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let promised =
        serde_json::json!({ "description": "", "headers": { "X-Promised": { "required": true, "schema": {} } } });
    contract["paths"]["/booking/v1/bookings"]["get"]["responses"]["401"] = promised;
    let contracts = folder.path().join("contracts");
    std::fs::create_dir_all(contracts.join("booking")).unwrap();
    std::fs::write(contracts.join("booking/openapi.json"), contract.to_string()).unwrap();

    let mut prism = Prism::before(&origin, &contracts).await;
    running.origin = prism.origin.clone();
    assert_eq!(running.call("GET", "/booking/v1/bookings", "", None).await.status, 401);

    let seen = prism.ended().await;
    let violation = &seen["violations"][0];
    assert_eq!((&violation["request"], &violation["times"]), (&"GET /booking/v1/bookings".into(), &1.into()), "{seen}");
    assert!(violation["what"].as_str().unwrap().to_lowercase().contains("x-promised"), "{seen}");
}

/// An enver of that kind on free ports, and where it answers.
async fn up(kind: &str, data: &Path) -> (Running, String) {
    let mut command = enver();
    command.current_dir(root());
    let arguments = ["up", "--enver", kind, "--port-base", "0", "--data-dir", data.to_str().unwrap()];
    let running = Running::start_with(command, &arguments).await;
    let origin = running.origin.clone();
    (running, origin)
}

/// Prism as a validating proxy; it ends when it is dropped.
struct Prism {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    origin: String,
}

impl Prism {
    async fn before(upstream: &str, contracts: &Path) -> Self {
        let modules = root().join(".tools/npm/node_modules");
        assert!(modules.join("@stoplight/prism-http").exists(), "Prism is missing: run .ci/tools documents");
        let mut child = Command::new("node")
            .arg(root().join("packages/cli/tests/prism/proxy.mjs"))
            .arg(modules)
            .arg(upstream)
            .arg(contracts)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is there: README.md names the version");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let origin = said(&mut lines).await["origin"].as_str().unwrap().to_owned();
        Self { child, lines, origin }
    }

    /// What it has seen, at its end.
    async fn ended(&mut self) -> Value {
        drop(self.child.stdin.take());
        said(&mut self.lines).await
    }
}

async fn said(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = lines.next_line().await.unwrap().expect("Prism says something");
    serde_json::from_str(&line).unwrap()
}

#[tokio::test]
async fn what_cannot_be_run_is_said_with_its_mend() {
    for (arguments, said) in [
        (&["--url", "ftp://x"][..], "is not a base URL"),
        (&["--url", "http://127.0.0.1:1"], "no dev answers at http://127.0.0.1:1: `enver up --enver mock,dev`"),
        (
            &["--enver", "mock", "--port-base", "1"],
            "no mock answers at http://127.0.0.1:101: `enver up --enver mock,dev`",
        ),
        (&["--port-base", "5000"], "--enver"),
        (&["--tags", "@UC3 and"], "is no expression of tags"),
        (&["--tags", "@NOPE"], "no scenario has these tags (--tags); there are @UC"),
        (&["--tags", "@UC3 and @UC5", "--runner", "step-functions"], "no scenario has these tags"),
        (&["--root", "/"], "is not in a repository"),
    ] {
        let (code, printed) = bdd(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {printed}");
        assert!(printed.contains(said), "{arguments:?}: {printed}");
    }
}
