//! An independent judge: Schemathesis attacks every service by its published contract, with all checks in all phases, in
//! mock as in dev, and finds nothing.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::Running;
use crate::process::enver;

fn tool() -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/schemathesis/bin/schemathesis");
    assert!(tool.exists(), "Schemathesis is missing: run .ci/tools documents");
    tool.canonicalize().unwrap()
}

/// Lets as many calls in as there are, for everybody of a tenant.
async fn lift_limits(running: &Running, token: &str) {
    const PATH: &str = "/config/v1/documents/global.operational.rate-limits";
    let known = running.call("GET", PATH, token, None).await;
    let mut limits = known.body["data"]["own"].clone();
    for limit in limits.as_object_mut().unwrap().values_mut() {
        *limit = json!({ "limit": 1_000_000, "seconds": 60 });
    }
    let change = json!({ "value": limits, "reason": "An attack" });
    let changed = running.try_call("PUT", PATH, token, &[("if-match", &known.etag)], Some(change)).await.unwrap();
    assert_eq!(changed.status, 200, "{}", changed.body);
    let limit = async || running.call("GET", "/auth/v1/sessions", token, None).await;
    crate::process::until(limit, |answer| answer.limit > 1000 || answer.status == 403).await;
}

#[tokio::test]
async fn an_attack_on_every_service_of_dev_finds_nothing() {
    attacked("dev").await;
}

#[tokio::test]
async fn an_attack_on_every_service_of_the_mock_finds_nothing() {
    attacked("mock").await;
}

async fn attacked(kind: &str) {
    let (tool, folder) = (tool(), tempfile::tempdir().unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = folder.path().join("data");
    let mut command = enver();
    command.current_dir(&root);
    let arguments = ["up", "--enver", kind, "--port-base", "0", "--data-dir", data.to_str().unwrap()];
    let running = Running::start_with(command, &arguments).await;
    let log_in = async |account: &str| {
        let kept = std::fs::read(data.join(kind).join(account)).unwrap();
        let kept: Value = serde_json::from_slice(&kept).unwrap();
        running.token_by(kept["email"].as_str().unwrap(), kept["password"].as_str().unwrap()).await
    };
    lift_limits(&running, &log_in("platform.json").await).await;
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    for service in ["config", "booking", "auth"] {
        let contract = root.join(format!("contracts/published/{kind}/{service}/openapi.json"));
        let report = folder.path().join(format!("{service}.json"));
        // Its own log-in each: the attack on one service ends the sessions it was let in by.
        let token = log_in("demo.json").await;
        let output = Command::new(&tool)
            .arg("--config-file")
            .arg(settings.join("schemathesis.toml"))
            .args(["--no-color", "run"])
            .arg(contract.canonicalize().unwrap())
            .args(["--url", &running.origin, "--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "3"])
            .args(["--seed", "1", "--generation-database", "none", "--request-timeout", "30", "--no-shrink"])
            .args(["--continue-on-failure", "--report", "json", "--report-json-path"])
            .arg(&report)
            .current_dir(folder.path())
            .env("PYTHONPATH", &settings)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .await
            .expect("Schemathesis starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{kind} {service}:\n{printed}{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        assert!(!found.to_string().is_empty());
        assert!(printed.contains("generated"), "{printed}");
    }
}
