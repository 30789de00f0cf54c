//! A panic in one request harms no other.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::conversation::ask;
use crate::origin::{Origin, Waiting};
use crate::worker::Worker;
use crate::world::{Places, get};

const ANSWER: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

/// How many instances of the program there may be at once: the one that answers, and four that panicked and are not empty.
const INSTANCES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn who_was_there_and_who_comes_later_are_answered() {
    let probe = Probe::start().await;
    let mut were_there = Vec::new();
    for _ in 0..INSTANCES {
        were_there.push(probe.ask(None).await);
        probe.harm("panic").await;
    }
    // These and the next join the last instance, in which the first to panic still holds the lock.
    for how in ["panic", "overflow", "panic"] {
        probe.harm(how).await;
    }
    were_there.push(probe.ask(None).await);
    for (was_there, waiting) in were_there {
        waiting.end(ANSWER).await;
        answered(was_there).await;
    }
    // All are empty now.
    probe.harm("panic").await;
    let (later, waiting) = probe.ask(None).await;
    waiting.end(ANSWER).await;
    answered(later).await;
    let printed = probe.printed().await;
    assert_eq!(printed.matches("asked to").count(), INSTANCES + 1, "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn panics_one_after_the_other_in_one_instance_harm_nobody_else_in_it() {
    let probe = Probe::start().await;
    for how in ["panic", "overflow"] {
        let (first, first_waiting) = probe.ask(Some(how)).await;
        let (second, second_waiting) = probe.ask(Some(how)).await;
        let (third, third_waiting) = probe.ask(Some(how)).await;
        let (was_there, waiting) = probe.ask(None).await;
        for (panicking, answer) in [(first, first_waiting), (second, second_waiting), (third, third_waiting)] {
            answer.end(ANSWER).await;
            refused(panicking).await;
        }
        waiting.end(ANSWER).await;
        answered(was_there).await;
    }
}

/// The Worker that panics where it is asked to, once what it passed on was answered.
struct Probe {
    worker: Arc<Worker>,
    origin: Origin,
}

impl Probe {
    async fn start() -> Self {
        let origin = Origin::start().await;
        let places = Places { config: origin.url(), aws: "http://127.0.0.1:9".to_owned() };
        Self { worker: Arc::new(Worker::start_probe(places.variables("edge")).await), origin }
    }

    /// A request that waits for its origin, and then panics or is answered.
    async fn ask(&self, how: Option<&str>) -> (JoinHandle<Response<Bytes>>, Waiting) {
        let mut request = get("/auth/v1/jwks.json", "");
        request.headers_mut().insert("x-request-id", "panic-1".parse().unwrap());
        if let Some(how) = how {
            request.headers_mut().insert("x-probe", how.parse().unwrap());
        }
        let worker = self.worker.clone();
        let asked = tokio::spawn(async move { ask(&*worker, request).await });
        (asked, self.origin.next().await)
    }

    /// A request that is answered and then panics, or runs out of stack.
    async fn harm(&self, how: &str) {
        let (panicking, waiting) = self.ask(Some(how)).await;
        waiting.end(ANSWER).await;
        refused(panicking).await;
    }

    /// What the console of the Worker showed until its end.
    async fn printed(self) -> String {
        Arc::into_inner(self.worker).expect("nobody who still asks").ended().await
    }
}

async fn answered(asked: JoinHandle<Response<Bytes>>) {
    let answer = asked.await.unwrap();
    assert_eq!(answer.status(), 200, "{answer:?}");
}

async fn refused(asked: JoinHandle<Response<Bytes>>) {
    let answer = asked.await.unwrap();
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((answer.status().as_u16(), &body["error"]["code"]), (500, &"INTERNAL_ERROR".into()));
    assert_eq!(answer.headers()["x-request-id"], "panic-1");
}
