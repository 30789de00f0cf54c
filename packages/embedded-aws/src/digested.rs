//! Compares a body with the digest that was promised for it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};

use crate::router::BoxError;

/// A body that fails at its end when its SHA-256 is another.
pub(crate) struct Digested<B> {
    body: Pin<Box<B>>,
    sha256: Sha256,
    /// In hexadecimal digits.
    promised: String,
    /// Set when it is another.
    broken: Arc<AtomicBool>,
}

impl<B> Digested<B> {
    pub fn new(body: B, promised: String, broken: Arc<AtomicBool>) -> Self {
        Self { body: Box::pin(body), sha256: Sha256::new(), promised, broken }
    }

    fn keeps_promise(&self) -> bool {
        let digits = self.sha256.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        digits.eq_ignore_ascii_case(&self.promised)
    }
}

impl<B> Body for Digested<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.body.as_mut().poll_frame(context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.sha256.update(data);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None if self.keeps_promise() => None,
            None => {
                self.broken.store(true, Ordering::Relaxed);
                Some(Err("the body has another digest than was promised".into()))
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
