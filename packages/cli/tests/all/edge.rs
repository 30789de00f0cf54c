//! `enver dev edge` as its users run it: the Worker beside a running enver.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Running;
use crate::process::{enver, word_after};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `enver` from the root of the repository: its exit code and what it printed.
async fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = enver().args(arguments).current_dir(root()).output().await.expect("the binary starts");
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&printed).into_owned())
}

/// A Worker that answers, and where.
async fn edge(beside: &Running, data: &Path) -> (Child, String) {
    let (aws, data) = (word_after(&beside.printed, "  AWS       "), data.to_str().expect("a path of text"));
    let arguments = ["dev", "edge", "--port", "0", "--url", &beside.origin, "--aws-url", aws, "--data-dir", data];
    let mut child = enver().args(arguments).current_dir(root()).spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut printed = String::new();
    while !printed.contains("Ready.") {
        let Some(line) = lines.next_line().await.expect("readable output") else {
            let ended = child.wait_with_output().await.expect("an end");
            panic!("it ended before it was ready: {printed}{}", String::from_utf8_lossy(&ended.stderr));
        };
        printed.push_str(&line);
        printed.push('\n');
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let origin = word_after(&printed, "  edge      ").to_owned();
    (child, origin)
}

#[tokio::test]
async fn the_edge_answers_beside_a_running_enver_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path()).await;
    let (mut worker, origin) = edge(&running, folder.path()).await;

    // What it runs itself, and what it passes on.
    running.origin.clone_from(&origin);
    assert_eq!(running.call("GET", "/booking/v1/bookings", "", None).await.status, 401);
    let keys = running.call("GET", "/auth/v1/jwks.json", "", None).await;
    assert_eq!((keys.status, keys.body["keys"][0]["crv"].as_str()), (200, Some("Ed25519")));

    let pid = worker.id().expect("a running process").to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.expect("`kill` is there").success());
    assert_eq!(worker.wait().await.expect("an end").code(), Some(0));
    tokio::net::TcpStream::connect(origin.trim_start_matches("http://")).await.expect_err("a Worker that has ended");
}

#[tokio::test]
async fn the_edge_passes_on_to_services_that_speak_https() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut running = Running::start_with(enver(), &["up", "--tls", "--port-base", "0", "--data-dir", data]).await;
    let (_worker, origin) = edge(&running, folder.path()).await;

    running.origin = origin;
    let keys = running.call("GET", "/auth/v1/jwks.json", "", None).await;
    assert_eq!((keys.status, keys.body["keys"][0]["crv"].as_str()), (200, Some("Ed25519")));
}

#[tokio::test]
async fn through_the_edge_verify_finds_nothing_and_bookings_go_their_ways() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let running = Running::start(folder.path()).await;
    keep_documents_a_second(&running).await;
    let (_worker, origin) = edge(&running, folder.path()).await;
    // The edge has no messages: they are read where the services are.
    let through = ["--url", &origin, "--messages", &running.origin, "--data-dir", data];

    for service in ["booking", "config", "auth"] {
        let (code, printed) = run(&[&["verify", service, "--quick"][..], &through].concat()).await;
        assert_eq!(code, Some(0), "{service}:\n{printed}");
        assert!(printed.contains("nothing found"), "{printed}");
    }
    // Without what the edge only passes on, and what is refused: of that, the corpus of all hosts asks more.
    let (code, printed) = run(&[&["bdd", "--tags", "not (@UC1 or @UC2 or @cases)"][..], &through].concat()).await;
    assert_eq!(code, Some(0), "{printed}");
}

/// A Worker hears of a change of configuration only when the age of what it read is over: here, after a second.
async fn keep_documents_a_second(running: &Running) {
    const PATH: &str = "/config/v1/documents/global.operational.configuration";
    let token = running.token_of("admin@platform.example").await;
    let known = running.call("GET", PATH, &token, None).await;
    let mut value = known.body["data"]["value"].clone();
    value["maxAgeSeconds"] = 1.into();
    let change = serde_json::json!({ "value": value, "reason": "A test" });
    let changed = running.try_call("PUT", PATH, &token, &[("if-match", &known.etag)], Some(change)).await;
    assert_eq!(changed.expect("an answer").status, 200);
}

#[tokio::test]
async fn without_an_enver_it_says_how_to_start_one() {
    let (code, printed) = run(&["dev", "edge", "--port", "0", "--port-base", "1"]).await;

    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("http://127.0.0.1:201: run `enver up` in another terminal"), "{printed}");
}

#[tokio::test]
async fn outside_of_a_repository_and_without_its_tools_it_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();

    let (code, printed) = run(&["dev", "edge", "--root", root]).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("is not in a repository of Enver"), "{printed}");

    std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    std::fs::create_dir(folder.path().join("functions")).unwrap();
    let (code, printed) = run(&["dev", "edge", "--root", root]).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("run `.ci/tools worker`"), "{printed}");
}

#[test]
fn what_wrangler_is_told_is_what_the_infrastructure_makes() {
    let text = std::fs::read_to_string(root().join("wrangler.toml")).unwrap();
    let wrangler: toml_edit::DocumentMut = text.parse().unwrap();
    let manifest = std::fs::read(root().join("contracts/published/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let envers = manifest["envers"].as_object().unwrap();
    let told: Vec<&str> = wrangler["env"].as_table().unwrap().iter().map(|(name, _)| name).collect();
    assert_eq!(told.len(), envers.len(), "{told:?}");
    for (stage, section) in envers {
        let told = &wrangler["env"][stage];
        let (domain, config) =
            (section["deployment"]["domain"].as_str().unwrap(), &section["services"]["config"]["enver"]);
        // A zone of an enver belongs to Route 53, where Cloudflare cannot put a domain of its own.
        let route = &told["routes"][0];
        assert_eq!(route["pattern"].as_str(), Some(format!("edge-{stage}.{domain}").as_str()));
        assert_eq!(route["custom_domain"].as_bool(), Some(true));
        let variable = |name: &str| told["vars"][name].as_str();
        let configuration = format!("https://{}.{stage}.{domain}", config["build"].as_str().unwrap());
        assert_eq!(variable("CONFIG_SERVICE_URL"), Some(configuration.as_str()));
        assert_eq!(
            (variable("ENVIRONMENT"), variable("AWS_REGION")),
            (Some(stage.as_str()), config["region"].as_str())
        );
    }
}
