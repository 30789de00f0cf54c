//! An origin whose answers a test gives one by one, as bytes.

use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{listen, origin};

/// It answers nothing by itself.
pub struct Origin {
    listener: TcpListener,
}

/// A request that waits for its answer.
pub struct Waiting {
    socket: TcpStream,
    /// The request as it came; a body in chunks is put together.
    pub request: Request<Vec<u8>>,
}

impl Origin {
    pub async fn start() -> Self {
        Self { listener: listen().await }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        origin(&self.listener)
    }

    /// The next request, which comes on a connection of its own.
    pub async fn next(&self) -> Waiting {
        let (mut socket, _) = self.listener.accept().await.expect("a connection");
        let mut bytes = Vec::new();
        loop {
            if let Some(request) = whole(&bytes) {
                return Waiting { socket, request };
            }
            let read = socket.read_buf(&mut bytes).await.expect("a request");
            assert_ne!(read, 0, "the request ends early: {}", String::from_utf8_lossy(&bytes));
        }
    }
}

impl Waiting {
    /// Sends a part of the answer.
    pub async fn say(&mut self, part: &str) {
        self.socket.write_all(part.as_bytes()).await.expect("somebody who listens");
    }

    /// Sends the last part of the answer.
    pub async fn end(mut self, part: &str) {
        self.say(part).await;
        self.socket.shutdown().await.expect("an end");
    }
}

/// The request, if all of it is there.
fn whole(bytes: &[u8]) -> Option<Request<Vec<u8>>> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let mut request = Request::builder().method(first.next()?).uri(first.next()?);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    let mut request = request.body(Vec::new()).expect("a request");
    let field = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = match (field("content-length"), field("transfer-encoding")) {
        (Some(length), _) => {
            let length: usize = length.parse().expect("a length");
            (body.len() >= length).then(|| body.to_owned())?
        }
        (None, Some(_)) => {
            body.ends_with("0\r\n\r\n").then_some(())?;
            body.split("\r\n").skip(1).step_by(2).collect()
        }
        (None, None) => String::new(),
    };
    *request.body_mut() = body.into_bytes();
    Some(request)
}
