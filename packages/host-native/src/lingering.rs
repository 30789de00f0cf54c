//! A request's body that is read on for a while after an answer that did not want the rest of it: a connection that is
//! closed on unread bytes is reset, and the reset can overtake the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// The most that is read and thrown away, in bytes.
const MOST: usize = 16 * 1024 * 1024;
/// How long the rest may take.
const TIME: Duration = Duration::from_secs(2);

/// A body from a connection.
pub(crate) struct Lingering {
    body: Option<Incoming>,
    /// The caller waits for leave to send it; it is given with the first look at the body.
    waits: bool,
}

impl Lingering {
    pub fn new(body: Incoming, waits: bool) -> Self {
        Self { body: Some(body), waits }
    }
}

impl Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        this.waits = false;
        match &mut this.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        // Without a runtime there is no connection any more either.
        if !self.waits
            && !self.is_end_stream()
            && let Some(body) = self.body.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(tokio::time::timeout(TIME, discard(body)));
        }
    }
}

async fn discard(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MOST {
            return;
        }
    }
}
