//! Callers over TCP, well-behaved and not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host_native::{Limits, serve};
use http::{Request, Response};
use http_body_util::BodyExt;
use operation::{Body, BoxFuture, Endpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

/// Answers with what it got: the caller's address and the length of the body. Waits for a permit on `/slow`, and reads
/// no body on `/deaf`.
pub struct Mirror {
    pub entered: Semaphore,
    pub leave: Semaphore,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { entered: Semaphore::new(0), leave: Semaphore::new(0) }
    }
}

impl Endpoint for Mirror {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            if request.uri().path() == "/slow" {
                self.entered.add_permits(1);
                self.leave.acquire().await.unwrap().forget();
            }
            if request.uri().path() == "/deaf" {
                return Response::new(Bytes::from_static(b"not wanted"));
            }
            let client = request.headers().get_all("x-client-address").iter().map(|v| v.to_str().unwrap().to_owned());
            let client: Vec<_> = client.collect();
            let length = request.into_body().collect().await.map(|body| body.to_bytes().len());
            Response::new(Bytes::from(format!("{} {}", client.join("+"), length.unwrap_or_default())))
        })
    }
}

struct Running {
    address: SocketAddr,
    mirror: Arc<Mirror>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

async fn running(limits: Limits) -> Running {
    let mirror = Arc::new(Mirror::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let endpoint: Arc<dyn Endpoint> = mirror.clone();
    let server = tokio::spawn(serve(endpoint, listener, limits, async move { drop(stopped.await) }));
    Running { address, mirror, stop, server }
}

/// Everything the server says to these bytes until it ends the connection.
async fn said(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // A server that has seen enough may end the connection before everything is written.
    let _ = socket.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_address_of_the_caller_is_the_connections_whatever_the_caller_says() {
    let running = running(Limits::default()).await;

    let answer = said(
        running.address,
        b"GET / HTTP/1.1\r\nhost: x\r\nx-client-address: 6.6.6.6\r\nX-Client-Address: 7.7.7.7\r\nconnection: close\r\n\r\n",
    )
    .await;

    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("127.0.0.1 0"), "{answer}");
}

#[tokio::test]
async fn a_head_or_a_path_that_is_too_long_or_too_many_fields_are_a_431() {
    let running = running(Limits::default()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(64 * 1024));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x-field: 1\r\n".repeat(101));

    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(64 * 1024));

    for head in [long, many, path] {
        let answer = said(running.address, head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_http_are_a_400() {
    let running = running(Limits::default()).await;

    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad name: x\r\n\r\n",
    ] {
        let answer = said(running.address, bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn a_caller_that_never_ends_its_head_is_hung_up_on() {
    let running = running(Limits { head_time: Duration::from_millis(50), ..Limits::default() }).await;

    let answer = said(running.address, b"GET / HTTP/1.1\r\nhost: x\r\n").await;

    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn a_caller_that_never_ends_its_body_is_hung_up_on() {
    let running = running(Limits { request_time: Duration::from_millis(50), ..Limits::default() }).await;

    let answer = said(running.address, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await;

    assert_eq!(answer, "");
}

#[tokio::test]
async fn a_caller_who_sends_a_body_that_nobody_wants_still_gets_the_answer() {
    let running = running(Limits::default()).await;
    const LENGTH: usize = 8 * 1024 * 1024;
    let head = format!("POST /deaf HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {LENGTH}\r\n\r\n");
    let mut socket = TcpStream::connect(running.address).await.unwrap();

    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![b'x'; LENGTH]).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();

    assert!(answer.ends_with("not wanted"), "{answer}");
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_server_ends() {
    let running = running(Limits::default()).await;
    let request = b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let caller = tokio::spawn(async move { said(running.address, request).await });
    running.mirror.entered.acquire().await.unwrap().forget();

    running.stop.send(()).unwrap();
    running.mirror.leave.add_permits(1);

    assert!(caller.await.unwrap().starts_with("HTTP/1.1 200 OK"));
    running.server.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let running = running(Limits { drain_time: Duration::from_millis(50), ..Limits::default() }).await;
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    socket.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    running.mirror.entered.acquire().await.unwrap().forget();

    running.stop.send(()).unwrap();

    running.server.await.unwrap();
}
