//! A consumer that knows only the published contract: a TypeScript client is generated from what the platform serves,
//! compiles under all of `tsc`'s strictness, and books a truck.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

use crate::Running;
use crate::process::word_after;

fn modules() -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/npm/node_modules");
    for package in ["openapi-fetch", "openapi-typescript", "typescript"] {
        assert!(modules.join(package).exists(), "{package} is missing: run .ci/tools documents");
    }
    modules.canonicalize().unwrap()
}

async fn node(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("node").args(arguments).current_dir(folder).output().await;
    let output = output.expect("node is there: README.md names the version");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

#[tokio::test]
async fn a_generated_client_compiles_and_books_a_truck() {
    let modules = modules();
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("client");
    std::fs::create_dir(&work).unwrap();
    std::os::unix::fs::symlink(&modules, work.join("node_modules")).unwrap();
    std::fs::write(work.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    std::fs::write(work.join("book.ts"), include_str!("book.ts")).unwrap();
    let running = Running::start(&folder.path().join("data")).await;
    let password = word_after(&running.printed, "with password ").to_owned();
    for service in ["auth", "booking"] {
        let document = running.call("GET", &format!("/{service}/openapi.json"), "", None).await;
        std::fs::write(work.join(format!("{service}.json")), document.body.to_string()).unwrap();
        let (document, types) = (format!("{service}.json"), format!("{service}.d.ts"));
        node(&work, &["node_modules/openapi-typescript/bin/cli.js", &document, "-o", &types]).await;
    }

    let strict = [
        "--strict",
        "--noUncheckedIndexedAccess",
        "--exactOptionalPropertyTypes",
        "--noImplicitReturns",
        "--noPropertyAccessFromIndexSignature",
        "--module",
        "nodenext",
        "--target",
        "es2022",
    ];
    node(&work, &[&["node_modules/typescript/bin/tsc"], &strict[..], &["book.ts"]].concat()).await;
    let printed = node(&work, &["book.js", &running.origin, &password]).await;

    let booked: Value = serde_json::from_str(&printed).expect("one JSON object");
    assert_eq!(booked["status"], "created");
    assert_eq!(booked["refused"], "VALIDATION_ERROR");
    assert_eq!(booked["again"], "QUOTE_USED");
}
