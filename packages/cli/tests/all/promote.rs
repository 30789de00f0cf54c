//! `enver promote`: main runs the very build that dev ran, or nothing changes.

use std::fs;

use serde_json::{Value, json};

use crate::can_deploy::Repository;
use crate::process::enver;

const DEPLOYMENTS: &str = "contracts/deployments.json";

/// The build that dev runs of booking.
fn ran() -> Value {
    json!({ "digest": "ab".repeat(32), "architecture": "arm64" })
}

async fn promote(repository: &Repository, arguments: &[&str]) -> (Option<i32>, String) {
    let root = repository.path("");
    let mut command = enver();
    command.arg("promote").args(arguments).args(["--root", root.to_str().expect("a path of text")]);
    let run = command.output().await.expect("the binary starts");
    (run.status.code(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
}

fn recorded(repository: &Repository) -> Value {
    serde_json::from_slice(&fs::read(repository.path(DEPLOYMENTS)).unwrap()).unwrap()
}

#[tokio::test]
async fn main_runs_the_digest_that_dev_ran() {
    let repository = Repository::new();
    let before = json!({ "dev": { "booking": ran() }, "main": { "auth": ran() } });
    repository.write(DEPLOYMENTS, &before.to_string());

    let (code, printed) = promote(&repository, &["booking", "--from", "dev", "--to", "main"]).await;

    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains(&"ab".repeat(32)), "{printed}");
    let wanted = json!({ "dev": { "booking": ran() }, "main": { "auth": ran(), "booking": ran() } });
    assert_eq!(recorded(&repository), wanted);
}

#[tokio::test]
async fn what_can_not_be_deployed_is_not_promoted() {
    let repository = Repository::new();
    let before = json!({ "dev": { "booking": ran() } });
    repository.write(DEPLOYMENTS, &before.to_string());
    fs::remove_file(repository.path("contracts/phases.toml")).unwrap();

    let (code, printed) = promote(&repository, &["booking", "--from", "dev", "--to", "main"]).await;

    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("phase-not-confirmed") && printed.contains("Nothing was promoted"), "{printed}");
    assert_eq!(recorded(&repository), before);
}

#[tokio::test]
async fn a_build_that_dev_never_ran_cannot_be_promoted() {
    let repository = Repository::new();

    let (code, printed) = promote(&repository, &["booking", "--from", "dev", "--to", "main"]).await;
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("enver build lambda booking --record dev"), "{printed}");

    let (code, printed) = promote(&repository, &["booking", "--from", "mock", "--to", "main"]).await;
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("not from mock to main"), "{printed}");

    repository.write(DEPLOYMENTS, r#"{ "dev": { "booking": "a digest" } }"#);
    let (code, printed) = promote(&repository, &["booking", "--from", "dev", "--to", "main"]).await;
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("deployments.json"), "{printed}");
}

#[tokio::test]
async fn the_build_of_main_is_never_recorded_by_hand() {
    let output = enver().args(["build", "lambda", "--record", "main"]).output().await.unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("enver promote"));
}
