//! `enver emulate`: the stacks, zips and documents of a deployment, on an AWS emulated on this machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tokio::process::Command;

use crate::infrastructure::compiled;
use crate::process::{enver, until};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The command, which leaves what it writes below `folder`.
fn emulate(root: &Path, folder: &Path) -> Command {
    let mut command = enver();
    command.args(["emulate", "--root"]).arg(root).env("TMPDIR", folder);
    command
}

/// The repository that this is a part of, in which everything published is committed: what is not cannot be deployed.
async fn committed() -> tempfile::TempDir {
    let (root, own) = (fs::canonicalize(REPOSITORY).unwrap(), tempfile::tempdir().unwrap());
    for shared in [".tools", "Cargo.toml", "bdd", "functions", "infra-cdk", "mock-data"] {
        symlink(root.join(shared), own.path().join(shared)).unwrap();
    }
    let (root, published) = (root.to_str().unwrap(), root.join("contracts/published"));
    for arguments in [
        &["init", "--quiet"][..],
        &["--work-tree", root, "add", published.to_str().unwrap()],
        &["commit", "--quiet", "-m", "Published"],
        &["checkout", "--quiet", "--", "contracts"],
    ] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(arguments).current_dir(own.path());
        let done = git.output().await.unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    own
}

/// The programs of the functions, beside the one under test.
fn programs() -> &'static Path {
    let programs = Path::new(env!("CARGO_BIN_EXE_enver")).parent().unwrap();
    assert!(
        programs.join("booking-lambda").exists(),
        "there are no functions in {}: `cargo xtask test` builds them",
        programs.display()
    );
    programs
}

/// Whether a process has this folder in its environment.
fn somebody_works_in(folder: &Path) -> bool {
    let mark = format!("TMPDIR={}", folder.display());
    let environments = fs::read_dir("/proc").unwrap().flatten().map(|process| fs::read(process.path().join("environ")));
    environments.flatten().any(|environment| String::from_utf8_lossy(&environment).contains(&mark))
}

#[tokio::test]
async fn an_enver_is_deployed_verified_replaced_and_destroyed_on_an_emulated_aws() {
    compiled().await;
    let (root, folder) = (committed().await, tempfile::tempdir().unwrap());

    let output =
        emulate(root.path(), folder.path()).arg("--check").arg("--programs").arg(programs()).output().await.unwrap();

    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, told) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}\n{told}");
    for sign in ["booking--dev is deployed", "bookings were made while", "all are there", "nothing is left"] {
        assert!(printed.contains(sign), "no {sign:?} in {printed}");
    }
    assert!(!somebody_works_in(folder.path()), "a process outlives the command");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a file outlives the command");
}

#[tokio::test]
async fn nothing_outlives_a_command_that_is_killed() {
    compiled().await;
    let folder = tempfile::tempdir().unwrap();
    let zips = folder.path().join("zips");
    let mut command = emulate(REPOSITORY.as_ref(), folder.path());
    let mut running = command.arg("--zips").arg(&zips).spawn().unwrap();
    let pid_file = |entry: fs::DirEntry| fs::read_dir(entry.path()).into_iter().flatten().flatten();
    let started = || {
        let folders = fs::read_dir(folder.path()).unwrap().flatten().flat_map(pid_file);
        folders.into_iter().any(|file| file.file_name().to_string_lossy().ends_with(".pid"))
    };
    until(async || started(), |started| *started).await;

    running.kill().await.unwrap();

    until(async || somebody_works_in(folder.path()), |somebody| !somebody).await;
}

#[tokio::test]
async fn a_missing_cdk_is_named_with_what_installs_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    fs::create_dir(folder.path().join("functions")).unwrap();

    let output = enver().args(["emulate", "--root"]).arg(folder.path()).output().await.unwrap();

    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("infra-cdk/node_modules is missing: run .ci/tools infrastructure"), "{told}");
}
