//! `enver verify` as its users run it: against a running dev and a running mock, and with what cannot be used.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Running;
use crate::process::{enver, word_after};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `enver verify` from the root of the repository: its exit code and what it printed.
async fn verify(arguments: &[&str]) -> (Option<i32>, String) {
    let output = enver().arg("verify").args(arguments).current_dir(root()).output().await.expect("the binary starts");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

async fn nothing_is_found(how: &[&str], enver_name: &str, origin: &str, data: &Path) {
    let data = data.to_str().expect("a path of text");
    for service in ["config", "booking", "auth"] {
        let published = format!("contracts/published/{enver_name}");
        let asked = [service, "--url", origin, "--data-dir", data, "--enver", enver_name, "--published", &published];
        let (code, printed) = verify(&[asked.as_slice(), how].concat()).await;
        assert_eq!(code, Some(0), "{enver_name} {service}:\n{printed}");
        assert!(printed.contains("nothing found"), "{printed}");
    }
}

#[tokio::test]
async fn mock_and_dev_have_empty_reports() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = enver();
    command.current_dir(root());
    let data_dir = data.to_str().unwrap();
    let running =
        Running::start_with(command, &["up", "--enver", "mock,dev", "--port-base", "0", "--data-dir", data_dir]).await;
    let mock = word_after(&running.printed, "  booking   ").trim_end_matches("/booking/v1").to_owned();
    let dev = running.printed.rsplit("  booking   ").next().and_then(|rest| rest.split_whitespace().next());
    let dev = dev.unwrap().trim_end_matches("/booking/v1").to_owned();
    assert_ne!(mock, dev, "{}", running.printed);

    // The real services hash passwords and wait for messages; each flow more is seconds of that.
    tokio::join!(nothing_is_found(&["--quick"], "dev", &dev, &data), nothing_is_found(&[], "mock", &mock, &data));
}

#[tokio::test]
async fn a_finding_ends_with_1_and_is_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&folder.path().join("data")).await;
    // A contract that promises what the deployment does not do.
    let mut contract: Value =
        serde_json::from_slice(&std::fs::read(root().join("contracts/published/dev/booking/openapi.json")).unwrap())
            .unwrap();
    let list = &mut contract["paths"]["/booking/v1/bookings"]["get"];
    list["responses"]["200"]["headers"]["X-Promised"] = serde_json::json!({ "required": true, "schema": {} });
    let file = folder.path().join("booking.json");
    std::fs::write(&file, contract.to_string()).unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, running.token().await).unwrap();
    let out = folder.path().join("reports/report.json");

    let (code, printed) = verify(&[
        file.to_str().unwrap(),
        "--url",
        &running.origin,
        "--only",
        "listBookings",
        "--read-only",
        "--auth",
        &format!("bearer:@{}", token.display()),
        "--report",
        "json",
        "--out",
        out.to_str().unwrap(),
    ])
    .await;

    assert_eq!(code, Some(1), "{printed}");
    let report: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(report["clean"], false);
    let finding = &report["findings"][0];
    assert_eq!(finding["operation"], "listBookings");
    assert!(finding["got"].as_str().unwrap().contains("X-Promised"), "{finding}");
    let secret = std::fs::read_to_string(&token).unwrap();
    assert!(!report.to_string().contains(&secret), "the token is in the report");
}

#[tokio::test]
async fn what_cannot_be_used_is_named_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.yaml");
    std::fs::write(&broken, "openapi: 3.1.0\npaths:\n  /a: [\n").unwrap();
    let broken = broken.to_str().unwrap().to_owned();
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, r#"{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{}}"#).unwrap();
    let empty = empty.to_str().unwrap().to_owned();
    let whole = root().join("contracts/published/dev/config/openapi.json");
    let whole = whole.to_str().unwrap().to_owned();
    let cases: [(&[&str], &str); 8] = [
        (&["nothing"], "auth, booking, config"),
        (&[&broken, "--url", "http://127.0.0.1:1"], "broken.yaml:"),
        (&[&empty, "--url", "http://127.0.0.1:1"], "has no operations"),
        (&[&whole], "--url"),
        (&[&whole, "--url", "nowhere"], "is not a base URL"),
        (&[&whole, "--url", "http://127.0.0.1:1", "--auth", "token:abc"], "bearer:TOKEN"),
        (&[&whole, "--url", "http://127.0.0.1:1", "--only", "noSuch"], "no operation noSuch"),
        (&[&whole, "--url", "http://127.0.0.1:1"], "Connection refused"),
    ];
    for (arguments, said) in cases {
        let (code, printed) = verify(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {printed}");
        assert!(printed.contains(said) && !printed.contains('✗'), "{arguments:?}: {printed}");
    }
}
