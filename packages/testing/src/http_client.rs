//! One HTTP exchange on a connection of its own.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Sends a request whose URI is a path to an origin like `http://127.0.0.1:4200`, and reads the whole answer.
pub async fn send(origin: &str, mut request: Request<Bytes>) -> Response<Bytes> {
    let authority = origin.trim_start_matches("http://");
    request.headers_mut().insert(header::HOST, authority.parse().expect("an authority"));
    let socket = TcpStream::connect(authority).await.unwrap_or_else(|error| panic!("{origin}: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.expect("a connection");
    tokio::spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await;
    let (head, body) = answer.unwrap_or_else(|error| panic!("{origin} broke off: {error:?}")).into_parts();
    let body = body.collect().await.unwrap_or_else(|error| panic!("{origin} broke off: {error:?}"));
    Response::from_parts(head, body.to_bytes())
}
