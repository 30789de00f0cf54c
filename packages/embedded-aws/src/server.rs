//! The protocols on one loopback port.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::endpoint::is_loopback;
use crate::router::Router;

/// How long requests under way may still take once the server is to stop. A long poll is cut off: it took nothing yet.
const GRACE: Duration = Duration::from_secs(1);

/// How often items are looked for whose time to live has passed. DynamoDB itself promises a few days.
const SWEEP: Duration = Duration::from_secs(60);

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);

pub(crate) async fn serve(
    router: Arc<Router>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "{address} can be reached from other machines, and every credential is accepted: listen on 127.0.0.1"
            ),
        ));
    }
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut sweep = tokio::time::interval(SWEEP);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(connection(Arc::clone(&router), socket, stopping.clone()));
                }
                // Out of descriptors, or a client that gave up: neither ends the server, and neither may spin it.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            _ = sweep.tick() => {
                let router = Arc::clone(&router);
                tokio::spawn(async move { router.dynamodb.sweep().await });
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stop);
    let all = async { while connections.join_next().await.is_some() {} };
    // What is not done by then is cut off when the set is dropped.
    let _ = tokio::time::timeout(GRACE, all).await;
    Ok(())
}

async fn connection(router: Arc<Router>, socket: TcpStream, mut stopping: watch::Receiver<()>) {
    let _ = socket.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = Arc::clone(&router);
        async move { Ok::<_, Infallible>(answer(&router, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    // A connection that breaks is its client's to notice.
    tokio::select! {
        _ = &mut connection => {}
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Answers, unless the request was made for another host: a web page whose name was pointed at this machine.
async fn answer(router: &Router, request: Request<Incoming>) -> Response<Body> {
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
    if authority.is_some_and(|authority| is_loopback(authority.host())) {
        return router.answer(request, None).await;
    }
    let mut refusal = Response::new(Body::from(
        "This host is not served here: use http://127.0.0.1 or http://localhost with this port.\n".to_owned(),
    ));
    *refusal.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    refusal
}
