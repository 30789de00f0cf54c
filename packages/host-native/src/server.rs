//! HTTP/1.1 on a listener, with limits against callers that want more than an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use operation::{BoxError, CLIENT_ADDRESS, Endpoint};
use tokio::net::{TcpListener, TcpStream};

use crate::lingering::Lingering;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest head of a request (its line and header fields), in bytes; more is a 431.
    pub head_bytes: usize,
    /// The most header fields; more is a 431.
    pub header_fields: usize,
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
    let graceful = GracefulShutdown::new();
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.header_fields);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (socket, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // Out of file descriptors, most likely: give the others time to end.
                    const PAUSE: Duration = Duration::from_millis(20);
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let connection = builder.serve_connection(
            TokioIo::new(ready(socket)),
            service_fn({
                let endpoint = Arc::clone(&endpoint);
                move |request| answer(Arc::clone(&endpoint), request, peer, limits.request_time)
            }),
        );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks off is its caller's to notice.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.drain_time, graceful.shutdown()).await;
}

fn ready(socket: TcpStream) -> TcpStream {
    // An answer is one write; waiting for more only makes it late. Where it cannot be set, it is only slower.
    let _ = socket.set_nodelay(true);
    socket
}

async fn answer(
    endpoint: Arc<dyn Endpoint>,
    mut request: Request<Incoming>,
    peer: SocketAddr,
    time: Duration,
) -> Result<Response<Full<Bytes>>, TookTooLong> {
    if let Ok(address) = HeaderValue::from_str(&peer.ip().to_string()) {
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
