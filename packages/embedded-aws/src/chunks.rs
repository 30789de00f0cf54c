//! Takes the signatures out of a body that comes in signed chunks.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};

use crate::router::BoxError;

/// The longest line between the data, in bytes: the size of a chunk with its signature, or a trailer.
const LONGEST_LINE: usize = 4096;

/// A body in chunks of which each may be signed, as one in chunks of which none is.
pub(crate) struct Unsigned<B> {
    body: Pin<Box<B>>,
    /// What has come of the line that is being read.
    line: BytesMut,
    /// How much of a chunk, with its line end, is still to come.
    data: usize,
    /// Whether the last chunk has come, so that only trailers follow.
    last: bool,
    /// Set when the body cannot be read.
    broken: Arc<AtomicBool>,
}

impl<B> Unsigned<B> {
    pub fn new(body: B, broken: Arc<AtomicBool>) -> Self {
        Self { body: Box::pin(body), line: BytesMut::new(), data: 0, last: false, broken }
    }

    fn strip(&mut self, mut input: Bytes) -> Result<Bytes, BoxError> {
        let mut output = BytesMut::with_capacity(input.len());
        while !input.is_empty() {
            if self.data > 0 {
                let data = input.split_to(self.data.min(input.len()));
                self.data -= data.len();
                output.extend_from_slice(&data);
                continue;
            }
            let end = input.iter().position(|byte| *byte == b'\n').map_or(input.len(), |at| at + 1);
            self.line.extend_from_slice(&input.split_to(end));
            if self.line.len() > LONGEST_LINE {
                return Err("a line between the chunks is too long".into());
            }
            if self.line.ends_with(b"\n") {
                let line = self.line.split();
                self.line(&line, &mut output)?;
            }
        }
        Ok(output.freeze())
    }

    fn line(&mut self, line: &[u8], output: &mut BytesMut) -> Result<(), BoxError> {
        const SIGNATURE: &[u8] = b"x-amz-trailer-signature:";
        if self.last {
            let signs = line.get(..SIGNATURE.len()).is_some_and(|name| name.eq_ignore_ascii_case(SIGNATURE));
            output.extend_from_slice(if signs { b"" } else { line });
            return Ok(());
        }
        let digits = line.split(|byte| matches!(byte, b';' | b'\r' | b'\n')).next().unwrap_or_default();
        let size = u32::from_str_radix(std::str::from_utf8(digits)?, 16)?;
        output.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        self.last = size == 0;
        self.data = if self.last { 0 } else { usize::try_from(size)?.saturating_add(2) };
        Ok(())
    }

    /// What is left when the body has ended.
    fn rest(&mut self) -> Result<Bytes, BoxError> {
        if !self.last {
            return Err("the body ended before its last chunk".into());
        }
        let (line, mut output) = (self.line.split(), BytesMut::new());
        self.line(&line, &mut output)?;
        Ok(output.freeze())
    }
}

impl<B> Body for Unsigned<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let stripped = match ready!(self.body.as_mut().poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.strip(data),
                    Err(_) => continue,
                },
                Some(Err(error)) => Err(error.into()),
                None => match self.rest() {
                    Ok(rest) if rest.is_empty() => return Poll::Ready(None),
                    rest => rest,
                },
            };
            self.broken.fetch_or(stripped.is_err(), Ordering::Relaxed);
            match stripped {
                Ok(data) if data.is_empty() => {}
                stripped => return Poll::Ready(Some(stripped.map(Frame::data))),
            }
        }
    }
}
