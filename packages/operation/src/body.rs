//! Request bodies as streams, read to a limit and no further.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use service_errors::{Error, Kind};

/// Any error of a body's source.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request body: a stream of bytes, so that no host holds more of it than the operation allows.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is already whole.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Reads the whole body; over `limit` bytes it stops at once with 413. A body that breaks off is a 400.
pub async fn read(mut body: Body, limit: usize) -> Result<Bytes, Error> {
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Error::new(Kind::InvalidJson).with_message("The body broke off.").with_details(serde_json::json!({
                "reason": error.to_string()
            }))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        let held = whole.len() + first.as_ref().map_or(0, Bytes::len);
        if held + data.len() > limit {
            return Err(too_large(limit));
        }
        // One frame is the usual case and is not copied.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(before) => {
                whole.extend_from_slice(&before);
                whole.extend_from_slice(&data);
            }
        }
        // A source that knows its length need not be asked for the end.
        if body.is_end_stream() {
            break;
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

pub(crate) fn too_large(limit: usize) -> Error {
    Error::new(Kind::PayloadTooLarge).with_details(serde_json::json!({ "limitBytes": limit }))
}
