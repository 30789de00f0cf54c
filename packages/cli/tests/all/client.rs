//! `enver client generate`, as scripts use it.

use std::path::Path;

use crate::process::enver;

/// The code it ends with, and what it says on standard output and standard error. rustfmt is found by the environment.
async fn generate(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = enver();
    for name in ["HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
        command.envs(std::env::var(name).map(|value| (name, value)));
    }
    let run = command.args(["client", "generate"]).args(arguments).output().await.expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[tokio::test]
async fn it_writes_clients_says_which_are_stale_and_refuses_what_cannot_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../service-client/tests/desk");
    for name in ["asyncapi.json", "upstreams.yaml", "openapi.json"] {
        std::fs::copy(desk.join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().to_str().unwrap();

    let (code, out, error) = generate(&["--check", path]).await;
    assert_eq!(code, Some(1), "{error}");
    assert!(out.contains("desk.rs: it is missing") && out.contains("Run `enver client generate"), "{out}");
    let (code, out, error) = generate(&[path]).await;
    assert_eq!(code, Some(0), "{error}");
    assert!(out.ends_with("1 declarations, 3 files changed.\n"), "{out}");
    assert_eq!(generate(&["--check", path]).await.0, Some(0));

    std::fs::write(folder.path().join("src/upstreams/usage.json"), "{}\n").unwrap();
    let (code, out, _) = generate(&["--check", path]).await;
    assert_eq!(code, Some(1));
    assert!(out.contains("usage.json: line 1 is"), "{out}");

    std::fs::remove_file(folder.path().join("openapi.json")).unwrap();
    let (code, _, error) = generate(&["--check", path]).await;
    assert_eq!(code, Some(2));
    assert!(error.contains("openapi.json: the upstream has published no such artifact"), "{error}");
    assert_eq!(generate(&["no/such/place"]).await.0, Some(2));
}
