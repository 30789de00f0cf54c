//! The captured events of the Lambda runtime's own crates, wherever Cargo has put them: each is answered or refused, and
//! none ends the function.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{booking, function};

/// The folder of a crate that this one is built with.
fn folder_of(name: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == name).expect("the crate");
    Path::new(package["manifest_path"].as_str().expect("a path")).parent().expect("a folder").to_owned()
}

/// The events in a folder, by name. A crate that ships none fails here.
fn events(folder: &Path, prefixes: &[&str]) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).expect("fixtures").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            let event = serde_json::from_slice(&std::fs::read(file.path()).expect("a file")).expect("JSON");
            found.push((name, event));
        }
    }
    assert!(!found.is_empty(), "no fixtures in {}", folder.display());
    found
}

#[tokio::test]
async fn captured_requests_are_answered() {
    let world = booking().await;
    let other = function(&world, "booking::other");
    for (name, event) in events(&folder_of("lambda_http").join("tests/data"), &["alb", "apigw", "lambda_function_url"])
    {
        let answer = other.invoke(event).await.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let status = answer["statusCode"].as_u64().unwrap_or_default();
        assert!((400..500).contains(&status), "{name}: {answer}");
    }
}

#[tokio::test]
async fn captured_events_of_every_other_source_are_refused_cleanly_or_answered() {
    let world = booking().await;
    let (other, consumer) = (function(&world, "booking::other"), function(&world, "booking::update_shipper_summary"));
    for (name, event) in events(&folder_of("aws_lambda_events").join("src/fixtures"), &["example-"]) {
        if let Err(fault) = other.invoke(event.clone()).await {
            assert!(fault.to_string().starts_with("the event is not "), "{name}: {fault}");
        }
        match consumer.invoke(event).await {
            Ok(outcome) => assert!(outcome["batchItemFailures"].is_array(), "{name}: {outcome}"),
            Err(fault) => assert!(fault.to_string().starts_with("the event is not a batch"), "{name}: {fault}"),
        }
    }
}
