//! A refusal leaves the caller its connection, also when what was sent was not read.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::worker::Worker;
use crate::world::Places;

#[tokio::test(flavor = "multi_thread")]
async fn on_a_connection_with_bodies_that_nobody_reads_every_request_is_answered() {
    let nowhere = "http://127.0.0.1:9".to_owned();
    let worker = Worker::start(Places { config: nowhere.clone(), aws: nowhere }.variables("edge")).await;
    let socket = TcpStream::connect(worker.authority()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);

    for (path, length, status) in
        [("/booking/v1/nothing", 2, 404), ("/booking/v1/summary", 2, 405), ("/nothing", 65_537, 404), ("/", 2, 404)]
    {
        let request = Request::post(path).header("host", worker.authority());
        let request = request.body(Full::new(Bytes::from(vec![b' '; length]))).unwrap();
        sender.ready().await.unwrap_or_else(|error| panic!("before {path}: {error}"));
        let answer = sender.send_request(request).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(answer.status(), status, "{path}");
        answer.into_body().collect().await.unwrap();
    }
}
