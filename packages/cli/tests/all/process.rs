//! A running `enver up`, and requests to it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

/// Started on free ports; killed when it is dropped.
pub struct Running {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// What it printed until it was ready.
    pub printed: String,
    /// Where its services answer.
    pub origin: String,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub etag: String,
    /// What `X-RateLimit-Limit` says; 0 when it is absent.
    pub limit: u64,
    pub body: Value,
}

/// The binary under test, which finds no settings of the developer in its environment.
pub fn enver() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enver"));
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Running {
    /// Starts it on this data directory and waits until it says that it is ready.
    pub async fn start(data_dir: &Path) -> Self {
        let data_dir = data_dir.to_str().expect("a path of text");
        Self::start_with(enver(), &["up", "--port-base", "0", "--data-dir", data_dir]).await
    }

    /// Starts this command with these arguments.
    pub async fn start_with(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command.args(arguments).stderr(Stdio::inherit()).spawn().expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut printed = String::new();
        while !printed.contains("Ready.") {
            let line = output.next_line().await.expect("readable output").expect("it ended before it was ready");
            printed.push_str(&line);
            printed.push('\n');
        }
        let origin = word_after(&printed, "  booking   ").trim_end_matches("/booking/v1").to_owned();
        Self { child, output, printed, origin }
    }

    /// A token of the demo tenant's administrator, with the password that was printed.
    pub async fn token(&self) -> String {
        self.token_of("admin@demo.example").await
    }

    /// A token of whoever was printed with this address.
    pub async fn token_of(&self, email: &str) -> String {
        self.token_by(email, word_after(&self.printed, &format!("{email} with password "))).await
    }

    /// A token of whoever has this log-in.
    pub async fn token_by(&self, email: &str, password: &str) -> String {
        let tenant = email.split(['@', '.']).rev().nth(1).expect("an address at a tenant's domain");
        let log_in = json!({ "tenantId": tenant, "email": email, "password": password });
        let answer = self.call("POST", "/auth/v1/login", "", Some(log_in)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["data"]["accessToken"].as_str().expect("a token").to_owned()
    }

    /// One request on a connection of its own.
    pub async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        self.try_call(method, path, token, &[], body).await.expect("an answer")
    }

    /// The same, with header fields; `None` when the connection broke.
    pub async fn try_call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Option<Answer> {
        let socket = TcpStream::connect(self.authority()).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.ok()?;
        tokio::spawn(connection);
        let mut request = hyper::Request::builder().method(method).uri(path).header("host", self.authority());
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).expect("a request");
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let field = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (etag, limit) = (field("etag").to_owned(), field("x-ratelimit-limit").parse().unwrap_or_default());
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some(Answer { status, etag, limit, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// Where it listens, as `127.0.0.1:4200`.
    pub fn authority(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    /// Its resident memory in kilobytes.
    pub fn resident_kilobytes(&self) -> u64 {
        let pid = self.child.id().expect("a running process");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process file system");
        word_after(&status, "VmRSS:\t").parse().expect("a number")
    }

    /// Lifts the rate limits of the demo tenant out of a test's way.
    pub async fn lift_limits(&self, token: &str) {
        const PATH: &str = "/config/v1/documents/global.operational.rate-limits";
        let known = self.call("GET", PATH, token, None).await;
        let change = json!({ "value": { "api": { "limit": 1_000_000, "seconds": 60 } }, "reason": "A test" });
        let changed = self.try_call("PUT", PATH, token, &[("if-match", &known.etag)], Some(change)).await;
        let changed = changed.expect("an answer");
        assert_eq!(changed.status, 200, "{}", changed.body);
        let limit = async || self.call("GET", "/booking/v1/bookings", token, None).await;
        until(limit, |answer| answer.limit > 1000).await;
    }

    /// Asks it to stop, and says with which code it ended.
    pub async fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().expect("a running process").to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await.expect("`kill` is there");
        assert!(sent.success());
        while let Ok(Some(_)) = self.output.next_line().await {}
        self.child.wait().await.expect("an end").code()
    }

    /// Ends it without warning, under callers that still hold it.
    pub async fn kill(&self) {
        let pid = self.child.id().expect("a running process").to_string();
        let sent = Command::new("kill").args(["-KILL", &pid]).status().await.expect("`kill` is there");
        assert!(sent.success());
    }
}

/// Asks again until the answer is right; a minute at most, because what a killed process had received comes again only
/// when its visibility timeout of half a minute is over.
pub async fn until<T>(ask: impl AsyncFn() -> T, right: impl Fn(&T) -> bool) -> T {
    let asking = async {
        loop {
            let answer = ask().await;
            if right(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("the right answer in time")
}

/// The word that follows `mark`.
pub fn word_after<'a>(text: &'a str, mark: &str) -> &'a str {
    let (_, rest) = text.split_once(mark).unwrap_or_else(|| panic!("no {mark:?} in {text}"));
    rest.split_whitespace().next().unwrap_or_else(|| panic!("nothing after {mark:?} in {text}"))
}
