//! HTTP/1.1 on a listener, in clear or over TLS, and HTTP/2 over TLS, with limits against callers that want more than an
//! answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use operation::{BoxError, CLIENT_ADDRESS, Endpoint};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use crate::awake::Awake;
use crate::lingering::Lingering;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest head of a request (its line and header fields), in bytes; more is a 431.
    pub head_bytes: usize,
    /// The most header fields; more is a 431.
    pub header_fields: usize,
    /// How long a caller may take to agree on TLS.
    pub handshake_time: Duration,
    /// How long a caller may take to send the head.
    pub head_time: Duration,
    /// How long it may take to read a body and make the answer; then the connection ends.
    pub request_time: Duration,
    /// How long requests in flight are waited for at the end.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * 1024,
            header_fields: 100,
            handshake_time: Duration::from_secs(10),
            head_time: Duration::from_secs(10),
            request_time: Duration::from_secs(60),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// Answers requests until `shutdown`, then waits for those in flight.
pub async fn serve(
    endpoint: Arc<dyn Endpoint>,
    listener: TcpListener,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    accept(Door::new(endpoint, limits), listener, None, shutdown).await;
}

/// The same over TLS, in HTTP/2 where the two have agreed on it (RFC 7301). Who speaks HTTP in clear is told so.
pub async fn serve_tls(
    endpoint: Arc<dyn Endpoint>,
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    accept(Door::new(endpoint, limits), listener, Some(TlsAcceptor::from(tls)), shutdown).await;
}

async fn accept(door: Door, listener: TcpListener, tls: Option<TlsAcceptor>, shutdown: impl Future<Output = ()>) {
    // Apart from the loop, so that a slow one keeps nobody else waiting; dropped at the end, which cuts them off.
    let mut handshakes = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match (accepted, &tls) {
                (Ok((socket, peer)), None) => door.attend(ready(socket), peer),
                (Ok((socket, peer)), Some(tls)) => {
                    handshakes.spawn(shake_hands(tls.clone(), ready(socket), peer, door.limits.handshake_time));
                }
                (Err(_), _) => {
                    // Out of file descriptors, most likely: give the others time to end.
                    const PAUSE: Duration = Duration::from_millis(20);
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(shaken) = handshakes.join_next() => {
                if let Ok(Some((stream, peer))) = shaken {
                    match stream.get_ref().1.alpn_protocol() {
                        Some(HTTP_2) => door.attend_many(stream, peer),
                        _ => door.attend(stream, peer),
                    }
                }
            }
            () = &mut shutdown => break,
        }
    }
    drop((listener, handshakes));
    let _ = tokio::time::timeout(door.limits.drain_time, door.graceful.shutdown()).await;
}

/// HTTP/2 as the two sides of TLS call it (RFC 9113, 3.2).
const HTTP_2: &[u8] = b"h2";

/// What every connection is given.
struct Door {
    endpoint: Arc<dyn Endpoint>,
    http: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    limits: Limits,
}

impl Door {
    fn new(endpoint: Arc<dyn Endpoint>, limits: Limits) -> Self {
        /// As many as hyper allows by itself; told the number, it makes room for them at each request.
        const HYPERS: usize = 100;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_buf_size(limits.head_bytes);
        if limits.header_fields != HYPERS {
            http.max_headers(limits.header_fields);
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        // Who says nothing for so long is asked, and is gone if that is not answered either.
        http2.timer(TokioTimer::new()).keep_alive_interval(limits.head_time).keep_alive_timeout(limits.head_time);
        http2.max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX));
        Self { endpoint, http, http2, graceful: GracefulShutdown::new(), limits }
    }

    /// Answers what comes on a connection, beside everything else.
    fn attend(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let (endpoint, time) = (Arc::clone(&self.endpoint), self.limits.request_time);
        let client = HeaderValue::try_from(peer.ip().to_string()).ok();
        let service = service_fn(move |request| answer(Arc::clone(&endpoint), request, client.clone(), time));
        let connection = self.graceful.watch(self.http.serve_connection(TokioIo::new(stream), service));
        let connection = Awake::new(connection);
        tokio::spawn(async move {
            // A connection that breaks off is its caller's to notice.
            let _ = connection.await;
        });
    }

    /// The same, where requests share a connection.
    fn attend_many(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let (endpoint, time) = (Arc::clone(&self.endpoint), self.limits.request_time);
        let client = HeaderValue::try_from(peer.ip().to_string()).ok();
        let most = self.limits.header_fields;
        let service = service_fn(move |request: Request<Incoming>| {
            let (endpoint, client) = (Arc::clone(&endpoint), client.clone());
            async move {
                if request.headers().len() > most {
                    let mut refused = Response::new(Full::default());
                    *refused.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                    return Ok(refused);
                }
                answer(endpoint, as_before(request), client, time).await
            }
        });
        let connection = self.graceful.watch(self.http2.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off is its caller's to notice.
            let _ = connection.await;
        });
    }
}

/// A request as HTTP/1.1 writes it: what is asked for is a path, and host and cookies stand in one field each (RFC 9113,
/// 8.2.3 and 8.3.1).
fn as_before(mut request: Request<Incoming>) -> Request<Incoming> {
    let uri = std::mem::take(request.uri_mut()).into_parts();
    *request.uri_mut() = Uri::from(uri.path_and_query.unwrap_or(PathAndQuery::from_static("/")));
    let headers = request.headers_mut();
    if let Some(host) = uri.authority.and_then(|authority| HeaderValue::try_from(authority.as_str()).ok()) {
        headers.insert(header::HOST, host);
    }
    let cookies: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(all) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, all);
    }
    request
}

/// Agrees on TLS, in time or not at all.
async fn shake_hands(
    tls: TlsAcceptor,
    mut socket: TcpStream,
    peer: SocketAddr,
    time: Duration,
) -> Option<(TlsStream<TcpStream>, SocketAddr)> {
    /// The first byte of TLS (RFC 8446, 5.1).
    const HANDSHAKE: u8 = 22;
    let shaking = async {
        let mut first = [HANDSHAKE];
        socket.peek(&mut first).await.ok()?;
        if first != [HANDSHAKE] {
            refuse_clear(&mut socket).await.ok()?;
            return None;
        }
        tls.accept(socket).await.ok()
    };
    let stream = tokio::time::timeout(time, shaking).await.ok()??;
    Some((stream, peer))
}

async fn refuse_clear(socket: &mut TcpStream) -> io::Result<()> {
    const BODY: &str =
        r#"{"error":{"message":"This port answers HTTPS: say https://","code":"HTTPS_REQUIRED","details":{}}}"#;
    // A connection that is closed on unread bytes is reset, and the reset can overtake the answer.
    let mut head = [0; 4096];
    let _ = socket.read(&mut head).await?;
    let length = BODY.len();
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n";
    socket.write_all(format!("{head}content-length: {length}\r\n\r\n{BODY}").as_bytes()).await?;
    socket.shutdown().await
}

fn ready(socket: TcpStream) -> TcpStream {
    // An answer is one write; waiting for more only makes it late. Where it cannot be set, it is only slower.
    let _ = socket.set_nodelay(true);
    socket
}

async fn answer(
    endpoint: Arc<dyn Endpoint>,
    mut request: Request<Incoming>,
    client: Option<HeaderValue>,
    time: Duration,
) -> Result<Response<Full<Bytes>>, TookTooLong> {
    if let Some(address) = client {
        request.headers_mut().insert(CLIENT_ADDRESS, address);
    }
    let expected = request.headers().get(header::EXPECT);
    let waits = expected.is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let request = request.map(|body| Lingering::new(body, waits).map_err(BoxError::from).boxed_unsync());
    match tokio::time::timeout(time, endpoint.call(request)).await {
        Ok(response) => Ok(response.map(Full::new)),
        Err(_) => Err(TookTooLong),
    }
}

/// Ends a connection whose request is not over in time.
#[derive(Debug)]
struct TookTooLong;

impl std::fmt::Display for TookTooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request took too long")
    }
}

impl std::error::Error for TookTooLong {}
