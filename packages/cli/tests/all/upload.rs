//! `enver publish --upload`, against an S3 that keeps versions.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::process::enver;

fn tool(path: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(path);
    assert!(tool.exists(), "{} is missing: run .ci/tools", tool.display());
    tool
}

/// An S3, killed when it is dropped.
struct Bucket {
    _process: Child,
    _folder: tempfile::TempDir,
    endpoint: String,
}

const NAME: &str = "artifacts";
const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any"), ("AWS_REGION", "us-east-1")];

impl Bucket {
    async fn start() -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let process = Command::new(tool("ministack/bin/ministack"))
            .env("GATEWAY_PORT", free.port().to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("TMPDIR", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let bucket = Self { _process: process, _folder: folder, endpoint: format!("http://{free}") };
        crate::process::until(async || TcpStream::connect(free).await.is_ok(), |up| *up).await;
        bucket.aws(&["create-bucket", "--bucket", NAME]).await;
        bucket
    }

    async fn aws(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(tool("venv/bin/aws"));
        command.args(["--endpoint-url", &self.endpoint, "--output", "json", "s3api"]);
        let output = command.args(arguments).envs(CREDENTIALS).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }
}

#[tokio::test]
async fn what_is_committed_is_uploaded_once_the_bucket_keeps_versions() {
    let bucket = Bucket::start().await;
    let folder = tempfile::tempdir().unwrap();
    let published = folder.path().join("published");
    let place = published.to_str().unwrap();
    assert!(enver().args(["publish", "--dir", place]).status().await.unwrap().success());
    let commands = "git init -q && git add -A && \
                    git -c user.name=T -c user.email=t@example.com commit -qm Published && git rev-parse HEAD";
    let committed = Command::new("sh").args(["-c", commands]).current_dir(folder.path()).output().await.unwrap();
    assert!(committed.status.success(), "{}", String::from_utf8_lossy(&committed.stderr));
    let commit = String::from_utf8_lossy(&committed.stdout).trim().to_owned();
    let upload = async || {
        let mut command = enver();
        command.args(["publish", "--dir", place, "--enver", "dev", "--upload", NAME, "--account", "111122223333"]);
        let output = command.args(["--endpoint-url", &bucket.endpoint]).envs(CREDENTIALS).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };

    let (code, _, error) = upload().await;
    assert_eq!(code, Some(2));
    assert!(error.contains("the bucket artifacts does not keep versions"), "{error}");

    let versions = ["put-bucket-versioning", "--bucket", NAME, "--versioning-configuration", "Status=Enabled"];
    bucket.aws(&versions).await;
    let (code, printed, error) = upload().await;
    assert_eq!(code, Some(0), "{error}");
    let line = printed.lines().find_map(|line| line.strip_prefix("bookingApiBaseUrl/schema-url ")).expect("a line");
    let (address, version) = line.split_once('@').expect("a version");
    let key = address.strip_prefix("s3://artifacts/").expect("the bucket");
    assert_eq!(key, "111122223333/b..dev/bookingApiBaseUrl-schema-url.json");

    let tags = bucket.aws(&["get-object-tagging", "--bucket", NAME, "--key", key, "--version-id", version]).await;
    assert_eq!(tags["TagSet"], serde_json::json!([{ "Key": "gitsha", "Value": commit }]));
    let file = folder.path().join("bundle.json");
    let get = ["get-object", "--bucket", NAME, "--key", key, "--version-id", version, file.to_str().unwrap()];
    bucket.aws(&get).await;
    let bundle: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((&bundle["odmdKind"], &bundle["x-odmd"]["commit"]), (&"bundle".into(), &commit.as_str().into()));
    let http = bundle["artifacts"]["http"]["url"].as_str().expect("where the OpenAPI document is");
    let (key, version) = http.strip_prefix("s3://artifacts/").unwrap().split_once('@').unwrap();
    let get = ["get-object", "--bucket", NAME, "--key", key, "--version-id", version, file.to_str().unwrap()];
    bucket.aws(&get).await;
    let document: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((&document["odmdKind"], &document["openapi"]), (&"openapi".into(), &"3.1.0".into()));
    assert_eq!(document["x-odmd"]["digest"], bundle["artifacts"]["http"]["digest"]);
}
