//! The built Worker in workerd.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value};
use testing::http_client;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::output::Output;
use crate::world::Host;

/// A running Worker; it ends when it is dropped.
pub struct Worker {
    origin: String,
    output: Output,
    /// It holds the standard input, which ends the process when it closes.
    child: Child,
    reading: JoinHandle<()>,
}

impl Worker {
    /// Starts the Worker with these variables and waits until it listens.
    pub async fn start(variables: Vec<(&'static str, String)>) -> Self {
        Self::start_built("target/edge", ".ci/build-edge", variables).await
    }

    /// Starts the Worker that panics where a header field asks for it.
    pub async fn start_probe(variables: Vec<(&'static str, String)>) -> Self {
        Self::start_built("target/edge-probe", ".ci/build-edge probe", variables).await
    }

    async fn start_built(folder: &str, build: &str, variables: Vec<(&'static str, String)>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = root.join(folder);
        assert!(folder.join("index.js").exists(), "there is no Worker in {}: run `{build}`", folder.display());
        let output = Output::new();
        let variables: Map<String, Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let mut child = Command::new("node")
            .arg(root.join("functions/edge/run.mjs"))
            .arg("--dir")
            .arg(folder)
            .env_clear()
            // What a runtime that is killed leaves behind goes with its output.
            .env("TMPDIR", output.folder())
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("EDGE_VARS", Value::from(variables).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output.file())
            // Not killed when it is dropped: it ends workerd and then itself when its standard input closes.
            .spawn()
            .unwrap_or_else(|error| panic!("node cannot be started ({error}): install Node.js 20 or later"));
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(origin) = line.strip_prefix("ready ") {
                    return Some(origin.to_owned());
                }
            }
            None
        };
        const ALLOWED: Duration = Duration::from_secs(300);
        let origin = tokio::time::timeout(ALLOWED, ready).await.expect("a Worker that starts in time");
        let origin = origin.unwrap_or_else(|| panic!("the Worker did not start: {}", output.text()));
        let mut file = output.file();
        let reading = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = writeln!(file, "{line}");
            }
        });
        Self { origin, output, child, reading }
    }

    /// Ends it, and says what its console showed.
    pub async fn ended(mut self) -> String {
        drop(self.child.stdin.take());
        self.child.wait().await.expect("an end");
        self.reading.await.expect("readable output");
        self.output.text()
    }
}

impl Worker {
    /// Where it listens, as `127.0.0.1:8787`.
    pub fn authority(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }
}

impl Host for Worker {
    fn name(&self) -> &'static str {
        "worker"
    }

    async fn ask(&self, request: Request<Bytes>) -> Response<Bytes> {
        http_client::send(&self.origin, request).await
    }
}
