//! The stacks of `infra-cdk/`: they compile strictly, equal the published contracts both ways, and satisfy cdk-nag and
//! cfn-lint.

use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::OnceCell;

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra-cdk");
    assert!(folder.join("node_modules/aws-cdk-lib").exists(), "the CDK is missing: run .ci/tools infrastructure");
    folder.canonicalize().unwrap()
}

/// Compiles the program, once for all tests: what is written must not be read meanwhile.
pub async fn compiled() {
    static COMPILED: OnceCell<()> = OnceCell::const_new();
    COMPILED.get_or_init(|| node(&["node_modules/typescript/bin/tsc"])).await;
}

async fn node(arguments: &[&str]) {
    let output = Command::new("node").args(arguments).current_dir(folder()).output().await;
    let output = output.expect("node is there: README.md names the version");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {printed}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn the_stacks_are_what_the_contracts_say() {
    compiled().await;
    node(&["--test", "build/src/test/all.test.js"]).await;
}
