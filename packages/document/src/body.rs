//! The body of a request.

use http::HeaderMap;

use crate::issue::{Issue, Part};
use crate::media::{Media, covers, essence};

/// The body of a request, in each of its media types.
#[derive(Debug)]
pub struct Body {
    /// Whether a request must have one.
    pub required: bool,
    /// Its media types.
    pub content: Vec<Media>,
}

impl Body {
    /// The media type that a `Content-Type` means, the most exact first.
    #[must_use]
    pub fn media(&self, content_type: &str) -> Option<&Media> {
        let name = essence(content_type);
        let exact = self.content.iter().find(|media| media.essence() == name);
        exact.or_else(|| self.content.iter().find(|media| covers(&media.essence(), &name)))
    }

    pub(crate) fn check(&self, headers: &HeaderMap, body: &[u8]) -> Vec<Issue> {
        let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if body.is_empty() && content_type.is_none() {
            let missing = || Issue::new(Part::Body, "", "required", "the request has no body");
            return if self.required { vec![missing()] } else { Vec::new() };
        }
        let given = content_type.unwrap_or_default();
        // Without a Content-Type the only declared one is meant (RFC 9110, 8.3 lets the recipient guess).
        let media = if given.is_empty() { self.content.first() } else { self.media(given) };
        let Some(media) = media else {
            if self.content.is_empty() {
                return Vec::new();
            }
            let names: Vec<&str> = self.content.iter().map(|media| media.name.as_str()).collect();
            let message = format!("`{given}` is not taken; {} is", names.join(", "));
            return vec![Issue::new(Part::Header, "/Content-Type", "contentType", message)];
        };
        if body.is_empty() && self.required {
            return vec![Issue::new(Part::Body, "", "required", "the request's body is empty")];
        }
        if body.is_empty() { Vec::new() } else { media.check(given, body) }
    }
}
