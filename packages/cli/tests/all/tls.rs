//! `enver up --tls`, and those who trust it or do not.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::Running;
use crate::process::{enver, word_after};

async fn started(data: &Path) -> Running {
    let data = data.to_str().expect("a path of text");
    Running::start_with(enver(), &["up", "--tls", "--port-base", "0", "--data-dir", data]).await
}

fn authority(running: &Running) -> PathBuf {
    word_after(&running.printed, "signed by ").trim_end_matches(';').into()
}

fn fingerprint(running: &Running) -> &str {
    word_after(&running.printed, "fingerprint is\n")
}

async fn curl(arguments: &[&str]) -> Output {
    Command::new("curl").args(["-sS"]).args(arguments).output().await.expect("`curl` is there")
}

#[tokio::test]
async fn the_lines_that_are_printed_book_a_truck_over_https() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(&folder.path().join("it's here")).await;
    let lines: Vec<_> = running.printed.lines().filter(|line| line.contains("curl ")).collect();
    assert_eq!(lines.len(), 4, "{}", running.printed);
    assert!(running.origin.starts_with("https://127.0.0.1:"));

    let run = Command::new("sh").args(["-euc", &lines.join("\n")]).output().await.expect("`sh` is there");

    let output = String::from_utf8(run.stdout).unwrap();
    let (_, listed) =
        output.split_once("}{").unwrap_or_else(|| panic!("{output}{}", String::from_utf8_lossy(&run.stderr)));
    let listed: Value = serde_json::from_str(&format!("{{{listed}")).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(running.terminate().await, Some(0));
}

#[tokio::test]
async fn who_trusts_the_authority_is_answered_under_every_name_of_this_machine_and_who_does_not_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let health = format!("{}/health", running.origin);
    let authority = authority(&running);

    for url in [health.clone(), health.replace("127.0.0.1", "localhost")] {
        let trusting = curl(&["--noproxy", "*", "--cacert", authority.to_str().unwrap(), &url]).await;
        assert!(trusting.status.success(), "{}", String::from_utf8_lossy(&trusting.stderr));
    }
    const UNKNOWN_AUTHORITY: i32 = 60;
    assert_eq!(curl(&["--noproxy", "*", &health]).await.status.code(), Some(UNKNOWN_AUTHORITY));
    let clear = curl(&["--noproxy", "*", &health.replace("https", "http")]).await;
    assert!(String::from_utf8_lossy(&clear.stdout).contains("HTTPS_REQUIRED"));
}

#[tokio::test]
async fn the_certificate_is_private_outlives_a_restart_and_is_made_anew_when_it_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let first = started(folder.path()).await;
    let authority = authority(&first);
    let files = ["ca.pem", "certificate.pem", "key.pem"].map(|name| authority.with_file_name(name));
    for file in &files {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let before = fingerprint(&first).to_owned();
    first.terminate().await;

    let second = started(folder.path()).await;
    assert_eq!(fingerprint(&second), before);
    second.terminate().await;

    std::fs::write(&files[2], "no key").unwrap();
    let third = started(folder.path()).await;
    assert_ne!(fingerprint(&third), before);
    let health = format!("{}/health", third.origin);
    let answered = curl(&["--noproxy", "*", "--cacert", authority.to_str().unwrap(), &health]).await;
    assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
}

#[tokio::test]
async fn the_certificate_of_an_ephemeral_enver_goes_with_it() {
    let running = Running::start_with(enver(), &["up", "--tls", "--ephemeral", "--port-base", "0"]).await;
    let authority = authority(&running);
    assert!(authority.is_file());

    assert_eq!(running.terminate().await, Some(0));

    assert!(!authority.parent().unwrap().exists());
}

/// Runs `enver` at the root of the repository: its exit code, and what it printed.
async fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = enver().args(arguments).current_dir(root).output().await.expect("the binary starts");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

/// A token of the demo tenant's administrator, as the printed line gets it.
async fn token(running: &Running) -> String {
    let line = running.printed.lines().find(|line| line.contains("token=$(")).expect("a line that logs in");
    let output = Command::new("sh").args(["-euc", &format!("{line}; echo $token")]).output().await.unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn commands_trust_the_authority_in_the_data_directory_and_find_out_that_it_is_https() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let (data, token) = (folder.path().to_str().unwrap(), token(&running).await);
    let port: u16 = running.origin.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
    let base = (port - 200).to_string();

    let flows = ["bdd", "--enver", "dev", "--port-base", &base, "--tags", "@uc5-window", "--data-dir", data];
    for arguments in [
        &["config", "get", "global.security.cors", "--url", &running.origin, "--token", &token, "--data-dir", data][..],
        &["verify", "config", "--quick", "--only", "getDocument", "--url", &running.origin, "--data-dir", data],
        &flows,
        &[&flows[..], &["--runner", "step-functions"]].concat(),
    ] {
        let (code, printed) = run(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {printed}");
    }
}

#[tokio::test]
async fn an_authority_that_is_named_is_trusted_and_without_one_commands_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(&folder.path().join("data")).await;
    let (authority, token) = (authority(&running), token(&running).await);
    let (named, nowhere) = (["--ca", authority.to_str().unwrap()], ["--data-dir", folder.path().to_str().unwrap()]);

    let config = ["config", "get", "global.security.cors", "--url", &running.origin, "--token", &token];
    let verify = ["verify", "auth", "--only", "getKeySet", "--read-only", "--url", &running.origin];
    for arguments in [&config[..], &verify] {
        let (code, printed) = run(&[arguments, &nowhere].concat()).await;
        assert_ne!(code, Some(0), "{arguments:?}: {printed}");
        let (code, printed) = run(&[arguments, &nowhere, &named].concat()).await;
        assert_eq!(code, Some(0), "{arguments:?}: {printed}");
    }
    let (code, printed) = run(&[&config[..], &["--ca", "/nowhere.pem"]].concat()).await;
    assert_eq!(code, Some(1));
    assert!(printed.contains("the certificate authority in /nowhere.pem cannot be read"), "{printed}");

    let (code, printed) = run(&[&verify[..], &nowhere].concat()).await;
    assert!(code == Some(2) && printed.contains("UnknownIssuer") && !printed.contains('✗'), "{printed}");
    let none = folder.path().join("none.pem");
    std::fs::write(&none, "no certificate").unwrap();
    let (code, printed) = run(&[&verify[..], &["--ca", none.to_str().unwrap()]].concat()).await;
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("none.pem holds no certificate"), "{printed}");

    let sides = ["loop", "booking", "--sequences", "1", "--left", &running.origin, "--right", &running.origin];
    let (_, printed) = run(&[&sides[..], &nowhere].concat()).await;
    assert!(printed.contains("UnknownIssuer"), "{printed}");
    let (_, printed) = run(&[&sides[..], &nowhere, &named].concat()).await;
    assert!(!printed.contains("UnknownIssuer"), "{printed}");
}
