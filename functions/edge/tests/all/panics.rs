//! A panic in one request harms no other.

use serde_json::Value;

use crate::conversation::ask;
use crate::origin::Origin;
use crate::worker::Worker;
use crate::world::{Places, get};

const ANSWER: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test(flavor = "multi_thread")]
async fn who_was_there_and_who_comes_later_are_answered() {
    let origin = Origin::start().await;
    let places = Places { config: origin.url(), aws: "http://127.0.0.1:9".to_owned() };
    let worker = Worker::start_probe(places.variables("edge")).await;
    let passed_on = || ask(&worker, get("/auth/v1/jwks.json", ""));
    // The second time it is a new instance that panics.
    for _ in 0..2 {
        let (under_way, ()) = tokio::join!(passed_on(), async {
            let waiting = origin.next().await;

            let mut request = get("/probe/panic", "");
            request.headers_mut().insert("x-request-id", "panic-1".parse().unwrap());
            let panicked = ask(&worker, request).await;
            let body: Value = serde_json::from_slice(panicked.body()).unwrap();
            assert_eq!((panicked.status().as_u16(), &body["error"]["code"]), (500, &"INTERNAL_ERROR".into()));
            assert_eq!(panicked.headers()["x-request-id"], "panic-1");

            let (later, ()) = tokio::join!(passed_on(), async { origin.next().await.end(ANSWER).await });
            assert_eq!(later.status(), 200);
            waiting.end(ANSWER).await;
        });
        assert_eq!(under_way.status(), 200, "{under_way:?}");
    }
    let printed = worker.ended().await;
    assert_eq!(printed.matches("asked to").count(), 2, "{printed}");
}
