//! Status, header fields and body are the same bytes on the native host and in workerd, whatever is asked.
//!
//! Asked is `verify`'s corpus of every contract: what the Worker runs itself and what it passes on. Each host has a cloud
//! of its own, because what a request does is done once. `cannot_say` lists, with reasons, what never reaches the Worker
//! as it was sent, and `verify::said` which header fields are the connection's. The pages that show contracts are none of
//! a service's answers: `enver up` alone has them, and no contract declares them, so they are not asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use document::Api;
use http::{HeaderValue, Request, header};
use operation::{Counters, LocalCounters, Standing, Window};
use serde_json::json;
use service_errors::Error;
use verify::corpus::{self, Case};

use crate::conversation::Conversation;
use crate::worker::Worker;
use crate::world::{Host, Outside};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_worker_answers_with_the_bytes_of_the_native_host() {
    let (north, south) = tokio::join!(world(), world());
    let worker = Worker::start(south.places.variables("edge")).await;
    let mut exceptions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for service in ["booking", "config", "auth"] {
        let contract = format!("contracts/published/dev/{service}/openapi.json");
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(contract);
        let api = Api::read(&std::fs::read(contract).expect("a contract")).expect("a contract");
        for case in corpus::of(&api) {
            match cannot_say(&case.request) {
                Some(why) => *exceptions.entry(why).or_default() += 1,
                None => cases.push(case),
            }
        }
    }

    let (native, worker) =
        tokio::join!(answers(&north.native, &north.admin, &cases), answers(&worker, &south.admin, &cases));

    let different: Vec<String> = native
        .iter()
        .zip(&worker)
        .filter(|(one, other)| one != other)
        .map(|((what, expected), (_, found))| format!("{what}\nnative {expected}\nworker {found}\n"))
        .collect();
    let shown = different[..different.len().min(12)].join("\n");
    assert!(different.is_empty(), "{} differences in {} requests:\n{shown}", different.len(), cases.len());
    println!("{} requests; exceptions: {exceptions:#?}", cases.len());
    // Whoever excepts everything compares nothing.
    let most = exceptions.values().max().copied().unwrap_or_default();
    assert!(native.len() > 500 && most * 20 < native.len(), "{} requests, {exceptions:?}", native.len());
}

/// Why a request does not reach the Worker as it is; `None` when it does.
fn cannot_say(request: &Request<Bytes>) -> Option<&'static str> {
    let dots = |segment: &str| matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if request.uri().path().split('/').any(dots) {
        return Some("whoever stands before a Worker resolves dots in a path, as the URL standard wants");
    }
    if request.headers().values().any(|value| value.as_bytes().trim_ascii().is_empty()) {
        return Some("workerd forgets a field that it knows when its value is empty");
    }
    if accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        return Some("whoever stands before a Worker compresses its answers");
    }
    None
}

/// A world in which nobody is refused for what was asked before.
async fn world() -> Outside {
    let outside = Outside::start(Arc::new(Forgetful::default())).await;
    let window = json!({ "limit": 1_000_000, "seconds": 60 });
    let presets =
        ["auth", "strict", "streaming", "api", "web", "webhook"].map(|preset| (preset.to_owned(), window.clone()));
    outside.change("global.operational.rate-limits", &presets.into_iter().collect()).await;
    outside
}

/// Counts each call as the first one.
#[derive(Default)]
struct Forgetful {
    signatures: LocalCounters,
}

#[async_trait]
impl Counters for Forgetful {
    async fn hit(&self, key: &str, window: Window, now: i64) -> Result<Standing, Error> {
        LocalCounters::default().hit(key, window, now).await
    }

    async fn first_use(&self, once: &str, now: i64, expires_at: i64) -> Result<bool, Error> {
        self.signatures.first_use(once, now, expires_at).await
    }
}

async fn answers(host: &impl Host, token: &str, cases: &[Case]) -> Vec<(String, String)> {
    let mut talk = Conversation::with(host);
    for case in cases {
        let mut request = case.request.clone();
        if case.signed {
            let bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("a token");
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
        }
        let what = format!("{}: {} {}", case.title, request.method(), request.uri());
        talk.ask(&what, request).await;
    }
    talk.lines()
}
