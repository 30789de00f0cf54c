//! Callers over TLS, well-behaved and not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host_native::{Limits, serve_tls};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use operation::{Body, BoxFuture, Endpoint};
use rcgen::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::server::Mirror;

struct Running {
    address: SocketAddr,
    client: ClientConfig,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

async fn running(limits: Limits) -> Running {
    running_with(Arc::new(Mirror::default()), limits).await
}

async fn running_with(endpoint: Arc<dyn Endpoint>, limits: Limits) -> Running {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let client = client.unwrap().with_root_certificates(roots).with_no_client_auth();
    let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut server = server.with_no_client_auth().with_single_cert(vec![cert.into()], key).unwrap();
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve_tls(endpoint, listener, Arc::new(server), limits, async move { drop(stopped.await) });
    Running { address, client, stop, server: tokio::spawn(serving) }
}

impl Running {
    async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_by(&[]).await
    }

    /// A connection on which these protocols were offered.
    async fn connect_by(&self, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
        let socket = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = self.client.clone();
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsConnector::from(Arc::new(client)).connect(name, socket).await.unwrap()
    }

    /// A connection of HTTP/2, for many requests at once.
    async fn http_2(&self) -> SendRequest<Full<Bytes>> {
        let stream = TokioIo::new(self.connect_by(&[b"h2", b"http/1.1"]).await);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// Everything the server says to these bytes until it ends the connection.
    async fn said(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

/// Waits for the end of a connection, and says what came before it.
async fn end(mut socket: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let _ = socket.read_to_end(&mut said).await;
    said
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_over_tls_is_answered_and_the_address_is_the_callers() {
    let running = running(Limits::default()).await;

    let answer = running.said(REQUEST).await;

    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("127.0.0.1 0"), "{answer}");
}

/// Says what was asked for, of which host, with which cookies and from where.
struct Told;

impl Endpoint for Told {
    fn call(&self, request: Request<Body>) -> BoxFuture<'_, Response<Bytes>> {
        let fields = ["host", "cookie", "x-client-address"].map(|name| {
            let values: Vec<_> = request.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
            values.join("+")
        });
        let told = format!("{} {}", request.uri(), fields.join(" | "));
        Box::pin(async move { Response::new(Bytes::from(told)) })
    }
}

#[tokio::test]
async fn a_request_in_http_2_arrives_as_one_in_http_1() {
    let running = running_with(Arc::new(Told), Limits::default()).await;
    let request = Request::get("https://localhost:1/a%20b?c=1").header("cookie", "d=1").header("cookie", "e=2");
    let request = request.header("x-client-address", "10.0.0.1").body(Full::default()).unwrap();

    let answer = running.http_2().await.send_request(request).await.unwrap();

    assert_eq!(answer.version(), Version::HTTP_2);
    let said = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(said, "/a%20b?c=1 localhost:1 | d=1; e=2 | 127.0.0.1");
}

#[tokio::test]
async fn in_http_2_a_slow_request_keeps_no_other_waiting() {
    let mirror = Arc::new(Mirror::default());
    let running = running_with(Arc::clone(&mirror) as Arc<dyn Endpoint>, Limits::default()).await;
    let mut connection = running.http_2().await;
    let get = |path: &str| Request::get(format!("https://localhost{path}")).body(Full::default()).unwrap();
    let slow = tokio::spawn(connection.send_request(get("/slow")));
    mirror.entered.acquire().await.unwrap().forget();

    assert_eq!(connection.send_request(get("/")).await.unwrap().status(), 200);

    running.stop.send(()).unwrap();
    mirror.leave.add_permits(1);
    assert_eq!(slow.await.unwrap().unwrap().status(), 200, "who was there at the end is answered");
}

#[tokio::test]
async fn in_http_2_a_head_that_is_too_long_or_too_wide_is_refused() {
    let running = running(Limits { header_fields: 10, ..Limits::default() }).await;
    let mut connection = running.http_2().await;
    let long = Request::get("https://localhost/").header("x-long", "x".repeat(40_000));
    let wide = (0..20).fold(Request::get("https://localhost/"), |wide, n| wide.header(format!("x-{n}"), "1"));

    for request in [long, wide] {
        let answer = connection.send_request(request.body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 431);
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_keeps_nobody_waiting() {
    let running = running(Limits::default()).await;
    let mut hanging = Vec::new();
    for begun in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00"].repeat(50) {
        let mut socket = TcpStream::connect(running.address).await.unwrap();
        socket.write_all(begun).await.unwrap();
        hanging.push(socket);
    }

    assert!(running.said(REQUEST).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_handshake_that_hangs_is_hung_up_on() {
    let running = running(Limits { handshake_time: Duration::from_millis(50), ..Limits::default() }).await;

    for begun in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut socket = TcpStream::connect(running.address).await.unwrap();
        socket.write_all(begun).await.unwrap();
        assert_eq!(end(socket).await, b"");
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_does_not_delay_the_end() {
    let running = running(Limits { drain_time: Duration::from_secs(3600), ..Limits::default() }).await;
    let hanging = TcpStream::connect(running.address).await.unwrap();
    // The next connection is only answered after the one before was accepted.
    running.said(REQUEST).await;

    running.stop.send(()).unwrap();

    running.server.await.unwrap();
    assert_eq!(end(hanging).await, b"");
}

#[tokio::test]
async fn http_in_clear_is_told_to_use_https() {
    let running = running(Limits::default()).await;
    let mut socket = TcpStream::connect(running.address).await.unwrap();

    socket.write_all(REQUEST).await.unwrap();

    let answer = String::from_utf8(end(socket).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("HTTPS_REQUIRED"), "{answer}");
}

#[tokio::test]
async fn a_caller_that_never_ends_its_head_or_its_body_is_hung_up_on() {
    let limits =
        Limits { head_time: Duration::from_millis(50), request_time: Duration::from_millis(50), ..Limits::default() };
    let running = running(limits).await;

    for begun in
        [&b""[..], b"GET / HTTP/1.1\r\nhost: x\r\n", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"]
    {
        assert!(!running.said(begun).await.contains("200 OK"));
    }
}

/// Heads on which two readers could disagree where the request ends. Whatever is behind them must not be taken for a
/// second request.
#[tokio::test]
async fn a_request_with_two_ends_is_refused_and_nothing_behind_it_is_answered() {
    let running = running(Limits::default()).await;
    let behind = "0\r\n\r\nGET /behind HTTP/1.1\r\nhost: x\r\n\r\n";

    for fields in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 6\r\n",
        "content-length: +5\r\n",
        "content-length: 5 6\r\n",
        "content-length: 0x5\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: identity\r\n",
        "transfer-encoding : chunked\r\n",
        "transfer-encoding:\r\n chunked\r\n",
        "content-length: 5\r\n content-length: 6\r\n",
    ] {
        let answer = running.said(format!("POST / HTTP/1.1\r\nhost: x\r\n{fields}\r\n{behind}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{fields:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{fields:?}: {answer}");
    }
}

/// RFC 9112, 6.1: the encoding counts, the length does not, and the connection ends.
#[tokio::test]
async fn a_length_beside_chunks_does_not_count() {
    let running = running(Limits::default()).await;
    let request = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\
                   connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /behind HTTP/1.1\r\nhost: x\r\n\r\n";

    let answer = running.said(request.as_bytes()).await;

    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("127.0.0.1 3"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}
