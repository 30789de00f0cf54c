//! `enver dataset check`, and the flows of the dataset against a running enver.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use dataset::{Credentials, Dataset, Flow, LogIn, Published, Run, Setting};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Running;
use crate::process::enver;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

async fn check(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = enver().args(["dataset", "check", "--root"]).arg(root).args(arguments).output().await.unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.code(), text)
}

#[tokio::test]
async fn the_committed_dataset_is_as_it_must_be_and_says_what_nobody_can_provoke() {
    let (code, text) = check(&root(), &[]).await;

    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("Not to be provoked from outside") && text.ends_with(" 0 problems.\n"), "{text}");
}

#[tokio::test]
async fn what_documents_show_is_what_the_dataset_says() {
    let root = root();
    let run = async |root: &Path, arguments: &[&str]| {
        let output = enver().args(["dataset", "examples", "--root"]).arg(root).args(arguments).output().await.unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };

    let committed = run(&root, &["--check"]).await;
    assert_eq!(committed.0, Some(0), "{}", committed.1);

    let copy = tempfile::tempdir().unwrap();
    for folder in ["functions", "mock-data", "contracts/published/dev", "contracts/published/mock"] {
        let (to, from) = (copy.path().join(folder), root.join(folder));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(from.canonicalize().unwrap(), to).unwrap();
    }
    fs::write(copy.path().join("Cargo.toml"), "").unwrap();
    assert_eq!(run(copy.path(), &["--check"]).await.0, Some(1), "there is no file yet");
    assert_eq!(run(copy.path(), &[]).await.0, Some(0));
    let [ours, written] =
        [root.as_path(), copy.path()].map(|root| fs::read(root.join("contracts/examples.json")).unwrap());
    assert!(ours == written, "the same dataset gives the same bytes");
    fs::write(copy.path().join("contracts/examples.json"), "{}").unwrap();
    let (code, said) = run(copy.path(), &["--check"]).await;
    assert_eq!(
        (code, said.as_str()),
        (Some(1), "contracts/examples.json is stale. Run `enver dataset examples`, and commit what it writes.\n")
    );
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_with_file_line_and_mend() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir_all(place("functions")).unwrap();
    fs::create_dir_all(place("mock-data/use-cases")).unwrap();
    fs::write(place("Cargo.toml"), "").unwrap();
    let (code, text) = check(folder.path(), &[]).await;
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("`enver publish` writes it"), "{text}");

    for service in ["auth", "booking", "config"] {
        let to = place(&format!("contracts/published/dev/{service}"));
        fs::create_dir_all(&to).unwrap();
        for name in ["openapi.json", "asyncapi.json"] {
            let from = root().join(format!("contracts/published/dev/{service}/{name}"));
            fs::copy(from, to.join(name)).unwrap();
        }
    }
    let flow = "id: UC1\ntitle: One\nas: x\nwant: x\nso that: x\nprivacy: x\nflows:\n  - id: one\n    title: One\n    \
                steps:\n      - { id: a, title: A, actor: anonymous, service: auth, operation: logInn, expect: { status: \
                200 } }\n      - { id: b, title: B, actor: anonymous, service: auth, operation: logIn, body: { email: \
                \"${people.ravi.email}\" }, expect: { status: 200 } }\n";
    fs::write(place("mock-data/use-cases/uc1.yaml"), flow).unwrap();
    let (code, text) = check(folder.path(), &[]).await;
    assert_eq!(code, Some(1), "{text}");
    for says in [
        "mock-data/use-cases/uc1.yaml:11: operation: step a calls logInn, which is no operation of auth\n    there are logIn",
        "mock-data/use-cases/uc1.yaml:12: reference: step b: ${people.ravi.email}: there are no people",
        "auth getKeySet succeeds in no flow",
    ] {
        assert!(text.contains(says), "no {says:?} in {text}");
    }
    let (code, text) = check(folder.path(), &["--json"]).await;
    let report: Value = serde_json::from_str(&text).unwrap();
    let rules: Vec<_> = report["problems"].as_array().unwrap().iter().map(|problem| &problem["rule"]).collect();
    assert_eq!(code, Some(1));
    assert!(rules.contains(&&json!("operation")) && rules.contains(&&json!("reference")), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_use_case_passes_against_a_running_dev_and_the_most_important_pass_again() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let platform: Value = serde_json::from_slice(&fs::read(folder.path().join("dev/platform.json")).unwrap()).unwrap();
    let field = |name: &str| platform[name].as_str().unwrap().to_owned();
    let target = Arc::new(Target {
        authority: running.authority().to_owned(),
        secret: secret(&running).await,
        platform: LogIn { email: field("email"), password: field("password") },
        dataset: Arc::new(Dataset::load(&root().join("mock-data")).unwrap()),
        published: Arc::new(Published::load(&root().join("contracts/published/dev")).unwrap()),
    });
    let flows: Vec<Arc<Flow>> = target.dataset.flows().map(|(_, flow)| Arc::clone(flow)).collect();
    let again: Vec<_> = flows.iter().filter(|flow| flow.tags.iter().any(|tag| tag == "smoke")).cloned().collect();
    assert!(!again.is_empty());

    let mut failures = Vec::new();
    for (round, flows) in [flows, again].into_iter().enumerate() {
        let mut running = JoinSet::new();
        for (number, flow) in flows.into_iter().enumerate() {
            const AT_ONCE: usize = 4;
            if running.len() >= AT_ONCE {
                failures.extend(running.join_next().await.unwrap().unwrap());
            }
            running.spawn(play(Arc::clone(&target), flow, format!("r{round}n{number}")));
        }
        while let Some(told) = running.join_next().await {
            failures.extend(told.unwrap());
        }
    }

    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

struct Target {
    authority: String,
    secret: [u8; 32],
    platform: LogIn,
    dataset: Arc<Dataset>,
    published: Arc<Published>,
}

/// What differed from what the flow expects.
async fn play(target: Arc<Target>, flow: Arc<Flow>, run: String) -> Vec<String> {
    let setting = Setting { run, enver: "dev".to_owned(), platform: Some(target.platform.clone()) };
    let mut run = Run::new(&target.dataset, &target.published, &flow, setting, now());
    let mut told = Vec::new();
    while let Some(next) = run.next(now()) {
        let mut request = match next {
            Ok(request) => request,
            Err(problem) => {
                told.push(problem.to_string());
                run.skip();
                continue;
            }
        };
        if request.credentials == Credentials::Signature {
            operation::sign(&mut request.message, &target.secret, &request.step.actor, verify::now_micros());
        }
        let (status, headers, body) = send(&target.authority, request.message).await;
        let result = run.answer(status, &headers, &body);
        if let Some(pause) = result.again {
            tokio::time::sleep(pause).await;
            continue;
        }
        let place = &request.step.place;
        let told_of = |mismatch| format!("{}:{} {} {}: {mismatch}", place.file, place.line, flow.id, request.step.id);
        told.extend(result.mismatches.iter().map(told_of));
    }
    told
}

async fn send(authority: &str, mut request: http::Request<Bytes>) -> (u16, http::HeaderMap, Bytes) {
    let socket = TcpStream::connect(authority).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    request.headers_mut().insert("host", authority.parse().unwrap());
    let response = sender.send_request(request.map(Full::new)).await.unwrap();
    let (head, body) = response.into_parts();
    (head.status.as_u16(), head.headers, body.collect().await.unwrap().to_bytes())
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The secret of the services, read where they keep it.
async fn secret(running: &Running) -> [u8; 32] {
    let aws = running.printed.lines().find_map(|line| line.trim().strip_prefix("AWS ")).unwrap().trim();
    let authority = aws.split_whitespace().next().unwrap().trim_start_matches("http://");
    let key = json!({ "pk": { "S": "platform#secret" }, "sk": { "S": "service" } });
    let body = json!({ "TableName": "enver-dev-platform", "Key": key }).to_string();
    let request = http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "DynamoDB_20120810.GetItem")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00",
        )
        .body(Bytes::from(body))
        .unwrap();
    let (status, _, body) = send(authority, request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let item: Value = serde_json::from_slice(&body).unwrap();
    let secret = data_encoding::BASE64.decode(item["Item"]["value"]["B"].as_str().unwrap().as_bytes()).unwrap();
    secret.try_into().unwrap()
}
