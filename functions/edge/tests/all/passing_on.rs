//! What the Worker does not run goes to its service, and nothing else goes anywhere.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::conversation::ask;
use crate::origin::Origin;
use crate::worker::Worker;
use crate::world::{Places, get, post};

const LOG_IN: &str = "/auth/v1/login";

async fn worker(services: &str) -> Worker {
    Worker::start(Places { config: services.to_owned(), aws: "http://127.0.0.1:9".to_owned() }.variables("edge")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_arrives_as_it_came_but_for_what_belongs_to_its_connection() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;
    let body = json!({ "email": "a@acme.example", "password": "రైలు" });
    let mut request = post(&format!("{LOG_IN}?a=%20b&c"), "", &body);
    for (name, value) in [
        ("x-request-id", "here-1"),
        ("te", "trailers"),
        ("x-client-address", "192.0.2.1"),
        ("cookie", "a=1"),
        ("user-agent", "test"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }

    let (answer, ()) = tokio::join!(ask(&worker, request), async {
        let waiting = origin.next().await;
        let came = &waiting.request;
        assert_eq!((came.method(), came.uri().to_string()), (&Method::POST, format!("{LOG_IN}?a=%20b&c")));
        assert_eq!(serde_json::from_slice::<Value>(came.body()).unwrap(), body);
        for (name, value) in [("content-type", "application/json"), ("x-request-id", "here-1"), ("cookie", "a=1")] {
            assert_eq!(came.headers()[name], value);
        }
        assert_eq!(came.headers()["content-length"], body.to_string().len().to_string(), "the length is known");
        assert!(!came.headers().contains_key("x-client-address") && !came.headers().contains_key("te"), "{came:?}");
        let answer = "HTTP/1.1 401 Unauthorized\r\nconnection: close, x-hop\r\nx-hop: 1\r\nx-request-id: here-1\r\n\
                      www-authenticate: Bearer\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        waiting.end(answer).await;
    });

    assert_eq!(answer.status(), 401);
    assert_eq!(answer.body(), "{}");
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_eq!(answer.headers()["x-request-id"], "here-1");
    assert!(!answer.headers().contains_key("x-hop"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_an_answer() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;

    let (answer, ()) = tokio::join!(ask(&worker, get("/auth/v1/oauth/authorize", "")), async {
        let answer = "HTTP/1.1 302 Found\r\nlocation: https://app.example/?code=1\r\nconnection: close\r\n\
                      content-length: 0\r\n\r\n";
        origin.next().await.end(answer).await;
    });

    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].as_bytes()),
        (302, &b"https://app.example/?code=1"[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_runtime_cannot_give_is_a_bad_gateway() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;

    for status in ["101 Switching Protocols", "199 Odd", "600 Odd", "999 Odd"] {
        let (answer, ()) = tokio::join!(ask(&worker, get("/auth/v1/jwks.json", "")), async {
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
            origin.next().await.end(&answer).await;
        });
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!((answer.status().as_u16(), &body["error"]["code"]), (502, &"BAD_GATEWAY".into()), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_has_no_body_is_passed_back_without_one() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;

    for status in [204, 205, 304] {
        let (answer, ()) = tokio::join!(ask(&worker, get("/auth/v1/jwks.json", "")), async {
            let length = if status == 205 { "content-length: 0\r\n" } else { "" };
            let answer =
                format!("HTTP/1.1 {status} Empty\r\nconnection: close\r\n{length}x-request-id: here-1\r\n\r\n");
            origin.next().await.end(&answer).await;
        });
        assert_eq!((answer.status().as_u16(), answer.body().len()), (status, 0));
        assert_eq!(answer.headers()["x-request-id"], "here-1", "it is the origin's");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_passed_back_while_it_still_comes() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;
    let socket = TcpStream::connect(worker.authority()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::get("/auth/v1/jwks.json").header("host", worker.authority()).body(Empty::<Bytes>::new()).unwrap();

    let (answer, mut waiting) = tokio::join!(sender.send_request(request), async {
        let mut waiting = origin.next().await;
        waiting
            .say("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n{\"first\":1,")
            .await;
        waiting
    });
    let mut answer = answer.unwrap();
    let first = answer.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    // The rest is sent only now.
    waiting.say("\"second\":").await;
    waiting.end("2}").await;
    let rest = answer.body_mut().collect().await.unwrap().to_bytes();

    assert_eq!([first, rest].concat(), br#"{"first":1,"second":2}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_is_a_bad_gateway() {
    let worker = worker("http://127.0.0.1:9").await;
    let mut request = post(LOG_IN, "", &json!({}));
    request.headers_mut().insert("x-request-id", "away-1".parse().unwrap());

    let answer = ask(&worker, request).await;

    refused(&answer, 502, "BAD_GATEWAY");
    assert_eq!(answer.headers()["x-request-id"], "away-1");
    let printed = worker.ended().await;
    assert!(printed.contains("POST /auth/v1/login was passed on to auth in vain"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_silent_is_a_gateway_time_out() {
    let origin = Origin::start().await;
    let worker = worker(&origin.url()).await;

    let (answer, _waiting) = tokio::join!(ask(&worker, get("/auth/v1/jwks.json", "")), origin.next());

    refused(&answer, 504, "GATEWAY_TIMEOUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_declared_goes_nowhere() {
    // Whatever went there would be answered 502.
    let worker = worker("http://127.0.0.1:9").await;

    for path in ["/auth/v1/nothing", "/auth", "/_messages", "/auth/v1/login/", "//auth/v1/login", "/auth/v1/users/%FF"]
    {
        refused(&ask(&worker, get(path, "")).await, 404, "NOT_FOUND");
    }
    let answer = ask(&worker, get(LOG_IN, "")).await;
    refused(&answer, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.headers()["allow"], "OPTIONS, POST");
}

fn refused(answer: &Response<Bytes>, status: u16, code: &str) {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    assert_eq!((answer.status().as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{answer:?}");
    assert!(answer.headers().contains_key("x-request-id") && answer.headers().contains_key("x-frame-options"));
}
